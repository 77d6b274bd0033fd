/**
 * Values on their way to another thread: what structured clone takes, with
 * sockets and other movable objects at any depth.
 *
 * @module
 */

import { kind } from "../socket/bytes.ts";
import { OSError } from "../socket/errors.ts";
import { IOBase } from "../socket/file/base.ts";
import {
  arrive,
  type Movable,
  type Parcel,
  transfer,
  type Way,
} from "../socket/transfer.ts";
import {
  inspect,
  isAtom,
  isPlain,
  placeOfElement,
  placeOfEntry,
  placeOfKey,
  placeOfMember,
  placeOfProperty,
  refuse,
} from "./inspect.ts";
import { Place } from "./text.ts";

/**
 * A value as it is sent. Another object stands in the place of each movable
 * one: structured clone keeps it apart from all others.
 */
export interface Packed {
  readonly body: unknown;
  readonly parcels: [place: object, kind: string, message: unknown][];
}

type Containers = Map<object, object>;

/** One value being packed. */
export class Packing {
  readonly #way: Way;
  readonly #parcels = new Map<Movable, [place: object, parcel: Parcel]>();
  readonly #seen: Containers = new Map();
  /** What is sent. */
  readonly packed: Packed;

  /**
   * Packs a value, and changes nothing.
   *
   * @param name What its path begins with.
   * @param begun Is given the packing before it begins.
   * @throws {TypeError} For what can't go.
   */
  constructor(
    value: unknown,
    name: string,
    way: Way,
    begun: (packing: Packing) => void,
  ) {
    this.#way = way;
    begun(this);
    const body = this.#copy(value, name);
    this.packed = {
      body,
      parcels: [...this.#parcels.values()].map((
        [place, { kind, message }],
      ) => [place, kind, message]),
    };
  }

  /** What is transferred rather than copied. */
  get transferables(): Transferable[] {
    return [...this.#parcels.values()].flatMap(([, { transferables }]) =>
      transferables ?? []
    );
  }

  /** Lets go of all that is sent. */
  send(): void {
    for (const [, parcel] of this.#parcels.values()) parcel.send?.();
  }

  /** Packs a movable object. */
  pack(object: Movable): object {
    const known = this.#parcels.get(object);
    if (known) return known[0];
    const parcel = object[transfer](this.#way);
    const place = new Place(this.#parcels.size);
    this.#parcels.set(object, [place, parcel]);
    return place;
  }

  #copy(value: unknown, path: string): unknown {
    if (isAtom(value)) return value;
    if (typeof value !== "object" || value === null) refuse(value, path);
    if (transfer in value) return this.#packAt(value as Movable, path);
    const seen = this.#seen.get(value);
    if (seen) return seen;
    if (Array.isArray(value)) return this.#copyArray(value, path);
    if (value instanceof Map) return this.#copyMap(value, path);
    if (value instanceof Set) return this.#copySet(value, path);
    if (isPlain(value)) return this.#copyObject(value, path);
    // Structured clone goes into it, and wouldn't know what moves.
    inspect(value, path);
    return value;
  }

  #packAt(object: Movable, path: string): object {
    try {
      return this.pack(object);
    } catch (cause) {
      if (cause instanceof TypeError) {
        const message = `${path}: ${kind(object)} ${cause.message}`;
        throw new TypeError(message, { cause });
      }
      if (cause instanceof OSError && cause.errno !== null) {
        const words = `${path}: ${cause.strerror}`;
        throw new OSError(cause.errno, words, { cause });
      }
      throw cause;
    }
  }

  #copyArray(array: unknown[], path: string): unknown[] {
    const copy: unknown[] = new Array(array.length);
    this.#seen.set(array, copy);
    for (const key of Object.keys(array)) {
      const i = key as unknown as number;
      const part = array[i];
      copy[i] = isAtom(part)
        ? part
        : this.#copy(part, placeOfElement(path, key));
    }
    return copy;
  }

  #copyMap(map: Map<unknown, unknown>, path: string): Map<unknown, unknown> {
    const copy = new Map<unknown, unknown>();
    this.#seen.set(map, copy);
    for (const [key, value] of map) {
      copy.set(
        this.#copy(key, placeOfKey(path)),
        this.#copy(value, placeOfEntry(path, key)),
      );
    }
    return copy;
  }

  #copySet(set: Set<unknown>, path: string): Set<unknown> {
    const copy = new Set<unknown>();
    this.#seen.set(set, copy);
    for (const value of set) copy.add(this.#copy(value, placeOfMember(path)));
    return copy;
  }

  #copyObject(object: object, path: string): object {
    if (object instanceof IOBase) refuse(object, path);
    const copy: Record<string, unknown> = {};
    this.#seen.set(object, copy);
    for (const [key, value] of Object.entries(object)) {
      const copied = isAtom(value)
        ? value
        : this.#copy(value, placeOfProperty(path, key));
      // Assigning to this one would set the prototype.
      if (key === "__proto__") Object.defineProperty(copy, key, own(copied));
      else copy[key] = copied;
    }
    return copy;
  }
}

function own(value: unknown): PropertyDescriptor {
  return { value, enumerable: true, configurable: true, writable: true };
}

/** Where in a value there is something that can't be cloned. */
export function culprit(value: unknown, path: string): string | null {
  try {
    inspect(value, path);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** One value that is made anew from its message. */
export class Unpacking {
  readonly #way: Way;
  readonly #parcels = new Map<object, [kind: string, message: unknown]>();
  readonly #alive = new Map<object, object | null>();
  readonly #seen = new Set<object>();
  /** Why something stays dead, the first of it. */
  failure: { readonly error: unknown } | null = null;

  constructor({ parcels }: Packed, way: Way) {
    this.#way = way;
    for (const [place, kind, message] of parcels) {
      this.#parcels.set(place, [kind, message]);
    }
  }

  /** Brings all objects to life; `null` stands for one that fails to. */
  unpackAll(): void {
    for (const place of this.#parcels.keys()) {
      try {
        this.unpack(place);
      } catch (error) {
        this.#alive.set(place, null);
        this.failure ??= { error };
      }
    }
  }

  /** The object that belongs in a place. */
  unpack(place: object): object | null {
    let object = this.#alive.get(place);
    if (object === undefined) {
      const [kind, message] = this.#parcels.get(place)!;
      object = arrive(kind, message, this.#way);
      this.#alive.set(place, object);
    }
    return object;
  }

  /** Puts all objects in their places. */
  restore(value: unknown): unknown {
    if (this.#parcels.size === 0) return value;
    if (typeof value !== "object" || value === null) return value;
    if (this.#parcels.has(value)) return this.unpack(value);
    if (this.#seen.has(value)) return value;
    this.#seen.add(value);
    if (Array.isArray(value)) {
      for (const i in value) value[i] = this.restore(value[i]);
    } else if (value instanceof Map) {
      const entries = [...value];
      value.clear();
      for (const [key, each] of entries) {
        value.set(this.restore(key), this.restore(each));
      }
    } else if (value instanceof Set) {
      const members = [...value];
      value.clear();
      for (const each of members) value.add(this.restore(each));
    } else if (isPlain(value)) {
      const object = value as Record<string, unknown>;
      for (const key of Object.keys(object)) {
        const restored = this.restore(object[key]);
        if (restored !== object[key]) object[key] = restored;
      }
    }
    return value;
  }
}
