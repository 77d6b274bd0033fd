/**
 * The way in of a connection. All bytes pass through memory of its own: a read
 * can't be taken back, so it would go on into a caller's buffer after the call
 * has ended, and what it brings to a buffer that was detached would be lost.
 *
 * One read of the stream is under way at most. Its outcome is handled by
 * functions made once, not by one `async` call inside the other: this is where
 * every message passes.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { concat, intact } from "../../bytes.ts";
import { OSError } from "../../errors.ts";
import { oserror } from "../../oserror.ts";
import { raise } from "../../stack.ts";
import type { Stream } from "./stream.ts";

/** What a quiet connection costs while somebody waits for it, in bytes. */
const SMALLEST = 4 * 1024;
/** More than this at once gains nothing. */
const LARGEST = 64 * 1024;

const NONE = new Uint8Array(0);

/** The call that waits for the read that is under way. */
interface Waiter {
  /** Takes what came, nothing at the end of the stream. */
  take(): void;
  /** Gets what {@linkcode raise} gives, and so leads to who waits. */
  fail(failure: Promise<never>): void;
}

/** The way in of one connection. */
export class Inbound {
  readonly #stream: Stream;
  readonly #changed: () => void;
  /** Where the reads ahead go; the bytes from `#start` to `#end` are unread. */
  #chunk: Uint8Array<ArrayBuffer> = NONE;
  #start = 0;
  #end = 0;
  /** Bytes that were put back while a read into the chunk was under way. */
  #front: Uint8Array<ArrayBuffer> = NONE;
  #size = SMALLEST;
  #pending = false;
  #waiter: Waiter | null = null;
  /** Somebody waits who will come to take what is read ahead. */
  #awaited = false;
  /** A read keeps the process alive. */
  #alive = true;
  #closed = false;

  /** No more than this is read ahead, in bytes. */
  limit: number;
  /** No more bytes will come. */
  ended = false;
  /** Something went wrong. */
  failed = false;
  /** What went wrong while nobody waited, until somebody fetches it. */
  error: OSError | null = null;

  constructor(stream: Stream, limit: number, changed: () => void) {
    this.#stream = stream;
    this.limit = limit;
    this.#changed = changed;
  }

  /** How many bytes can be taken without waiting. */
  get length(): number {
    return this.#front.length + this.#end - this.#start;
  }

  /** A read is under way. */
  get pending(): boolean {
    return this.#pending;
  }

  /** Somebody waits for the read that is under way. */
  get busy(): boolean {
    return this.#waiter !== null;
  }

  /** Up to `count` of the bytes that were read ahead; they stay in place. */
  peek(count: number): Uint8Array<ArrayBuffer> {
    if (this.#front.length > 0) {
      if (this.#pending) return this.#front.subarray(0, count);
      this.#join();
    }
    return this.#chunk.subarray(
      this.#start,
      Math.min(this.#start + count, this.#end),
    );
  }

  /** Gives up the first `count` of the bytes that were read ahead. */
  skip(count: number): void {
    if (this.#front.length > 0) this.#front = this.#front.subarray(count);
    else this.#start += count;
  }

  /** Takes up to `count` of the bytes that were read ahead. */
  shift(count: number): Uint8Array<ArrayBuffer> {
    const bytes = this.peek(count).slice();
    this.skip(bytes.length);
    return bytes;
  }

  /** Puts bytes back before those that wait. */
  putBack(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.length === 0) return;
    this.#front = concat([bytes, this.#front]);
    this.#release()?.take();
    this.#changed();
  }

  /** Makes one chunk of all bytes that wait; no read may be under way. */
  #join(): void {
    const rest = this.#chunk.subarray(this.#start, this.#end);
    this.#chunk = concat([this.#front, rest]);
    this.#start = 0;
    this.#end = this.#chunk.length;
    this.#front = NONE;
  }

  /**
   * Begins to read ahead, unless bytes wait or are on their way already.
   *
   * @param wanted How many bytes somebody is known to wait for.
   */
  fill(wanted = 0): void {
    if (this.#pending || this.ended || this.length > 0) return;
    const most = Math.max(1, Math.min(LARGEST, this.limit));
    const size = Math.min(Math.max(this.#size, wanted), most);
    if (this.#chunk.length < size || this.#chunk.length > 4 * size) {
      this.#chunk = new Uint8Array(size);
    }
    this.#start = this.#end = 0;
    this.#read(this.#chunk);
  }

  #read(room: Uint8Array<ArrayBuffer>): void {
    this.#pending = true;
    this.#keepAlive();
    this.#stream.read(room).then(this.#onRead, this.#onFailure);
  }

  /** Somebody waits who will come to take what is read ahead. */
  set awaited(awaited: boolean) {
    this.#awaited = awaited;
    if (this.#pending) this.#keepAlive();
  }

  /** A read that nobody waits for lets the process end. */
  #keepAlive(): void {
    const alive = this.#awaited || this.#waiter !== null;
    if (alive === this.#alive) return;
    this.#alive = alive;
    if (alive) this.#stream.ref?.();
    else this.#stream.unref?.();
  }

  /** Begins to read ahead also if bytes wait, as far as the limit goes. */
  more(): void {
    this.extend(this.length + this.#size);
  }

  /** Begins to read ahead behind the bytes that wait, for `count` in all. */
  extend(count: number): void {
    const { length } = this;
    count = Math.min(count, this.limit);
    if (this.#pending || this.ended || length >= count) return;
    if (length === 0) return this.fill(count);
    const chunk = new Uint8Array(count);
    chunk.set(this.peek(length));
    this.#chunk = chunk;
    this.#start = 0;
    this.#end = length;
    this.#read(chunk.subarray(length));
  }

  /**
   * Reads ahead, and takes up to `count` bytes of that; none at the end. No
   * read may be under way.
   */
  receive(count: number): Promise<Uint8Array<ArrayBuffer>> {
    return new Promise((resolve) => {
      // Taken at once, before others who wait for bytes come to see them.
      this.#waiter = { take: () => resolve(this.shift(count)), fail: resolve };
      this.fill(count);
    });
  }

  /**
   * Reads ahead, and takes as much of that as `buffer` has room for; how many
   * bytes. No read may be under way.
   */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number> {
    const { length } = buffer;
    return new Promise((resolve, reject) => {
      const take = () => {
        try {
          resolve(this.#move(intact(buffer, length)));
        } catch (error) {
          reject(error);
        }
      };
      this.#waiter = { take, fail: resolve };
      this.fill();
    });
  }

  #move(buffer: Uint8Array<ArrayBuffer>): number {
    const bytes = this.peek(buffer.length);
    buffer.set(bytes);
    this.skip(bytes.length);
    return bytes.length;
  }

  readonly #onRead = (count: number | null): void => {
    this.#pending = false;
    if (count === null) this.ended = true;
    else {
      const size = this.#chunk.length;
      this.#end += count;
      if (count === size) this.#size = Math.min(size * 4, LARGEST);
      else if (count < size / 16) this.#size = Math.max(size / 4, SMALLEST);
    }
    this.#release()?.take();
    this.#changed();
  };

  #release(): Waiter | null {
    const waiter = this.#waiter;
    this.#waiter = null;
    if (this.#pending) this.#keepAlive();
    return waiter;
  }

  readonly #onFailure = (cause: unknown): void => {
    this.#pending = false;
    if (this.#closed) return;
    const error = oserror(cause);
    const waiter = this.#release();
    if (waiter) waiter.fail(raise(error));
    else this.error = error;
    this.ended = this.failed = true;
    this.#changed();
  };

  /** Sends away who waits, though the stream may stay open for a while. */
  close(): void {
    this.#release()?.fail(raise(new OSError(errno.EBADF)));
  }

  /** How a read ends that is under way is of no concern: the stream closes. */
  leave(): void {
    this.#closed = true;
  }

  /** Ends the stream here: who waits, and who comes after, finds its end. */
  shut(): void {
    this.ended = true;
    this.#release()?.take();
    this.#changed();
  }
}
