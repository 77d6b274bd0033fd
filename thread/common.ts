/**
 * Numbers that all threads share.
 *
 * @module
 */

/** Which number. */
export enum Common {
  /** How many threads run, apart from the main one. */
  Count,
  /** How many workers threads share; 0 for as many as there are processors. */
  PoolSize,
  /** What `stack_size()` was set to. */
  StackSize,
}

const SIZE = 3;

// Where there is no shared memory there are no threads to share it with.
const Memory = globalThis.SharedArrayBuffer ?? ArrayBuffer;

let words = new BigInt64Array(
  new Memory(SIZE * BigInt64Array.BYTES_PER_ELEMENT),
);

/** The memory that the numbers are in. */
export function common(): SharedArrayBuffer {
  return words.buffer;
}

/** Uses the memory of the main thread. */
export function share(memory: SharedArrayBuffer): void {
  words = new BigInt64Array(memory);
}

/** The number as it is now. */
export function read(which: Common): number {
  return Number(Atomics.load(words, which));
}

/** Sets the number, and returns the one before. */
export function exchange(which: Common, value: number): number {
  return Number(Atomics.exchange(words, which, BigInt(value)));
}

/** Adds to the number. */
export function add(which: Common, value: number): void {
  Atomics.add(words, which, BigInt(value));
}
