/**
 * An estimate of how much the next read of a stream brings.
 *
 * A small read is fastest into memory that is kept, and copied from there; a
 * large one into a new array, if that is about as large as what comes.
 *
 * @module
 */

/** From this size on, a read into a new array is faster than a copy, in bytes. */
const LARGE = 4 * 1024;
/** The largest read into a new array, in bytes. */
const LARGEST = 256 * 1024;
/** How much more is asked for than was received last, in bytes. */
const SPARE = 64;

/** The estimate for one stream. */
export class ReadSize {
  #expected = 0;

  /** The size of a new array for the next read; 0 for a small read. */
  next(count: number): number {
    const size = Math.min(count, this.#expected);
    return size < LARGE ? 0 : size;
  }

  /** Learns from a read of `length` bytes, which had room for `size`. */
  learn(length: number, size: number): void {
    if (length === size) this.#expected = Math.min(2 * size, LARGEST);
    else if (length < LARGE) this.#expected = 0;
    // With room to spare, a read that takes everything shows that it does.
    else this.#expected = length + SPARE;
  }
}
