/**
 * The buffer of a file that is read.
 *
 * @module
 */

import { traced } from "../stack.ts";
import { Lock } from "./lock.ts";

/** Where the bytes come from; `null` if nothing has come. */
export interface Readable {
  /** Reads into a buffer; how many bytes, 0 at the end. */
  readinto(buffer: Uint8Array<ArrayBuffer>): Promise<number | null>;
}

const LF = 10;

const NONE = new Uint8Array(0);

/**
 * Bytes read ahead.
 *
 * Follows CPython's `BufferedReader`, but a call that fails leaves what it has
 * read in the buffer.
 */
export class ReadBuffer {
  readonly #raw: Readable;
  readonly #size: number;
  readonly #filled: () => void;
  readonly #lock = new Lock();
  /** The bytes from `#start` to `#end` are unread. */
  #buffer: Uint8Array<ArrayBuffer> = NONE;
  #start = 0;
  #end = 0;

  /**
   * @param size What is read at once, in bytes.
   * @param filled Called when something was read ahead.
   */
  constructor(raw: Readable, size: number, filled: () => void) {
    this.#raw = raw;
    this.#size = size;
    this.#filled = filled;
  }

  /** How many bytes can be taken without waiting. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Up to `count` bytes, less at the end or if more would have to be waited for. */
  read(count: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#run(async () => {
      if (count > Math.max(this.#size, this.length)) {
        return await this.#readLarge(count);
      }
      let more: number | null = 1;
      while (this.length < count && more) more = await this.#more();
      return this.#takeOr(more, count);
    });
  }

  async #readLarge(count: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const target = new Uint8Array(count);
    const have = await this.#readInto(target, false);
    return have === null ? null : target.subarray(0, have);
  }

  /** Everything up to the end, or until more would have to be waited for. */
  readAll(): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#run(async () => {
      let more: number | null = 1;
      while (more) more = await this.#more();
      return this.#takeOr(more);
    });
  }

  /** What there is, or `count` bytes of one read; `null` if nothing has come. */
  read1(count = this.#size): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#run(async () => {
      if (this.length > 0 || count === 0) return this.#take(count);
      const target = new Uint8Array(count);
      const read = await this.#raw.readinto(target);
      return read === null ? null : target.subarray(0, read);
    });
  }

  /** What there is, or what one read brings; it stays in place. */
  peek(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#run(async () => {
      if (this.length === 0) await this.#more();
      return this.#buffer.slice(this.#start, this.#end);
    });
  }

  /** Fills `target`, or with `once` what one read brings. */
  readInto(
    target: Uint8Array<ArrayBuffer>,
    once: boolean,
  ): Promise<number | null> {
    return this.#run(() => this.#readInto(target, once));
  }

  async #readInto(
    target: Uint8Array<ArrayBuffer>,
    once: boolean,
  ): Promise<number | null> {
    let count = this.#drain(target);
    try {
      while (count < target.length && !(once && count > 0)) {
        const rest = target.subarray(count);
        // What is as large as the buffer gains nothing from going through it.
        const direct = rest.length > this.#size;
        const read = direct
          ? await this.#raw.readinto(rest)
          : await this.#more();
        if (read === null && count === 0) return null;
        if (!read) break;
        count += direct ? read : this.#drain(rest);
      }
    } catch (error) {
      this.#restore(target.subarray(0, count));
      throw error;
    }
    return count;
  }

  /** A line of at most `limit` bytes, or what there is of it. */
  readLine(limit: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#run(async () => {
      let searched = 0;
      for (;;) {
        const { length } = this;
        const at = this.#buffer.indexOf(LF, this.#start + searched);
        const end = at === -1 || at >= this.#end ? 0 : at + 1 - this.#start;
        if (end > 0 || length >= limit) {
          return this.#take(Math.min(end || limit, limit));
        }
        searched = length;
        if (!await this.#more()) return this.#take(length);
      }
    });
  }

  async #run<T>(operation: () => Promise<T>): Promise<T> {
    return await this.#lock.run(async () => {
      try {
        return await operation();
      } catch (error) {
        throw traced(error);
      } finally {
        this.#filled();
      }
    });
  }

  /** Reads once more behind what there is; as `readinto()` does. */
  async #more(): Promise<number | null> {
    const { length } = this;
    if (length === 0) {
      this.#start = this.#end = 0;
      // What one long line took is given back.
      if (this.#buffer.length !== this.#size) {
        this.#buffer = new Uint8Array(this.#size);
      }
    } else if (this.#end === this.#buffer.length) {
      const space = Math.max(this.#size, 2 * length);
      const kept = this.#buffer.subarray(this.#start, this.#end);
      if (space !== this.#buffer.length) this.#buffer = new Uint8Array(space);
      this.#buffer.set(kept);
      this.#start = 0;
      this.#end = length;
    }
    const count = await this.#raw.readinto(this.#buffer.subarray(this.#end));
    if (count) this.#end += count;
    return count;
  }

  #take(count: number): Uint8Array<ArrayBuffer> {
    const end = Math.min(this.#start + count, this.#end);
    const taken = this.#buffer.slice(this.#start, end);
    this.#start = end;
    return taken;
  }

  /** What there is; `null` if that is nothing because nothing has come. */
  #takeOr(
    last: number | null,
    count = Infinity,
  ): Uint8Array<ArrayBuffer> | null {
    return last === null && this.length === 0 ? null : this.#take(count);
  }

  /** Moves what there is into `target`; how much. */
  #drain(target: Uint8Array<ArrayBuffer>): number {
    const end = Math.min(this.#start + target.length, this.#end);
    const moved = this.#buffer.subarray(this.#start, end);
    target.set(moved);
    this.#start = end;
    return moved.length;
  }

  /** Takes back what was moved out of the buffer, which is empty. */
  #restore(bytes: Uint8Array<ArrayBuffer>): void {
    this.#buffer = bytes.slice();
    this.#start = 0;
    this.#end = bytes.length;
  }
}
