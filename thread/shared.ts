/**
 * Numbers that all threads share.
 *
 * @module
 */

import { integer } from "../socket/bytes.ts";

// The places of the numbers.
const THREADS = 0;
/** 0 stands for the number of processors. */
const POOL_SIZE = 1;
const STACK_SIZE = 2;

// Without shared memory there are no other threads to share it with.
const Memory = globalThis.SharedArrayBuffer ?? ArrayBuffer;

let words = new BigInt64Array(new Memory(24));

export function sharedNumbers(): SharedArrayBuffer {
  return words.buffer;
}

export function useNumbers(memory: SharedArrayBuffer): void {
  words = new BigInt64Array(memory);
}

function exchange(which: number, value: number): number {
  return Number(Atomics.exchange(words, which, BigInt(value)));
}

/** Counts a thread that starts or has ended. */
export function countThread(change: 1 | -1): void {
  Atomics.add(words, THREADS, BigInt(change));
}

/**
 * How many threads run now, apart from the main one.
 *
 * Follows CPython's `_thread._count`.
 */
export function _count(): number {
  return Number(Atomics.load(words, THREADS));
}

/**
 * How many workers threads share: as many as the machine has processors, unless
 * it is set. While all of them are busy, a new thread shares one with others;
 * threads with `dedicated` don't count.
 *
 * Unlike Python's, threads of one worker run in turns: one that computes, and
 * never awaits, keeps the others from running.
 *
 * ```ts
 * import { thread } from "@berkeley/socket";
 *
 * const before = thread.pool_size(2);
 * thread.pool_size(before);
 * ```
 *
 * @param size The new number, 1 or more, for all threads started from now on.
 * Threads that run stay where they are.
 * @returns The number before.
 * @throws {TypeError} If `size` isn't an integer.
 * @throws {RangeError} If `size` isn't positive.
 */
export function pool_size(size?: number): number {
  if (size !== undefined && integer(size, "size") < 1) {
    throw new RangeError("size must be positive");
  }
  const before = size === undefined
    ? Number(Atomics.load(words, POOL_SIZE))
    : exchange(POOL_SIZE, size);
  return before || (globalThis.navigator?.hardwareConcurrency || 1);
}

/** The least that CPython takes, in bytes. */
const SMALLEST_STACK = 32 * 1024;

/**
 * The stack size that was set for new threads, in bytes; 0, the initial one,
 * stands for the system's. Deno chooses the stacks of its workers itself, so
 * the number is only remembered.
 *
 * Follows Python's
 * [`_thread.stack_size`](https://docs.python.org/3/library/_thread.html#thread.stack_size).
 *
 * @param size The new size, in all threads: 0, or 32768 and more. Without it,
 * as in Python, the size is set to 0.
 * @returns The size before.
 * @throws {TypeError} If `size` isn't an integer.
 * @throws {RangeError} For other sizes.
 */
export function stack_size(size: number = 0): number {
  if (integer(size, "size") < 0) {
    throw new RangeError("size must be 0 or a positive value");
  }
  if (size > 0 && size < SMALLEST_STACK) {
    throw new RangeError(`size not valid: ${size} bytes`);
  }
  return exchange(STACK_SIZE, size);
}
