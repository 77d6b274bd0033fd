/**
 * The way out of a connection: writes that the system takes at once, and a
 * bounded queue of those that it didn't take yet.
 *
 * @module
 */

import type { OSError } from "../../errors.ts";
import { oserror } from "../../oserror.ts";
import type { Stream } from "./stream.ts";

/** An empty queue keeps no more memory than this, in bytes. */
const KEPT = 64 * 1024;

const NONE = new Uint8Array(0);

/** The way out of one connection. */
export class Outbound {
  readonly #stream: Stream;
  readonly #changed: () => void;
  /** What the system is taking now: `#front` from `#start` to `#end`. */
  #front: Uint8Array<ArrayBuffer> = NONE;
  #start = 0;
  #end = 0;
  /** What comes after that: the first `#behind` bytes of `#back`. */
  #back: Uint8Array<ArrayBuffer> = NONE;
  #behind = 0;
  #flushed: PromiseWithResolvers<void> | null = null;
  /** A {@linkcode write} is under way. */
  #writing: Uint8Array | null = null;
  /** What comes after it, in order. */
  readonly #next: (() => void)[] = [];

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

  /** Somebody waits for a {@linkcode write}. */
  get busy(): boolean {
    return this.#writing !== null;
  }

  /** How many bytes wait for the system. */
  get length(): number {
    return this.#end - this.#start + this.#behind;
  }

  /** How many bytes can be queued without waiting. */
  get room(): number {
    return Math.max(0, this.limit - this.length);
  }

  /** Queues a copy of the front of `data`; how much. */
  queue(data: Uint8Array<ArrayBuffer>): number {
    const count = Math.min(data.length, this.room);
    if (count === 0) return 0;
    const first = this.length === 0;
    const whole = this.#behind + count;
    if (this.#back.length < whole) this.#grow(whole);
    this.#back.set(
      count === data.length ? data : data.subarray(0, count),
      this.#behind,
    );
    this.#behind = whole;
    if (!first) return count;
    if (this.#writing) this.#next.push(() => this.#flush());
    else this.#flush();
    return count;
  }

  #grow(needed: number): void {
    const twice = Math.min(2 * this.#back.length, this.limit);
    const back = new Uint8Array(Math.max(needed, twice));
    back.set(this.#back.subarray(0, this.#behind));
    this.#back = back;
  }

  /** Hands the queue to the system, from the front. */
  #flush(): void {
    if (this.#start === this.#end) {
      const empty = this.#front.length > KEPT ? NONE : this.#front;
      this.#front = this.#back;
      this.#start = 0;
      this.#end = this.#behind;
      this.#back = empty;
      this.#behind = 0;
      if (this.#end === 0) return this.#flushed?.resolve();
    }
    this.#stream.write(this.#front.subarray(this.#start, this.#end))
      .then(this.#onWritten, this.#onFailure);
  }

  readonly #onWritten = (count: number): void => {
    const full = this.room === 0;
    this.#start += count;
    this.#flush();
    if (full) this.#changed();
  };

  readonly #onFailure = (cause: unknown): void => {
    this.error = oserror(cause);
    this.ended = true;
    this.#front = this.#back = NONE;
    this.#start = this.#end = this.#behind = 0;
    this.#flushed?.resolve();
    this.#changed();
  };

  /**
   * Waits until the system took all of `data`. Nothing that is sent meanwhile
   * comes between.
   */
  write(data: Uint8Array): Promise<void> {
    if (this.#writing) {
      return new Promise((resolve) =>
        this.#next.push(() => resolve(this.write(data)))
      );
    }
    this.#writing = data;
    return this.#stream.write(data).then(this.#onWrite, this.#unwritten);
  }

  readonly #onWrite = (count: number): Promise<void> | void => {
    const data = this.#writing!;
    if (count === data.length) return this.#written();
    this.#writing = data.subarray(count);
    return this.#stream.write(this.#writing)
      .then(this.#onWrite, this.#unwritten);
  };

  #written(): void {
    this.#writing = null;
    this.#next.shift()?.();
  }

  readonly #unwritten = (cause: unknown): never => {
    this.#written();
    throw oserror(cause);
  };

  /** Resolves once the queue is empty, or will never be. */
  flushed(): Promise<void> {
    if (this.length === 0) return Promise.resolve();
    this.#flushed ??= Promise.withResolvers();
    return this.#flushed.promise;
  }
}
