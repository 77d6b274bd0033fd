/**
 * The buffer of a file that is written.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import { BlockingIOError } from "../errors.ts";
import { traced } from "../stack.ts";
import { Lock } from "./lock.ts";

/** Where the bytes go. */
export interface Writable {
  /** Writes the front of `data`; how many bytes, `null` if nothing would go. */
  write(data: Uint8Array<ArrayBuffer>): Promise<number | null>;
}

const NONE = new Uint8Array(0);

/** Bytes that are still to be written. Follows CPython's `BufferedWriter`. */
export class WriteBuffer {
  readonly #raw: Writable;
  readonly #size: number;
  readonly #lock = new Lock();
  /** The bytes from `#start` to `#end` are to be written. */
  #buffer: Uint8Array<ArrayBuffer> = NONE;
  #start = 0;
  #end = 0;

  /** @param size No more than this is kept, in bytes. */
  constructor(raw: Writable, size: number) {
    this.#raw = raw;
    this.#size = size;
  }

  /** Nothing is to be written, and nobody is about to. */
  get idle(): boolean {
    return this.#start === this.#end && !this.#lock.held;
  }

  /** Keeps `data`, or writes what there is no room for. */
  write(data: Uint8Array<ArrayBuffer>): Promise<number> {
    return this.#run(() =>
      data.length > this.#size - this.#end
        ? this.#write(data)
        : this.#keep(data)
    );
  }

  /** Writes everything. */
  flush(): Promise<void> {
    return this.#run(() => this.#flush());
  }

  #run<T>(operation: () => T | Promise<T>): Promise<T> {
    return this.#lock.run(async () => {
      try {
        return await operation();
      } catch (error) {
        throw traced(error);
      }
    });
  }

  async #write(data: Uint8Array<ArrayBuffer>): Promise<number> {
    try {
      await this.#flush();
    } catch (error) {
      if (!(error instanceof BlockingIOError)) throw error;
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
      const kept = this.#keep(data);
      if (kept < data.length) throw blocked(kept);
      return kept;
    }
    let written = 0;
    while (data.length - written > this.#size) {
      const rest = data.subarray(written);
      const count = await this.#raw.write(rest);
      if (count === null) throw blocked(written + this.#keep(rest));
      written += count;
    }
    return written + this.#keep(data.subarray(written));
  }

  async #flush(): Promise<void> {
    while (this.#start < this.#end) {
      const rest = this.#buffer.subarray(this.#start, this.#end);
      const count = await this.#raw.write(rest);
      if (count === null) throw blocked(0);
      this.#start += count;
    }
    this.#start = this.#end = 0;
  }

  /** Keeps as much of `data` as there is room for; how much. */
  #keep(data: Uint8Array<ArrayBuffer>): number {
    const front = data.subarray(0, this.#size - this.#end);
    if (this.#buffer === NONE) this.#buffer = new Uint8Array(this.#size);
    this.#buffer.set(front, this.#end);
    this.#end += front.length;
    return front.length;
  }
}

function blocked(characters_written: number): BlockingIOError {
  const error = new BlockingIOError(
    errno.EAGAIN,
    "write could not complete without blocking",
  );
  return Object.assign(error, { characters_written });
}
