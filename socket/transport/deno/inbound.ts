/**
 * The way in of a connection: bytes read ahead, and reads that go straight to
 * the caller's buffer.
 *
 * One read of the stream is under way at most. Its outcome is handled by
 * functions made once, not by one `async` call inside the other: this is where
 * every message passes.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { OSError } from "../../errors.ts";
import { oserror } from "../../oserror.ts";
import { raise } from "../../stack.ts";
import type { Stream } from "./stream.ts";

/** What a quiet connection costs while somebody waits for it, in bytes. */
const SMALLEST = 4 * 1024;
/** More than this at once gains nothing. */
const LARGEST = 64 * 1024;

const NONE = new Uint8Array(0);

/** Who waits for the read that is under way. */
interface Waiter {
  /** Tells how many bytes came, 0 at the end of the stream. */
  resolve(count: number): void;
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
  #size = SMALLEST;
  #pending = false;
  #waiter: Waiter | null = null;

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
    return this.#end - this.#start;
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
    return this.#chunk.subarray(
      this.#start,
      Math.min(this.#start + count, this.#end),
    );
  }

  /** Gives up the first `count` of the bytes that were read ahead. */
  skip(count: number): void {
    this.#start += count;
  }

  /** Takes up to `count` of the bytes that were read ahead. */
  shift(count: number): Uint8Array<ArrayBuffer> {
    const bytes = this.peek(count).slice();
    this.#start += bytes.length;
    return bytes;
  }

  /**
   * Begins to read ahead, unless bytes wait or are on their way already.
   *
   * @param wanted How many bytes somebody is known to wait for.
   */
  fill(wanted = 0): void {
    if (this.#pending || this.ended || this.#start < this.#end) return;
    const most = Math.max(1, Math.min(LARGEST, this.limit));
    const size = Math.min(Math.max(this.#size, wanted), most);
    if (this.#chunk.length < size || this.#chunk.length > 4 * size) {
      this.#chunk = new Uint8Array(size);
    }
    this.#start = this.#end = 0;
    this.#pending = true;
    this.#stream.read(this.#chunk).then(this.#onFill, this.#onFailure);
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
    this.#pending = true;
    this.#stream.read(chunk.subarray(length))
      .then(this.#onFill, this.#onFailure);
  }

  /**
   * Reads ahead, and takes up to `count` bytes of that; none at the end. No
   * read may be under way.
   */
  receive(count: number): Promise<Uint8Array<ArrayBuffer>> {
    return new Promise((resolve) => {
      // Taken at once, before others who wait for bytes come to see them.
      const take = () => resolve(this.shift(count));
      this.#waiter = { resolve: take, fail: resolve };
      this.fill(count);
    });
  }

  /**
   * Waits for bytes and puts them straight into `buffer`; how many. No read
   * may be under way.
   */
  read(buffer: Uint8Array): Promise<number> {
    return new Promise((resolve) => {
      this.#waiter = { resolve, fail: resolve };
      this.#pending = true;
      this.#stream.read(buffer).then(this.#onRead, this.#onFailure);
    });
  }

  readonly #onFill = (count: number | null): void => {
    const size = this.#chunk.length;
    if (count !== null) {
      this.#end += count;
      if (count === size) this.#size = Math.min(size * 4, LARGEST);
      else if (count < size / 16) this.#size = Math.max(size / 4, SMALLEST);
    }
    this.#onRead(count);
  };

  readonly #onRead = (count: number | null): void => {
    this.#pending = false;
    if (count === null) this.ended = true;
    const waiter = this.#waiter;
    this.#waiter = null;
    waiter?.resolve(count ?? 0);
    this.#changed();
  };

  readonly #onFailure = (cause: unknown): void => {
    this.#pending = false;
    const error = oserror(cause);
    const waiter = this.#waiter;
    this.#waiter = null;
    if (waiter) waiter.fail(raise(error));
    else this.error = error;
    this.ended = this.failed = true;
    this.#changed();
  };

  /** Sends away who waits, though the stream stays open for a while. */
  close(): void {
    this.#waiter?.fail(raise(new OSError(errno.EBADF)));
    this.#waiter = null;
  }

  /** Ends the stream here: who waits, and who comes after, finds its end. */
  shut(): void {
    this.ended = true;
    this.#waiter?.resolve(0);
    this.#waiter = null;
    this.#changed();
  }
}
