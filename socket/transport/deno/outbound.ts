/**
 * The way out of a connection: writes that the system takes at once, and a
 * bounded queue of those that it didn't take yet.
 *
 * @module
 */

import type { OSError } from "../../errors.ts";
import { oserror } from "./errors.ts";
import type { Stream } from "./stream.ts";

/** Small sends are put together up to this much. */
const TOGETHER = 64 * 1024;

/** The way out of one connection. */
export class Outbound {
  readonly #stream: Stream;
  readonly #changed: () => void;
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  #length = 0;
  #flushing: Promise<void> | null = null;

  /** No more than this is queued, in bytes. */
  limit: number;
  /** Nothing more may be sent. */
  ended = false;
  /** What went wrong while nobody waited, until somebody fetches it. */
  error: OSError | null = null;

  constructor(stream: Stream, limit: number, changed: () => void) {
    this.#stream = stream;
    this.limit = limit;
    this.#changed = changed;
  }

  /** How many bytes wait for the system. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes can be queued without waiting. */
  get room(): number {
    return Math.max(0, this.limit - this.#length);
  }

  /** Queues the front of `data`; how much. */
  queue(data: Uint8Array<ArrayBuffer>): number {
    const count = Math.min(data.length, this.room);
    this.#chunks.push(data.slice(0, count));
    this.#length += count;
    this.#flushing ??= this.#flush();
    return count;
  }

  async #flush(): Promise<void> {
    try {
      while (this.#chunks.length > 0) {
        let chunk = this.#next();
        while (chunk.length > 0) {
          const count = await this.#stream.write(chunk);
          this.#length -= count;
          chunk = chunk.subarray(count);
          this.#changed();
        }
      }
    } catch (cause) {
      this.error = oserror(cause);
      this.ended = true;
      this.#chunks = [];
      this.#length = 0;
      this.#changed();
    }
    this.#flushing = null;
  }

  /** The next bytes to write: one large chunk, or several small ones. */
  #next(): Uint8Array<ArrayBuffer> {
    if (this.#chunks.length === 1) return this.#chunks.pop()!;
    let length = 0;
    const count = this.#chunks.findIndex((chunk) =>
      (length += chunk.length) > TOGETHER
    );
    const taken = this.#chunks.splice(0, count < 0 ? Infinity : count || 1);
    if (taken.length === 1) return taken[0];
    const whole = new Uint8Array(
      taken.reduce((sum, { length }) => sum + length, 0),
    );
    let at = 0;
    for (const chunk of taken) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }

  /** Waits until the system took all of `data`; how much that is. */
  write(data: Uint8Array): Promise<number> {
    const { length } = data;
    return this.#stream.write(data).then(
      (count) => count === length ? length : this.#writeRest(data, count),
      fail,
    );
  }

  async #writeRest(data: Uint8Array, count: number): Promise<number> {
    try {
      while (count < data.length) {
        count += await this.#stream.write(data.subarray(count));
      }
    } catch (cause) {
      fail(cause);
    }
    return count;
  }

  /** Resolves once the queue is empty. */
  async flushed(): Promise<void> {
    await this.#flushing;
  }
}

function fail(cause: unknown): never {
  throw oserror(cause);
}
