import * as errno from "../../errno.ts";
import { BlockingIOError } from "../errors.ts";
import type { SocketIO } from "./raw.ts";

const NONE = new Uint8Array(0);

/** Bytes that are still to be written. Follows CPython's `BufferedWriter`. */
export class WriteBuffer {
  readonly #raw: Pick<SocketIO, "write">;
  readonly #size: number;
  /** The bytes from `#start` to `#end` are to be written. */
  #buffer: Uint8Array<ArrayBuffer> = NONE;
  #start = 0;
  #end = 0;

  /** @param size No more than this is kept, in bytes. */
  constructor(raw: Pick<SocketIO, "write">, size: number) {
    this.#raw = raw;
    this.#size = size;
  }

  /** How many bytes are to be written. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Keeps `data`, or writes the excess over the buffer; how many bytes. */
  async write(data: Uint8Array<ArrayBuffer>): Promise<number> {
    if (data.length <= this.#size - this.#end) return this.#keep(data);
    try {
      await this.flush();
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

  /** Writes everything. */
  async flush(): Promise<void> {
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
