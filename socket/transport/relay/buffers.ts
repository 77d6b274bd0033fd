/**
 * Bytes and records that wait, in the order in which they came.
 *
 * The proxy keeps here what its user has not read yet, and the stub what the
 * proxy has not consumed yet. They are bounded by those who fill them.
 *
 * @module
 */

import type { Message } from "../transport.ts";

/** Bytes in the chunks that they came in. */
export class ByteQueue {
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  /** How many bytes of the first chunk are gone. */
  #start = 0;
  #length = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  /** Adds bytes, which belong to the queue from now on. */
  push(bytes: Uint8Array<ArrayBuffer>): void {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }

  /** Puts bytes in front of all others. */
  unshift(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.length === 0) return;
    const rest = this.drain();
    this.push(bytes);
    if (rest.length > 0) this.push(rest);
  }

  /** Up to `count` bytes in an array of their own; they stay. */
  peek(count: number): Uint8Array<ArrayBuffer> {
    const target = new Uint8Array(Math.min(count, this.#length));
    this.copy(target);
    return target;
  }

  /** Takes up to `count` bytes. */
  take(count: number): Uint8Array<ArrayBuffer> {
    const first = this.#chunks[0];
    // The array is given away as it came: nobody else has it.
    if (first && this.#start === 0 && this.#fits(first.length, count)) {
      this.skip(first.length);
      return first;
    }
    const bytes = this.peek(count);
    this.skip(bytes.length);
    return bytes;
  }

  /** A first chunk of that length is all that can be taken. */
  #fits(length: number, count: number): boolean {
    return length === count || length < count && length === this.#length;
  }

  /** Copies up to as many bytes as fit into `target`; how many. They stay. */
  copy(target: Uint8Array): number {
    let at = 0;
    let start = this.#start;
    for (const chunk of this.#chunks) {
      if (at === target.length) break;
      const part = chunk.subarray(start, start + target.length - at);
      target.set(part, at);
      at += part.length;
      start = 0;
    }
    return at;
  }

  /** Gives up the first `count` bytes, or all if there are fewer. */
  skip(count: number): void {
    count = Math.min(count, this.#length);
    this.#length -= count;
    this.#start += count;
    let whole = 0;
    for (const { length } of this.#chunks) {
      if (length > this.#start) break;
      this.#start -= length;
      whole++;
    }
    if (whole > 0) this.#chunks.splice(0, whole);
  }

  /** Takes all bytes. */
  drain(): Uint8Array<ArrayBuffer> {
    const bytes = this.peek(this.#length);
    this.skip(this.#length);
    return bytes;
  }
}

/** A buffer that is empty keeps no more memory than this, in bytes. */
const KEPT = 128 * 1024;

/** Bytes that are received in place, and given up from the front. */
export class ByteBuffer {
  #buffer = new Uint8Array(0);
  #start = 0;
  #end = 0;

  /** How many bytes there are. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Room for `count` bytes behind those that there are. */
  reserve(count: number): Uint8Array<ArrayBuffer> {
    if (this.#end + count > this.#buffer.length) this.#makeRoom(count);
    return this.#buffer.subarray(this.#end, this.#end + count);
  }

  #makeRoom(count: number): void {
    const { length } = this;
    const bytes = this.#buffer.subarray(this.#start, this.#end);
    // Bytes that are moved leave as much room as they take, at least.
    if (2 * (length + count) > this.#buffer.length) {
      this.#buffer = new Uint8Array(2 * (length + count));
    }
    this.#buffer.set(bytes);
    this.#start = 0;
    this.#end = length;
  }

  /** Keeps the first `count` bytes of what was reserved. */
  commit(count: number): void {
    this.#end += count;
  }

  /** Gives up the first `count` bytes. */
  skip(count: number): void {
    this.#start += Math.min(count, this.length);
    if (this.#start < this.#end) return;
    this.#start = this.#end = 0;
    if (this.#buffer.length > KEPT) this.#buffer = new Uint8Array(0);
  }

  /** Takes all bytes. */
  drain(): Uint8Array<ArrayBuffer> {
    const bytes = this.#buffer.slice(this.#start, this.#end);
    this.skip(bytes.length);
    return bytes;
  }
}

/** Records, each with the size that it counts for. */
export class RecordQueue {
  #records: [message: Message, size: number][] = [];

  /** How many records wait. */
  get length(): number {
    return this.#records.length;
  }

  /** The first one, which stays. */
  get first(): Message | undefined {
    return this.#records[0]?.[0];
  }

  /** Adds a record. */
  push(message: Message, size: number): void {
    this.#records.push([message, size]);
  }

  /** Puts records in front of all others; they count for nothing. */
  unshift(messages: readonly Message[]): void {
    const front = messages.map((each): [Message, number] => [each, 0]);
    this.#records.unshift(...front);
  }

  /** The records that were put back. */
  get putBack(): Message[] {
    return this.#records.filter(([, size]) => size === 0).map(([each]) => each);
  }

  /** Gives up the first record; its size. */
  shift(): number {
    return this.#records.shift()?.[1] ?? 0;
  }

  /** Gives up the first records, of `size` in all. */
  skip(size: number): void {
    while (size > 0 && this.#records.length > 0) size -= this.shift();
  }

  /** Takes all records. */
  drain(): Message[] {
    return this.#records.splice(0).map(([message]) => message);
  }
}
