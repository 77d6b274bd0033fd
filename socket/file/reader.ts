import type { SocketIO } from "./raw.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Raw = Pick<SocketIO, "read" | "readinto">;

const LF = 10;

const NONE = new Uint8Array(0);

/**
 * Bytes read ahead. One call at a time.
 *
 * Follows CPython's `BufferedReader`, but a call that fails leaves what it has
 * read in the buffer.
 */
export class ReadBuffer {
  readonly #raw: Raw;
  readonly #size: number;
  /** The bytes from `#start` to `#end` are unread. */
  #buffer: Bytes = NONE;
  #start = 0;
  #end = 0;

  /** @param size How much is read at once, in bytes. */
  constructor(raw: Raw, size: number) {
    this.#raw = raw;
    this.#size = size;
  }

  /** How many bytes can be taken without waiting. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Up to `count` bytes: less at the end or if more would block. */
  async read(count: number): Promise<Bytes | null> {
    if (count < Infinity && count > Math.max(this.#size, this.length)) {
      const target = new Uint8Array(count);
      const have = await this.readInto(target, false);
      return have === null ? null : target.subarray(0, have);
    }
    let more: number | null = 1;
    while (this.length < count && more) more = await this.#more();
    return more === null && this.length === 0 ? null : this.#take(count);
  }

  /** The buffered bytes, or up to `count` of one read; `null` if it would block. */
  async read1(count = this.#size): Promise<Bytes | null> {
    if (this.length > 0 || count === 0) return this.#take(count);
    return await this.#raw.read(count);
  }

  /** The buffered bytes, or those of one read; they stay in the buffer. */
  async peek(): Promise<Bytes> {
    if (this.length === 0) await this.#more();
    return this.#buffer.slice(this.#start, this.#end);
  }

  /** Fills `target`, with `once` from one read at most; `null` if it would block. */
  async readInto(target: Bytes, once: boolean): Promise<number | null> {
    let count = this.#drain(target);
    try {
      while (count < target.length && !(once && count > 0)) {
        const rest = target.subarray(count);
        // Larger reads gain nothing from going through the buffer.
        const direct = rest.length > this.#size;
        const read = direct
          ? await this.#raw.readinto(rest)
          : await this.#more();
        if (read === null && count === 0) return null;
        if (!read) break;
        count += direct ? read : this.#drain(rest);
      }
    } catch (error) {
      // The buffer is empty, and takes back the bytes that the call has read.
      this.#buffer = target.slice(0, count);
      this.#start = 0;
      this.#end = count;
      throw error;
    }
    return count;
  }

  /** A line of at most `limit` bytes, or as much of it as has come. */
  async readLine(limit: number): Promise<Bytes> {
    let searched = 0;
    for (;;) {
      const { length } = this;
      const at = this.#buffer.indexOf(LF, this.#start + searched);
      const end = at === -1 || at >= this.#end ? 0 : at + 1 - this.#start;
      if (end > 0 || length >= limit) {
        return this.#take(Math.min(end || limit, limit));
      }
      searched = length;
      if (!await this.#more()) return this.#take(length);
    }
  }

  /** Reads once more behind the unread bytes; as `readinto()` does. */
  async #more(): Promise<number | null> {
    const { length } = this;
    if (length === 0 || this.#end === this.#buffer.length) {
      const kept = this.#buffer.subarray(this.#start, this.#end);
      // A long line enlarges the buffer until it has been read.
      const space = Math.max(this.#size, 2 * length);
      if (space !== this.#buffer.length) this.#buffer = new Uint8Array(space);
      this.#buffer.set(kept);
      this.#start = 0;
      this.#end = length;
    }
    const count = await this.#raw.readinto(this.#buffer.subarray(this.#end));
    if (count) this.#end += count;
    return count;
  }

  #take(count: number): Bytes {
    const end = Math.min(this.#start + count, this.#end);
    const taken = this.#buffer.slice(this.#start, end);
    this.#start = end;
    return taken;
  }

  /** Moves unread bytes into `target`; how many. */
  #drain(target: Bytes): number {
    const end = Math.min(this.#start + target.length, this.#end);
    const moved = this.#buffer.subarray(this.#start, end);
    target.set(moved);
    this.#start = end;
    return moved.length;
  }
}
