/**
 * Packing values for another thread: any value that structured clone takes,
 * with sockets and other movable objects at any depth.
 *
 * Only values with movable objects are packed; all others are sent as they are.
 *
 * @module
 */

import { kind } from "../bytes.ts";
import { OSError } from "../errors.ts";
import { Inspection, isWhole, PLACEHOLDER, Placeholder } from "./inspect.ts";
import {
  arrive,
  type Movable,
  type ThreadLink,
  transfer,
  type TransferRecord,
} from "./transfer.ts";

type Sent = readonly [kind: string, message: unknown];

/**
 * A value as it is sent, with placeholders for movable objects. Structured
 * clone keeps their identity, by which they are found; in JSON (`placeholders`
 * is `null`) they have a form of their own.
 */
export type Packed =
  | readonly [body: unknown]
  | readonly [body: unknown, sent: Sent[], placeholders: object[] | null];

/** One value being packed. Nothing changes before {@linkcode send}. */
export class Packing {
  readonly #link: ThreadLink;
  readonly #records = new Map<
    Movable,
    { placeholder: Placeholder; record: TransferRecord }
  >();

  constructor(link: ThreadLink) {
    this.#link = link;
  }

  /** Packs an inspected value; `isJson` says whether JSON keeps the result. */
  packAll(
    { value, movables, isJson }: Inspection,
  ): { packed: Packed; isJson: boolean } {
    for (const [object, path] of movables) {
      try {
        this.pack(object);
      } catch (cause) {
        throw withPath(cause, path, object);
      }
    }
    const body = copyOf(
      value,
      (object) => this.#records.get(object as Movable)?.placeholder,
    );
    const all = [...this.#records.values()];
    const sent = all.map(({ record }): Sent => [record.kind, record.message]);
    if (isJson && new Inspection(sent, "").isJson) {
      return { packed: [body, sent, null], isJson };
    }
    const placeholders = all.map(({ placeholder }) => placeholder);
    return { packed: [body, sent, placeholders], isJson: false };
  }

  /** Packs a movable object, unless it was packed before. */
  pack(object: Movable): Placeholder {
    const known = this.#records.get(object);
    if (known) return known.placeholder;
    const record = object[transfer](this.#link);
    const placeholder = new Placeholder(this.#records.size);
    this.#records.set(object, { placeholder, record });
    return placeholder;
  }

  get transferables(): Transferable[] {
    return [...this.#records.values()].flatMap(({ record }) =>
      record.transferables ?? []
    );
  }

  send(): void {
    for (const { record } of this.#records.values()) record.send?.();
  }

  cancel(): void {
    for (const { record } of this.#records.values()) record.cancel?.();
  }
}

/** The error with the path of the object that can't be packed. */
function withPath(cause: unknown, path: string, object: object): unknown {
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
  /** The number of each placeholder; `null` if the value came as JSON. */
  readonly #numbers: ReadonlyMap<object, number> | null;
  readonly #objects: (object | null)[] = [];
  /** The first error of an object that couldn't be made. */
  failure: { readonly error: unknown } | null = null;

  constructor([, sent = [], placeholders = null]: Packed, link: ThreadLink) {
    this.#link = link;
    this.#sent = sent;
    this.#numbers = placeholders && new Map(placeholders.map((o, i) => [o, i]));
  }

  /** The value with all its objects; `null` in place of one that failed. */
  unpackAll(body: unknown): unknown {
    for (const number of this.#sent.keys()) {
      try {
        this.#make(number);
      } catch (error) {
        this.#objects[number] = null;
        this.failure ??= { error };
      }
    }
    return copyOf(body, (object) => this.#objects[this.#numberOf(object)!]);
  }

  unpack(placeholder: object): object | null {
    return this.#make(this.#numberOf(placeholder)!);
  }

  #make(number: number): object | null {
    const made = this.#objects[number];
    if (made !== undefined) return made;
    const [kind, message] = this.#sent[number]!;
    return this.#objects[number] = arrive(kind, message, this.#link);
  }

  #numberOf(object: object): number | undefined {
    if (this.#numbers) return this.#numbers.get(object);
    return (object as { [PLACEHOLDER]?: number })[PLACEHOLDER];
  }
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
      const part = copy(parts[key]);
      if (key !== "__proto__") target[key] = part;
      // Assigning would set the prototype.
      else Object.defineProperty(target, key, { ...DATA, value: part });
    }
    return target;
  }
}

const DATA = { enumerable: true, configurable: true, writable: true };
