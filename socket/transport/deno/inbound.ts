/**
 * The receiving direction of a connection. Reads go into memory of its own: a
 * read can't be cancelled, so it would write into a caller's buffer after the
 * call has ended, and its bytes would be lost if that buffer was detached.
 *
 * At most one read of the stream is pending. Every message passes here, so its
 * outcome is handled by functions made once rather than by nested `async` calls.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { concat, intact } from "../../bytes.ts";
import { OSError } from "../../errors.ts";
import { oserror } from "../../oserror.ts";
import { raise } from "../../stack.ts";
import type { Stream } from "./domain.ts";
import { ReadAhead } from "./read_ahead.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The memory of a quiet connection with a pending read, in bytes. */
const SMALLEST = 4 * 1024;
/** Larger reads gain nothing. */
const LARGEST = 64 * 1024;

const NONE = new Uint8Array(0);

/** The call that waits for the pending read. */
interface Waiter {
  /** Takes the bytes that came, none at the end of the stream. */
  take(): void;
  /** Gets the rejection that {@linkcode raise} makes, and so its stack. */
  fail(failure: Promise<never>): void;
}

/** The receiving direction of one connection. */
export class Inbound extends ReadAhead {
  readonly #stream: Stream;
  /** Where reads go; the bytes from `#start` to `#end` are unread. */
  #chunk: Bytes = NONE;
  #start = 0;
  #end = 0;
  /** Bytes before those, put back while a read into the chunk was pending. */
  #front: Bytes = NONE;
  /** The size of the next read. */
  #size = SMALLEST;
  #waiter: Waiter | null = null;
  #closed = false;

  /** At most so many bytes are read ahead. */
  limit: number;
  /** No more bytes will come. */
  ended = false;
  /** A read failed. */
  failed = false;

  constructor(stream: Stream, limit: number, changed: () => void) {
    super(stream, changed);
    this.#stream = stream;
    this.limit = limit;
  }

  /** How many bytes can be taken without waiting. */
  get length(): number {
    return this.#front.length + this.#end - this.#start;
  }

  override get busy(): boolean {
    return this.#waiter !== null;
  }

  /** Up to `count` unread bytes, which stay in place. */
  peek(count: number): Bytes {
    if (this.#front.length > 0) {
      if (this.pending) return this.#front.subarray(0, count);
      this.#join();
    }
    return this.#chunk.subarray(
      this.#start,
      Math.min(this.#start + count, this.#end),
    );
  }

  /** Gives up the first `count` of the bytes that {@linkcode peek} gave. */
  skip(count: number): void {
    if (this.#front.length > 0) this.#front = this.#front.subarray(count);
    else this.#start += count;
  }

  /** Takes up to `count` unread bytes, in an array of their own. */
  shift(count: number): Bytes {
    const bytes = this.peek(count).slice();
    this.skip(bytes.length);
    return bytes;
  }

  /** Puts bytes back before the unread ones. */
  putBack(bytes: Bytes): void {
    if (bytes.length === 0) return;
    this.#front = concat([bytes, this.#front]);
    this.#release()?.take();
    this.changed();
  }

  /** Makes one chunk of all unread bytes; no read may be pending. */
  #join(): void {
    const rest = this.#chunk.subarray(this.#start, this.#end);
    this.#chunk = concat([this.#front, rest]);
    this.#start = 0;
    this.#end = this.#chunk.length;
    this.#front = NONE;
  }

  /**
   * Begins to read ahead, unless there are unread bytes or a pending read.
   *
   * @param wanted How many bytes a call is known to wait for.
   */
  fill(wanted = 0): void {
    if (this.pending || this.ended || this.length > 0) return;
    const most = Math.max(1, Math.min(LARGEST, this.limit));
    const size = Math.min(Math.max(this.#size, wanted), most);
    if (this.#chunk.length < size || this.#chunk.length > 4 * size) {
      this.#chunk = new Uint8Array(size);
    }
    this.#start = this.#end = 0;
    this.#read(this.#chunk);
  }

  #read(room: Bytes): void {
    this.pending = true;
    this.keepAlive();
    this.#stream.read(room).then(this.#onRead, this.#onFailure);
  }

  override more(): void {
    this.extend(this.length + this.#size);
  }

  /** Begins to read behind the unread bytes, for `count` in all. */
  extend(count: number): void {
    const { length } = this;
    count = Math.min(count, this.limit);
    if (this.pending || this.ended || length >= count) return;
    if (length === 0) return this.fill(count);
    const chunk = new Uint8Array(count);
    chunk.set(this.peek(length));
    this.#chunk = chunk;
    this.#start = 0;
    this.#end = length;
    this.#read(chunk.subarray(length));
  }

  /**
   * Waits for up to `count` bytes; none at the end of the stream. No read may
   * be pending.
   */
  receive(count: number): Promise<Bytes> {
    return new Promise((resolve) => {
      // The bytes are taken at once, before watches see them.
      this.#waiter = { take: () => resolve(this.shift(count)), fail: resolve };
      this.fill(count);
    });
  }

  /** As {@linkcode receive}, into `buffer`; how many bytes. */
  read(buffer: Bytes): Promise<number> {
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

  #move(buffer: Bytes): number {
    const bytes = this.peek(buffer.length);
    buffer.set(bytes);
    this.skip(bytes.length);
    return bytes.length;
  }

  readonly #onRead = (count: number | null): void => {
    this.pending = false;
    if (count === null) this.ended = true;
    else {
      const size = this.#chunk.length;
      this.#end += count;
      if (count === size) this.#size = Math.min(size * 4, LARGEST);
      else if (count < size / 16) this.#size = Math.max(size / 4, SMALLEST);
    }
    this.#release()?.take();
    this.changed();
  };

  #release(): Waiter | null {
    const waiter = this.#waiter;
    this.#waiter = null;
    this.keepAlive();
    return waiter;
  }

  readonly #onFailure = (cause: unknown): void => {
    this.pending = false;
    if (this.#closed) return;
    const error = oserror(cause);
    const waiter = this.#release();
    if (waiter) waiter.fail(raise(error));
    else this.error = error;
    this.ended = this.failed = true;
    this.changed();
  };

  /** Fails the call that waits, though the stream may stay open for a while. */
  close(): void {
    this.#release()?.fail(raise(new OSError(errno.EBADF)));
  }

  /** Ignores how the pending read ends, as the stream is being closed. */
  leave(): void {
    this.#closed = true;
  }

  /** Ends the stream here, for the call that waits and for later ones. */
  shut(): void {
    this.ended = true;
    this.#release()?.take();
    this.changed();
  }
}
