/**
 * Bytes that have arrived and wait to be taken.
 *
 * @module
 */

type Bytes = Uint8Array<ArrayBuffer>;

/** A queue of bytes, in the pieces that they came in. */
export class ByteQueue {
  readonly #parts: Bytes[] = [];
  /** How much of the first piece was taken. */
  #start = 0;
  #length = 0;

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  /** Adds a piece, whose memory is the queue's from then on. */
  push(bytes: Bytes): void {
    if (bytes.length === 0) return;
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  /** Puts bytes before all others. */
  unshift(bytes: Bytes): void {
    if (bytes.length === 0) return;
    if (this.#start > 0) this.#parts[0] = this.#parts[0]!.subarray(this.#start);
    this.#start = 0;
    this.#parts.unshift(bytes);
    this.#length += bytes.length;
  }

  /** A copy of the first `count` bytes, or of all if there are fewer. */
  peek(count: number): Bytes {
    const copy = new Uint8Array(Math.min(count, this.#length));
    this.copy(copy);
    return copy;
  }

  /** Copies up to as many bytes as fit into `target`; how many. They stay. */
  copy(target: Bytes): number {
    let start = this.#start;
    let at = 0;
    for (const part of this.#parts) {
      if (at === target.length) break;
      const piece = part.subarray(start, start + target.length - at);
      target.set(piece, at);
      at += piece.length;
      start = 0;
    }
    return at;
  }

  /** Takes the first `count` bytes out. */
  skip(count: number): void {
    this.#length -= count;
    let left = count + this.#start;
    while (this.#parts.length > 0 && left >= this.#parts[0]!.length) {
      left -= this.#parts.shift()!.length;
    }
    this.#start = left;
  }
}
