/**
 * The way in of a connection: bytes read ahead, and reads that go straight to
 * the caller's buffer.
 *
 * @module
 */

import type { OSError } from "../../errors.ts";
import { oserror } from "./errors.ts";
import type { Stream } from "./stream.ts";

/** What a quiet connection costs while somebody waits for it. */
const SMALLEST = 4 * 1024;
/** More than this at once gains nothing on loopback. */
const LARGEST = 64 * 1024;

const NONE = new Uint8Array(0);

/** The way in of one connection. */
export class Inbound {
  readonly #stream: Stream;
  readonly #changed: () => void;
  /** Where the reads ahead go; the bytes from `#start` to `#end` are unread. */
  #chunk: Uint8Array<ArrayBuffer> = NONE;
  #start = 0;
  #end = 0;
  #size = SMALLEST;
  #filling: Promise<void> | null = null;
  #resolve: ((count: number) => void) | null = null;
  #reject: ((error: Error) => void) | null = null;

  /** No more than this is read ahead, in bytes. */
  limit: number;
  /** No more bytes will come. */
  ended = false;
  /** What went wrong while reading ahead, until somebody fetches it. */
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

  /** A read ahead is under way. */
  get pending(): boolean {
    return this.#filling !== null;
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

  /** Reads ahead, unless bytes wait already. */
  fill(): Promise<void> {
    if (this.#start < this.#end || this.ended) return Promise.resolve();
    return this.#filling ??= this.#fill();
  }

  async #fill(): Promise<void> {
    const size = Math.max(1, Math.min(this.#size, this.limit));
    if (this.#chunk.length !== size) this.#chunk = new Uint8Array(size);
    try {
      const count = await this.#stream.read(this.#chunk);
      if (count === null) this.ended = true;
      else {
        this.#start = 0;
        this.#end = count;
        if (count === size) this.#size = Math.min(size * 4, LARGEST);
        else if (count < size / 16) this.#size = Math.max(size / 4, SMALLEST);
      }
    } catch (cause) {
      this.error = oserror(cause);
      this.ended = true;
    }
    this.#filling = null;
    // An unused chunk is not worth keeping: nobody can tell when the next one comes.
    if (this.ended) this.#chunk = NONE;
    this.#changed();
  }

  /**
   * Waits for bytes and puts them into `buffer`; how many. One call at a time:
   * see {@linkcode reading}.
   */
  read(buffer: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#stream.read(buffer).then(this.#onRead, this.#onFailure);
    });
  }

  /** A call of {@linkcode read} waits. */
  get reading(): boolean {
    return this.#resolve !== null;
  }

  // Made once and not at every read, of which there may be 100,000 a second.
  readonly #onRead = (count: number | null): void => {
    if (count === null) this.ended = true;
    const resolve = this.#resolve;
    this.#resolve = this.#reject = null;
    resolve?.(count ?? 0);
  };

  readonly #onFailure = (cause: unknown): void => {
    const reject = this.#reject;
    this.#resolve = this.#reject = null;
    reject?.(oserror(cause));
  };

  /** Ends the stream here: who waits, and who comes after, finds its end. */
  shut(): void {
    this.ended = true;
    this.#onRead(null);
    this.#changed();
  }
}
