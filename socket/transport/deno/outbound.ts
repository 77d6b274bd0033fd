/**
 * The sending direction of a connection: writes that go straight to the system,
 * and a bounded queue of copies that the system didn't take yet.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { OSError } from "../../errors.ts";
import { oserror } from "../../oserror.ts";
import { raise } from "../../stack.ts";
import { intact } from "../../bytes.ts";
import type { Stream } from "./domain.ts";

/** An empty queue keeps no more memory than this, in bytes. */
const KEPT = 64 * 1024;

/**
 * A system that has room takes queued bytes within so many turns of the event
 * loop. The runtime writes only once the system has reported room, which it
 * first does after the first write, and on a busy machine together with a timer.
 */
const TURNS = 4;

const NONE = new Uint8Array(0);

/** A call that waits until the system took all of its bytes. */
interface Writer {
  /** The bytes that the system didn't take yet. */
  rest: Uint8Array;
  /** Their number, also if their memory was detached. */
  left: number;
  /** Ends the call; with a rejection that {@linkcode raise} made it fails. */
  resolve(failure?: Promise<never>): void;
}

/** The sending direction of one connection. */
export class Outbound {
  readonly #stream: Stream;
  readonly #changed: () => void;
  /** The bytes being written: `#front` from `#start` to `#end`. */
  #front: Uint8Array<ArrayBuffer> = NONE;
  #start = 0;
  #end = 0;
  /** The bytes queued behind those: the first `#behind` bytes of `#back`. */
  #back: Uint8Array<ArrayBuffer> = NONE;
  #behind = 0;
  #flushed: PromiseWithResolvers<void> | null = null;
  /** The system took all of the last write, and probably takes the next one. */
  #ready = false;
  /** The pending write has been given its turns of the event loop. */
  #settled = false;
  #settling: Promise<void> | null = null;
  /** Ends {@linkcode settle} early. */
  #hurry: (() => void) | null = null;
  #hurried = false;
  /** The call whose write is pending; {@linkcode end} may have failed it. */
  #writer: Writer | null = null;
  /** Later calls, in order; `null` stands for the queue. */
  readonly #next: (Writer | null)[] = [];

  /** At most so many bytes are queued. */
  limit: number;
  /** Nothing more may be sent. */
  ended = false;
  /** The error of a write that no call waited for, until it is fetched. */
  error: OSError | null = null;

  constructor(stream: Stream, limit: number, changed: () => void) {
    this.#stream = stream;
    this.limit = limit;
    this.#changed = changed;
  }

  /** A call waits in {@linkcode write}. */
  get busy(): boolean {
    return this.#writer !== null;
  }

  /** How many bytes are queued. */
  get length(): number {
    return this.#end - this.#start + this.#behind;
  }

  /** How many bytes can be queued without waiting. */
  get room(): number {
    return Math.max(0, this.limit - this.length);
  }

  /** Queues a copy of the first `room` bytes of `data`; how many there were. */
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
      if (this.#end === 0) return this.#emptied();
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

  #drop(): void {
    this.#front = this.#back = NONE;
    this.#start = this.#end = this.#behind = 0;
    this.#emptied();
  }

  #emptied(): void {
    this.#flushed?.resolve();
    this.#flushed = null;
  }

  /** Resolves once the queue was sent or dropped. */
  flushed(): Promise<void> {
    if (this.length === 0) return Promise.resolve();
    this.#flushed ??= Promise.withResolvers();
    return this.#flushed.promise;
  }

  /**
   * Gives a system that may have room the time to take the queue; `undefined`
   * if it took it, or had that time already and has no room.
   */
  settle(): Promise<void> | undefined {
    if (this.#ready || this.length === 0) return undefined;
    if (this.#settling || this.#settled) return this.#settling ?? undefined;
    this.#settled = true;
    return this.#settling = this.#settle();
  }

  async #settle(): Promise<void> {
    for (let i = 0; i < TURNS && this.length > 0 && !this.#hurried; i++) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#hurry = resolve;
      // While it waits for a timer, the runtime polls the system.
      const timer = setTimeout(resolve, 1);
      await Promise.race([this.flushed(), promise]);
      clearTimeout(timer);
    }
    this.#settling = null;
  }

  /** Ends {@linkcode settle}, now and from now on. */
  hurry(): void {
    this.#hurried = true;
    this.#hurry?.();
  }

  /** Waits until the system took all of `data`, in one piece. */
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
    // The call has failed meanwhile: see end().
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
      // A write from detached memory fails, too, though the connection is fine.
      intact(rest, left);
      this.#refuse(oserror(cause));
    } catch (error) {
      this.#refuse(error);
    }
  };

  /** Fails the call, unless {@linkcode end} did. */
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
   * Allows no more bytes behind the queue. Waiting calls fail, and so does the
   * queue behind them: it would follow an unfinished write. The system may still
   * take bytes of the pending write, which Deno can't cancel.
   */
  end(): void {
    this.ended = true;
    this.hurry();
    if (this.#writer === null) return;
    for (const writer of [this.#writer, ...this.#next.splice(0)]) {
      writer?.resolve(raise(new OSError(errno.EPIPE)));
    }
    this.#drop();
  }
}
