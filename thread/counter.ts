/**
 * How many threads run.
 *
 * @module
 */

import { add, Common, read } from "./common.ts";

/** One more or fewer. */
export function counted(change: 1 | -1): void {
  add(Common.Count, change);
}

/**
 * How many threads run now, apart from the main one.
 *
 * Follows CPython's `_thread._count`.
 */
export function _count(): number {
  return read(Common.Count);
}
