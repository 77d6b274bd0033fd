/**
 * The size of the stacks of threads.
 *
 * @module
 */

import { integer } from "../socket/bytes.ts";
import { Common, exchange } from "./common.ts";

/** The least that CPython takes, in bytes. */
const SMALLEST = 32 * 1024;

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
  if (size > 0 && size < SMALLEST) {
    throw new RangeError(`size not valid: ${size} bytes`);
  }
  return exchange(Common.StackSize, size);
}
