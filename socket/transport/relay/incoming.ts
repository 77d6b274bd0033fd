/**
 * Bytes that came from where an endpoint stays, and weren't taken yet.
 *
 * @module
 */

/** A queue of bytes. It is bounded by who fills it. */
export class Incoming {
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  /** How many bytes of the first chunk were taken. */
  #start = 0;
  #length = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  /** Adds a copy of bytes. */
  push(bytes: Uint8Array): void {
    this.#chunks.push(new Uint8Array(bytes));
    this.#length += bytes.length;
  }

  /** Puts bytes before those that wait. */
  unshift(bytes: Uint8Array<ArrayBuffer>): void {
    const [first] = this.#chunks;
    if (first && this.#start > 0) this.#chunks[0] = first.subarray(this.#start);
    this.#start = 0;
    this.#chunks.unshift(bytes);
    this.#length += bytes.length;
  }

  /** Up to `count` bytes in an array of their own; they stay. */
  peek(count: number): Uint8Array<ArrayBuffer> {
    const target = new Uint8Array(Math.min(count, this.#length));
    this.#copy(target);
    return target;
  }

  /** Takes up to `count` bytes. */
  take(count: number): Uint8Array<ArrayBuffer> {
    const [first] = this.#chunks;
    // As it came, nobody else has it.
    if (first && this.#start === 0 && this.#isAll(first, count)) {
      this.#chunks.shift();
      this.#length -= first.length;
      return first;
    }
    const bytes = this.peek(count);
    this.skip(bytes.length);
    return bytes;
  }

  /** The first chunk is all that can be taken. */
  #isAll(first: Uint8Array, count: number): boolean {
    return first.length === count ||
      first.length < count && this.#chunks.length === 1;
  }

  /** Puts up to as many bytes as fit into `target`; how many. They stay. */
  copy(target: Uint8Array): number {
    const count = Math.min(target.length, this.#length);
    this.#copy(target.subarray(0, count));
    return count;
  }

  #copy(target: Uint8Array): void {
    let at = 0;
    let start = this.#start;
    for (const chunk of this.#chunks) {
      if (at === target.length) return;
      const part = chunk.subarray(start, start + target.length - at);
      target.set(part, at);
      at += part.length;
      start = 0;
    }
  }

  /** Gives up the first `count` bytes. */
  skip(count: number): void {
    this.#length -= count;
    this.#start += count;
    let whole = 0;
    for (const { length } of this.#chunks) {
      if (length > this.#start) break;
      this.#start -= length;
      whole++;
    }
    if (whole > 0) this.#chunks.splice(0, whole);
  }
}
