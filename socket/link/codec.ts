/**
 * Values as bytes: the payloads of records.
 *
 * The arguments of most threads are no more than a socket and a number, and the
 * items of most queues are as small. One walk that writes them down costs a
 * fraction of a message of the runtime. What it doesn't know, or is too long,
 * goes as such a message.
 *
 * @module
 */

import { isPlain } from "./inspect.ts";
import { type Movable, transfer } from "./transfer.ts";

/** More bytes, or more objects, are no cheaper than a message. */
const LONGEST = 16 * 1024;
const MOST_OBJECTS = 1024;
/** The longest head of a part, in bytes: a tag and a number. */
const HEAD = 9;

/** Up to this length, in bytes, and so many, strings are sent only once. */
const LONGEST_KNOWN = 256;
const MOST_KNOWN = 255;
/** In place of the number of a string that has none. */
const UNNUMBERED = 255;

enum Tag {
  Null,
  Undefined,
  False,
  True,
  /** A number, as an integer of 32 bits. */
  Int,
  /** A number, as 64 bits. */
  Float,
  /** A length of 16 bits, the number from now on in a byte, and UTF-8. */
  String,
  /** A string by its number, a byte. */
  KnownString,
  /** A length of 16 bits, and the elements. */
  Array,
  /** A length of 16 bits, and keys and values in turns. */
  Object,
  /** A number of 16 bits. */
  Placeholder,
}

/** Takes the place of a movable object in a value. */
export class Placeholder {
  readonly number: number;

  /** The placeholders of one value are numbered from 0. */
  constructor(number: number) {
    this.number = number;
  }
}

type Container = Record<string | number, unknown>;

/** Writes values for the {@linkcode Decoder} of the other thread. */
export class Encoder {
  readonly #bytes = new Uint8Array(LONGEST + HEAD);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #text = new TextEncoder();
  #length = 0;
  /** The numbers of the strings that the other end knows. */
  readonly #known = new Map<string, number>();
  /** Those that it doesn't know before the bytes are sent. */
  readonly #learned: string[] = [];
  /** The containers that were met: each may be there once only. */
  readonly #seen = new Set<object>();
  #place: ((object: Movable) => number) | null = null;
  #busy = false;

  /**
   * The bytes of the values that a function writes with {@linkcode write};
   * `null` if it returns `false`. They are valid until the next call, and once
   * they are sent, {@linkcode commit} has to be called.
   */
  encode(writeAll: () => boolean): Uint8Array<ArrayBuffer> | null {
    // A getter of a value sends something itself.
    if (this.#busy) return null;
    this.#forget();
    this.#busy = true;
    this.#length = 0;
    try {
      return writeAll() ? this.#bytes.subarray(0, this.#length) : null;
    } finally {
      this.#busy = false;
      // Nothing of the value stays in memory.
      this.#place = null;
      if (this.#seen.size > 0) this.#seen.clear();
    }
  }

  /** To be called when the bytes were sent. */
  commit(): void {
    this.#learned.length = 0;
  }

  /**
   * Forgets what was not sent. Not done where that fails, as the stack may have
   * no room left there.
   */
  #forget(): void {
    for (const text of this.#learned) this.#known.delete(text);
    this.#learned.length = 0;
    if (this.#seen.size > 0) this.#seen.clear();
  }

  /**
   * Writes a value.
   *
   * @param place Gives the movable objects in it their numbers. Without it the
   * value is a message that has placeholders already.
   * @returns Whether the other end gets what structured clone would make of it.
   */
  write(
    value: unknown,
    place: ((object: Movable) => number) | null = null,
  ): boolean {
    this.#place = place;
    return this.#write(value);
  }

  #write(value: unknown): boolean {
    if (this.#length > LONGEST) return false;
    switch (typeof value) {
      case "number":
        return this.#writeNumber(value);
      case "string":
        return this.#writeString(value);
      case "boolean":
        return this.#writeTag(value ? Tag.True : Tag.False);
      case "undefined":
        return this.#writeTag(Tag.Undefined);
      case "object":
        if (value === null) return this.#writeTag(Tag.Null);
        return this.#writeObject(value);
      default:
        return false;
    }
  }

  #writeTag(tag: Tag): true {
    this.#bytes[this.#length++] = tag;
    return true;
  }

  /** Writes a tag and a number of 16 bits. */
  #writeHead(tag: Tag, number: number): boolean {
    if (number > 0xffff) return false;
    this.#bytes[this.#length] = tag;
    this.#view.setUint16(this.#length + 1, number);
    this.#length += 3;
    return true;
  }

  #writeNumber(value: number): true {
    // -0 is equal to 0.
    if (value === (value | 0) && (value !== 0 || 1 / value > 0)) {
      this.#bytes[this.#length] = Tag.Int;
      this.#view.setInt32(this.#length + 1, value);
      this.#length += 5;
    } else {
      this.#bytes[this.#length] = Tag.Float;
      this.#view.setFloat64(this.#length + 1, value);
      this.#length += 9;
    }
    return true;
  }

  #writeString(text: string): boolean {
    const number = this.#known.get(text);
    if (number !== undefined) {
      this.#bytes[this.#length] = Tag.KnownString;
      this.#bytes[this.#length + 1] = number;
      this.#length += 2;
      return true;
    }
    // UTF-8 has no lone surrogates.
    if (text.length > LONGEST || !text.isWellFormed()) return false;
    const head = this.#length;
    const { read, written } = this.#text.encodeInto(
      text,
      this.#bytes.subarray(head + 4),
    );
    if (read < text.length) return false;
    this.#writeHead(Tag.String, written);
    this.#bytes[head + 3] = this.#learn(text, written);
    this.#length = head + 4 + written;
    return true;
  }

  /** The number by which a string goes from now on. */
  #learn(text: string, size: number): number {
    const number = this.#known.size;
    if (size > LONGEST_KNOWN || number >= MOST_KNOWN) return UNNUMBERED;
    // In this order: the stack may have no room left for the second call.
    this.#learned.push(text);
    this.#known.set(text, number);
    return number;
  }

  #writeObject(value: object): boolean {
    const place = this.#place;
    if (place === null) {
      if (value instanceof Placeholder) {
        return this.#writeHead(Tag.Placeholder, value.number);
      }
    } else if (transfer in value) {
      return this.#writeHead(Tag.Placeholder, place(value as Movable));
    }
    const seen = this.#seen;
    if (seen.has(value) || seen.size === MOST_OBJECTS) return false;
    seen.add(value);
    if (Array.isArray(value)) return this.#writeArray(value);
    return Object.getPrototypeOf(value) === Object.prototype &&
      isPlain(value) && this.#writeRecord(value as Container);
  }

  #writeArray(array: unknown[]): boolean {
    const { length } = array;
    // It may have holes, or other properties than its elements.
    if (Object.keys(array).length !== length) return false;
    if (!this.#writeHead(Tag.Array, length)) return false;
    for (let index = 0; index < length; index++) {
      const element = array[index];
      if (element === undefined && !(index in array)) return false;
      if (!this.#write(element)) return false;
    }
    return true;
  }

  #writeRecord(record: Container): boolean {
    const keys = Object.keys(record);
    if (!this.#writeHead(Tag.Object, keys.length)) return false;
    for (const key of keys) {
      if (this.#length > LONGEST || !this.#writeString(key)) return false;
      const value = record[key];
      // A getter may have deleted it.
      if (value === undefined && !Object.hasOwn(record, key)) return false;
      if (!this.#write(value)) return false;
    }
    return true;
  }
}

/** Reads what the {@linkcode Encoder} of the other thread has written. */
export class Decoder {
  readonly #bytes = new Uint8Array(LONGEST + HEAD);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #text = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #known: string[] = [];
  #at = 0;
  #end = 0;
  #places: Place[] = [];

  /** Has the next values read from such bytes. */
  begin(bytes: Uint8Array): void {
    this.#bytes.set(bytes);
    this.#at = 0;
    this.#end = bytes.length;
  }

  /** Whether there is another value. */
  get more(): boolean {
    return this.#at < this.#end;
  }

  /** The next value, with placeholders. */
  value(): unknown {
    this.#places = [];
    return this.#read();
  }

  /** The next value, and where in it the placeholders are. */
  read(): Decoded {
    const places = this.#places = [];
    const holder: unknown[] = [];
    this.#readInto(holder as unknown as Container, 0);
    return { holder, places };
  }

  #readInto(target: Container, key: string | number): void {
    const value = this.#read();
    setOwn(target, key, value);
    if (value instanceof Placeholder) {
      this.#places.push({ target, key, number: value.number });
    }
  }

  #read(): unknown {
    const tag: Tag = this.#bytes[this.#take(1)]!;
    switch (tag) {
      case Tag.Null:
        return null;
      case Tag.Undefined:
        return undefined;
      case Tag.False:
        return false;
      case Tag.True:
        return true;
      case Tag.Int:
        return this.#view.getInt32(this.#take(4));
      case Tag.Float:
        return this.#view.getFloat64(this.#take(8));
      case Tag.Array:
        return this.#readArray();
      case Tag.Object:
        return this.#readRecord();
      case Tag.Placeholder:
        return new Placeholder(this.#readHead());
      default:
        return this.#readString(tag);
    }
  }

  /** Where the next bytes are, which the caller reads. */
  #take(count: number): number {
    const from = this.#at;
    this.#at += count;
    return from;
  }

  #readHead(): number {
    return this.#view.getUint16(this.#take(2));
  }

  #readString(tag: Tag): string {
    if (tag === Tag.KnownString) {
      return this.#known[this.#bytes[this.#take(1)]!]!;
    }
    const length = this.#readHead();
    const number = this.#bytes[this.#take(1)]!;
    const from = this.#take(length);
    const text = this.#text.decode(this.#bytes.subarray(from, from + length));
    if (number !== UNNUMBERED) this.#known[number] = text;
    return text;
  }

  #readArray(): unknown[] {
    const array: unknown[] = [];
    const length = this.#readHead();
    for (let index = 0; index < length; index++) {
      this.#readInto(array as unknown as Container, index);
    }
    return array;
  }

  #readRecord(): Container {
    const record: Container = {};
    for (let rest = this.#readHead(); rest > 0; rest--) {
      const tag: Tag = this.#bytes[this.#take(1)]!;
      this.#readInto(record, this.#readString(tag));
    }
    return record;
  }
}

/**
 * Sets a property of the object's own. Where the prototype has the key, assigning
 * calls its setter, as with `__proto__`, and fails if the prototype is frozen.
 */
export function setOwn(
  target: Container,
  key: string | number,
  value: unknown,
): void {
  if (key in target) {
    const flags = { enumerable: true, configurable: true, writable: true };
    Object.defineProperty(target, key, { ...flags, value });
  } else target[key] = value;
}

/** A value that was read. */
export interface Decoded {
  /** An array of the value alone, which may be a placeholder itself. */
  readonly holder: readonly unknown[];
  readonly places: readonly Place[];
}

/** Where a placeholder is. */
export interface Place {
  readonly target: Container;
  readonly key: string | number;
  readonly number: number;
}
