/**
 * How many threads run.
 *
 * @module
 */

let count = new Int32Array(new SharedArrayBuffer(4));

/** The memory that all threads count in. */
export function counter(): SharedArrayBuffer {
  return count.buffer;
}

/** Counts in the memory of the main thread. */
export function countIn(memory: SharedArrayBuffer): void {
  count = new Int32Array(memory);
}

/** One more or fewer. */
export function counted(change: 1 | -1): void {
  Atomics.add(count, 0, change);
}

/**
 * How many threads run now, apart from the main one.
 *
 * Follows CPython's `_thread._count`.
 */
export function _count(): number {
  return Atomics.load(count, 0);
}
