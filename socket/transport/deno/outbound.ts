/**
 * The way out of a connection: writes that the system takes at once, and a
 * bounded queue of those that it didn't take yet.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { OSError } from "../../errors.ts";
import { oserror } from "../../oserror.ts";
import { raise } from "../../stack.ts";
import { intact } from "../../bytes.ts";
import type { Stream } from "./stream.ts";

/** An empty queue keeps no more memory than this, in bytes. */
const KEPT = 64 * 1024;

/**
 * A system that has room takes what is sent within so many looks at it. The
 * runtime doesn't try before it was told that there is room, which it isn't
 * before the first write, and a busy machine brings the news with the timer.
 */
const LOOKS = 4;

const NONE = new Uint8Array(0);

/** A call that waits until the system took all of its bytes. */
interface Writer {
  /** The bytes that the system didn't take yet. */
  rest: Uint8Array;
  /** How many they are, also if their memory was detached. */
  left: number;
  /** Ends the call; with what {@linkcode raise} gives it fails. */
  resolve(failure?: Promise<never>): void;
}

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
  /** The system took all of the last write, and probably takes the next one. */
  #ready = false;
  /** The write that is under way has been given a turn. */
  #settled = false;
  #settling: Promise<void> | null = null;
  #hurry: (() => void) | null = null;
  #hurried = false;
  /** The call whose write is under way; it may have been sent away. */
  #writer: Writer | null = null;
  /** The calls that come after it, in order, and the queue: `null`. */
  readonly #next: (Writer | null)[] = [];

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
    return this.#writer !== null;
  }

  /** How many bytes wait for the system. */
  get length(): number {
    return this.#end - this.#start + this.#behind;
  }

  /** How many bytes can be queued without waiting. */
  get room(): number {
    return Math.max(0, this.limit - this.length);
  }

  /** Queues a copy of the front of `data`, at most `room` bytes; how much. */
  queue(data: Uint8Array<ArrayBuffer>, room: number = this.room): number {
    const count = Math.min(data.length, room);
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
    if (this.#writer) this.#next.push(null);
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
      if (this.#end === 0) return this.#empty();
    }
    this.#settled = false;
    this.#stream.write(this.#front.subarray(this.#start, this.#end))
      .then(this.#onWritten, this.#onFailure);
  }

  readonly #onWritten = (count: number): void => {
    const full = this.room === 0;
    this.#start += count;
    this.#ready = this.#start === this.#end;
    this.#flush();
    if (full) this.#changed();
  };

  readonly #onFailure = (cause: unknown): void => {
    this.error = oserror(cause);
    this.ended = true;
    this.#drop();
    this.#changed();
  };

  /** Forgets what is queued. */
  #drop(): void {
    this.#front = this.#back = NONE;
    this.#start = this.#end = this.#behind = 0;
    this.#empty();
  }

  #empty(): void {
    this.#flushed?.resolve();
    this.#flushed = null;
  }

  /** Resolves once the queue is empty, or will never be. */
  flushed(): Promise<void> {
    if (this.length === 0) return Promise.resolve();
    this.#flushed ??= Promise.withResolvers();
    return this.#flushed.promise;
  }

  /**
   * Gives a system that may have room the time to take what is queued:
   * `undefined` if it took it, or had that time and has no room.
   */
  settle(): Promise<void> | undefined {
    if (this.#ready || this.length === 0) return undefined;
    if (this.#settling || this.#settled) return this.#settling ?? undefined;
    this.#settled = true;
    return this.#settling = this.#settle();
  }

  async #settle(): Promise<void> {
    for (let look = 0; look < LOOKS; look++) {
      if (this.length === 0 || this.#hurried) break;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#hurry = resolve;
      // With a timer the runtime rests, and so looks at the system.
      const timer = setTimeout(resolve, 1);
      await Promise.race([this.flushed(), promise]);
      clearTimeout(timer);
    }
    this.#settling = null;
  }

  /** Nobody waits any more for what is queued. */
  hurry(): void {
    this.#hurried = true;
    this.#hurry?.();
  }

  /**
   * Waits until the system took all of `data`. Nothing that is sent meanwhile
   * comes between.
   */
  write(data: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      const writer = { rest: data, left: data.length, resolve };
      if (this.#writer) this.#next.push(writer);
      else this.#begin(writer);
    });
  }

  #begin(writer: Writer): void {
    this.#writer = writer;
    try {
      intact(writer.rest, writer.left);
    } catch (error) {
      return this.#refuse(error);
    }
    this.#proceed(writer.rest);
  }

  #proceed(rest: Uint8Array): void {
    this.#stream.write(rest).then(this.#onWrite, this.#onRefusal);
  }

  readonly #onWrite = (count: number): void => {
    const writer = this.#writer!;
    this.#ready = count === writer.left;
    if (this.#ready) {
      writer.resolve();
      return this.#advance();
    }
    // Nobody waits for the rest any more.
    if (this.ended) return this.#advance();
    try {
      writer.rest = intact(writer.rest, writer.left).subarray(count);
    } catch (error) {
      return this.#refuse(error);
    }
    writer.left -= count;
    this.#proceed(writer.rest);
  };

  readonly #onRefusal = (cause: unknown): void => {
    const { rest, left } = this.#writer!;
    try {
      // Memory that is gone can't be read: not the fault of the connection.
      intact(rest, left);
      this.#refuse(oserror(cause));
    } catch (error) {
      this.#refuse(error);
    }
  };

  /** Ends a call without success, unless it was sent away before. */
  #refuse(error: unknown): void {
    if (!this.ended) this.#writer!.resolve(raise(error));
    this.#advance();
  }

  #advance(): void {
    this.#writer = null;
    const next = this.#next.shift();
    if (next === null) this.#flush();
    else if (next) this.#begin(next);
  }

  /**
   * Ends the way out behind what is queued. Calls that wait fail, and what was
   * sent behind them would be out of place. Of the first one's bytes the system
   * may still take some: Deno can't take a write back.
   */
  end(): void {
    this.ended = true;
    this.hurry();
    if (this.#writer === null) return;
    this.#writer.resolve(raise(new OSError(errno.EPIPE)));
    for (const writer of this.#next.splice(0)) {
      writer?.resolve(raise(new OSError(errno.EPIPE)));
    }
    this.#drop();
  }
}
