/**
 * Bytes that wait, in the order in which they came. Flow control bounds them.
 *
 * @module
 */

import { concat } from "../../bytes.ts";

/** A buffer that is empty keeps no more memory than this, in bytes. */
const KEPT = 128 * 1024;

const NONE = new Uint8Array(0);

/** Bytes that are added at the end and taken from the front. */
export class ByteBuffer {
  #buffer: Uint8Array<ArrayBuffer> = NONE;
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

  /** Adds a copy of bytes. */
  push(bytes: Uint8Array): void {
    this.reserve(bytes.length).set(bytes);
    this.commit(bytes.length);
  }

  /** Puts bytes in front of all others. */
  unshift(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.length > 0) this.push(concat([bytes, this.take(this.length)]));
  }

  /** Up to `count` bytes in an array of their own; they stay. */
  peek(count: number): Uint8Array<ArrayBuffer> {
    const end = Math.min(this.#start + count, this.#end);
    return this.#buffer.slice(this.#start, end);
  }

  /** Copies up to as many bytes as fit into `target`; how many. They stay. */
  copy(target: Uint8Array): number {
    const count = Math.min(target.length, this.length);
    target.set(this.#buffer.subarray(this.#start, this.#start + count));
    return count;
  }

  /** Gives up the first `count` bytes, or all if there are fewer. */
  skip(count: number): void {
    this.#start += Math.min(count, this.length);
    if (this.#start < this.#end) return;
    this.#start = this.#end = 0;
    if (this.#buffer.length > KEPT) this.#buffer = NONE;
  }

  /** Takes up to `count` bytes. */
  take(count: number): Uint8Array<ArrayBuffer> {
    const bytes = this.peek(count);
    this.skip(bytes.length);
    return bytes;
  }
}
