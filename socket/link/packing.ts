/**
 * Packing values for another thread: any value that structured clone takes,
 * with sockets and other movable objects at any depth.
 *
 * Each movable object gets a placeholder in the value. What it is made from at
 * the other end comes behind the value, in the order of the placeholders.
 *
 * @module
 */

import { kind } from "../bytes.ts";
import { OSError } from "../errors.ts";
import { type Decoder, type Encoder, Placeholder, setOwn } from "./codec.ts";
import { Inspection, isWhole } from "./inspect.ts";
import {
  arrive,
  type Movable,
  type ThreadLink,
  transfer,
  type TransferRecord,
} from "./transfer.ts";

type Sent = readonly [kind: string, message: unknown];

/**
 * A value as a message of the runtime. Structured clone keeps the identity of
 * the placeholders, by which they are found.
 */
export type Packed =
  | readonly [body: unknown]
  | readonly [body: unknown, sent: Sent[], placeholders: object[]];

/** One value being packed. Nothing changes before {@linkcode send}. */
export class Packing {
  readonly #link: ThreadLink;
  readonly #value: unknown;
  readonly #name: string;
  #inspection: Inspection | null = null;
  readonly #placeholders = new Map<Movable, Placeholder>();
  /** By the numbers of the placeholders. */
  readonly #records: TransferRecord[] = [];

  /**
   * @param value The value, or its inspection.
   * @param name The name of the value in error messages.
   */
  constructor(link: ThreadLink, value: unknown, name: string) {
    this.#link = link;
    this.#name = name;
    if (value instanceof Inspection) this.#inspection = value;
    this.#value = value instanceof Inspection ? value.value : value;
  }

  /**
   * The topic and the packed value as bytes, for an {@linkcode Unpacking};
   * `null` if only {@linkcode packAll} can pack it.
   */
  encode(encoder: Encoder, topic: string): Uint8Array<ArrayBuffer> | null {
    return encoder.encode(() =>
      encoder.write(topic) && encoder.write(this.#value, this.#number) &&
      this.#encodeRecords(encoder)
    );
  }

  #encodeRecords(encoder: Encoder): boolean {
    let number = 0;
    for (const object of this.#placeholders.keys()) {
      const { kind, message, transferables } = this.#record(object, number++);
      if (transferables || !encoder.write(kind) || !encoder.write(message)) {
        return false;
      }
    }
    return true;
  }

  readonly #number = (object: Movable): number => this.#place(object).number;

  /**
   * Packs the value.
   *
   * @throws {TypeError} With the path of a part that can't be sent.
   */
  packAll(): Packed {
    const inspection = this.#inspected;
    for (const object of inspection.movables.keys()) this.#place(object);
    if (this.#placeholders.size === 0) return [this.#value];
    const sent: Sent[] = [];
    for (const object of this.#placeholders.keys()) {
      const { kind, message } = this.#record(object, sent.length);
      sent.push([kind, message]);
    }
    const body = copyOf(
      this.#value,
      (object) => this.#placeholders.get(object as Movable),
    );
    return [body, sent, [...this.#placeholders.values()]];
  }

  get #inspected(): Inspection {
    return this.#inspection ??= new Inspection(this.#value, this.#name);
  }

  #place(object: Movable): Placeholder {
    let placeholder = this.#placeholders.get(object);
    if (!placeholder) {
      placeholder = new Placeholder(this.#placeholders.size);
      this.#placeholders.set(object, placeholder);
    }
    return placeholder;
  }

  #record(object: Movable, number: number): TransferRecord {
    const known = this.#records[number];
    if (known) return known;
    try {
      return this.#records[number] = object[transfer](this.#link);
    } catch (cause) {
      throw withPath(cause, this.#inspected.movables.get(object), object);
    }
  }

  /** Packs an object that is a part of the one being packed. */
  pack(object: Movable): Placeholder {
    const known = this.#placeholders.get(object);
    if (known) return known;
    const record = object[transfer](this.#link);
    const placeholder = this.#place(object);
    this.#records[placeholder.number] = record;
    return placeholder;
  }

  get transferables(): Transferable[] {
    return this.#records.flatMap(({ transferables = [] }) => transferables);
  }

  send(): void {
    for (const record of this.#records) record.send?.();
  }

  cancel(): void {
    // Where packing failed, numbers are left out.
    this.#records.forEach((record) => record?.cancel?.());
  }
}

/** The error with the path of the object that can't be packed. */
function withPath(
  cause: unknown,
  path: string | undefined,
  object: object,
): unknown {
  // A getter has given another object meanwhile.
  if (path === undefined) return cause;
  if (cause instanceof TypeError) {
    const message = `${path}: ${kind(object)} ${cause.message}`;
    return new TypeError(message, { cause });
  }
  if (cause instanceof OSError && cause.errno !== null) {
    return new OSError(cause.errno, `${path}: ${cause.strerror}`, { cause });
  }
  return cause;
}

/** One value being made anew from its message. */
export class Unpacking {
  readonly #link: ThreadLink;
  readonly #sent: readonly Sent[];
  readonly #numberOf: (placeholder: object) => number | undefined;
  readonly #fill: (objects: readonly (object | null)[]) => unknown;
  readonly #objects: (object | null)[] = [];
  /** The first error of an object that couldn't be made. */
  failure: { readonly error: unknown } | null = null;

  /**
   * @param fill Puts the objects, by their numbers, in their places, and returns
   * the value.
   */
  private constructor(
    link: ThreadLink,
    sent: readonly Sent[],
    numberOf: (placeholder: object) => number | undefined,
    fill: (objects: readonly (object | null)[]) => unknown,
  ) {
    this.#link = link;
    this.#sent = sent;
    this.#numberOf = numberOf;
    this.#fill = fill;
  }

  /** Of a message of the runtime. */
  static of(
    link: ThreadLink,
    [body, sent = [], placeholders = []]: Packed,
  ): Unpacking {
    const numbers = new Map(placeholders.map((each, i) => [each, i]));
    const numberOf = (object: object) => numbers.get(object);
    return new Unpacking(link, sent, numberOf, (objects) => {
      if (sent.length === 0) return body;
      return copyOf(body, (object) => objects[numberOf(object)!]);
    });
  }

  /** Of the bytes of {@linkcode Packing.prototype.encode}, behind the topic. */
  static decode(link: ThreadLink, decoder: Decoder): Unpacking {
    const { holder, places } = decoder.read();
    const sent: Sent[] = [];
    while (decoder.more) {
      const kind = decoder.value() as string;
      sent.push([kind, decoder.value()]);
    }
    return new Unpacking(link, sent, numberIn, (objects) => {
      for (const { target, key, number } of places) {
        target[key] = objects[number];
      }
      return holder[0];
    });
  }

  /** The value with all its objects; `null` in place of one that failed. */
  unpackAll(): unknown {
    for (let number = 0; number < this.#sent.length; number++) {
      try {
        this.#make(number);
      } catch (error) {
        this.#objects[number] = null;
        this.failure ??= { error };
      }
    }
    return this.#fill(this.#objects);
  }

  /** The object that a part of the one being unpacked stands for. */
  unpack(placeholder: object): object | null {
    return this.#make(this.#numberOf(placeholder)!);
  }

  #make(number: number): object | null {
    const made = this.#objects[number];
    if (made !== undefined) return made;
    const [kind, message] = this.#sent[number]!;
    return this.#objects[number] = arrive(kind, message, this.#link);
  }
}

function numberIn(placeholder: object): number {
  return (placeholder as Placeholder).number;
}

/** Copies the containers of a value, and replaces some of its objects. */
export function copyOf(
  value: unknown,
  replace: (object: object) => object | null | undefined,
): unknown {
  const copies = new Map<object, object>();
  return copy(value);

  function copy(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    const replacement = replace(value);
    if (replacement !== undefined) return replacement;
    return copies.get(value) ?? copyInto(value);
  }

  function copyInto(value: object): object {
    if (isWhole(value)) return value;
    if (value instanceof Map) {
      const map = new Map();
      copies.set(value, map);
      for (const [key, part] of value) map.set(copy(key), copy(part));
      return map;
    }
    if (value instanceof Set) {
      const set = new Set();
      copies.set(value, set);
      for (const part of value) set.add(copy(part));
      return set;
    }
    const parts = value as Record<string, unknown>;
    const target: Record<string, unknown> = Array.isArray(value)
      ? new Array(value.length) as never
      : {};
    copies.set(value, target);
    for (const key of Object.keys(value)) {
      setOwn(target, key, copy(parts[key]));
    }
    return target;
  }
}
