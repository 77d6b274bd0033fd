/**
 * Values on their way to another thread: what structured clone takes, with
 * sockets and other movable objects at any depth.
 *
 * Only values with movable objects are packed; all others go as they are.
 *
 * @module
 */

import { kind } from "../bytes.ts";
import { OSError } from "../errors.ts";
import {
  arrive,
  type Movable,
  type ThreadLink,
  transfer,
  type TransferRecord,
} from "./transfer.ts";
import { Contents, isPlain } from "./inspect.ts";
import { PLACE, Place } from "./text.ts";

/** How a movable object is sent. */
type Sent = readonly [kind: string, message: unknown];

/**
 * A value as it is sent. A place stands for each movable object, and is found
 * by its identity, which structured clone keeps, or by its form in a text.
 */
export type Packed =
  | readonly [body: unknown]
  | readonly [body: unknown, sent: Sent[], places: object[] | null];

/** One value being packed. */
export class Packing {
  readonly #link: ThreadLink;
  readonly #records = new Map<
    Movable,
    { place: Place; record: TransferRecord }
  >();

  constructor(link: ThreadLink) {
    this.#link = link;
  }

  /** Packs a value that was inspected, and changes nothing. */
  packAll(
    { value, movables, text }: Contents,
  ): { packed: Packed; text: boolean } {
    for (const [object, path] of movables) {
      try {
        this.pack(object);
      } catch (cause) {
        throw located(cause, path, object);
      }
    }
    const body = copyOf(value, (object) => this.#records.get(object)?.place);
    const all = [...this.#records.values()];
    const sent = all.map(({ record }): Sent => [record.kind, record.message]);
    if (text && new Contents(sent, "").text) {
      return { packed: [body, sent, null], text };
    }
    const places = all.map(({ place }) => place);
    return { packed: [body, sent, places], text: false };
  }

  /** Packs a movable object, unless it was before. */
  pack(object: Movable): Place {
    const known = this.#records.get(object);
    if (known) return known.place;
    const record = object[transfer](this.#link);
    const place = new Place(this.#records.size);
    this.#records.set(object, { place, record });
    return place;
  }

  /** The objects that are transferred rather than copied. */
  get transferables(): Transferable[] {
    return [...this.#records.values()].flatMap(({ record }) =>
      record.transferables ?? []
    );
  }

  /** Lets go of all that is sent. */
  send(): void {
    for (const { record } of this.#records.values()) record.send?.();
  }
}

/** The error with the path of the object that can't be packed. */
function located(cause: unknown, path: string, object: object): unknown {
  if (cause instanceof TypeError) {
    const message = `${path}: ${kind(object)} ${cause.message}`;
    return new TypeError(message, { cause });
  }
  if (cause instanceof OSError && cause.errno !== null) {
    return new OSError(cause.errno, `${path}: ${cause.strerror}`, { cause });
  }
  return cause;
}

/** Copies the containers of a value, with other objects for some. */
export function copyOf(
  value: unknown,
  replace: (object: Movable) => object | undefined,
): unknown {
  const copies = new Map<object, object>();
  return copy(value);

  function copy(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    return replace(value as Movable) ?? copies.get(value) ?? copyInto(value);
  }

  function copyInto(value: object): object {
    if (value instanceof Map) {
      const map = begin(value, new Map());
      for (const [key, part] of value) map.set(copy(key), copy(part));
      return map;
    }
    if (value instanceof Set) {
      const set = begin(value, new Set());
      for (const part of value) set.add(copy(part));
      return set;
    }
    if (!Array.isArray(value) && !isPlain(value)) return value;
    const parts = value as Record<string, unknown>;
    const target: Record<string, unknown> = begin(
      value,
      Array.isArray(value) ? new Array(value.length) : {},
    );
    for (const key of Object.keys(value)) put(target, key, copy(parts[key]));
    return target;
  }

  function begin<T extends object>(value: object, copy: T): T {
    copies.set(value, copy);
    return copy;
  }
}

function put(
  object: Record<string, unknown>,
  key: string,
  value: unknown,
): void {
  if (key !== "__proto__") object[key] = value;
  else {
    // Assigning would set the prototype.
    Object.defineProperty(object, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}

/** One value that is made anew from its message. */
export class Unpacking {
  readonly #link: ThreadLink;
  readonly #sent: readonly Sent[];
  /** The number of each place; `null` if it came as text. */
  readonly #places: ReadonlyMap<object, number> | null;
  readonly #objects: (object | null | undefined)[] = [];
  readonly #seen = new Set<object>();
  /** The first error of an object that couldn't be made. */
  failure: { readonly error: unknown } | null = null;

  constructor([, sent = [], places = null]: Packed, link: ThreadLink) {
    this.#link = link;
    this.#sent = sent;
    this.#places = places && new Map(places.map((place, i) => [place, i]));
  }

  /** The value with all objects in it; `null` stands for one that failed. */
  unpackAll(body: unknown): unknown {
    for (const i of this.#sent.keys()) {
      try {
        this.#make(i);
      } catch (error) {
        this.#objects[i] = null;
        this.failure ??= { error };
      }
    }
    return this.#restore(body);
  }

  /** The object that belongs in a place. */
  unpack(place: object): object | null {
    return this.#make(this.#numberOf(place)!);
  }

  #make(number: number): object | null {
    const known = this.#objects[number];
    if (known !== undefined) return known;
    const [kind, message] = this.#sent[number]!;
    return this.#objects[number] = arrive(kind, message, this.#link);
  }

  #numberOf(object: object): number | undefined {
    if (this.#places) return this.#places.get(object);
    return (object as { [PLACE]?: number })[PLACE];
  }

  #restore(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    const number = this.#numberOf(value);
    if (number !== undefined) return this.#make(number);
    if (this.#seen.has(value)) return value;
    this.#seen.add(value);
    if (value instanceof Map) {
      const entries = [...value];
      value.clear();
      for (const [key, part] of entries) {
        value.set(this.#restore(key), this.#restore(part));
      }
    } else if (value instanceof Set) {
      const members = [...value];
      value.clear();
      for (const part of members) value.add(this.#restore(part));
    } else if (Array.isArray(value) || isPlain(value)) {
      const parts = value as Record<string, unknown>;
      for (const key of Object.keys(parts)) {
        const restored = this.#restore(parts[key]);
        if (restored !== parts[key]) put(parts, key, restored);
      }
    }
    return value;
  }
}
