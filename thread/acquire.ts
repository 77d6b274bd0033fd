/**
 * The arguments of `acquire()`.
 *
 * @module
 */

import { integer, kind } from "../socket/bytes.ts";

/**
 * The longest time-out that a lock takes, in seconds (some 292 years), as
 * Python's
 * [`_thread.TIMEOUT_MAX`](https://docs.python.org/3/library/_thread.html#_thread.TIMEOUT_MAX).
 */
export const TIMEOUT_MAX: number = 9223372036;

/**
 * How long `acquire()` may wait, in milliseconds.
 *
 * @throws {TypeError} If an argument is of the wrong type.
 * @throws {RangeError} If the time-out is none, or doesn't go with `blocking`.
 */
export function patience(blocking: unknown, timeout: unknown): number {
  const waits = integer(blocking, "blocking") !== 0;
  if (typeof timeout !== "number") {
    throw new TypeError(`timeout must be a number, not ${kind(timeout)}`);
  }
  if (Number.isNaN(timeout)) {
    throw new RangeError("Invalid value NaN (not a number)");
  }
  if (!waits && timeout !== -1) {
    throw new RangeError("can't specify a timeout for a non-blocking call");
  }
  if (timeout < 0 && timeout !== -1) {
    throw new RangeError("timeout value must be positive");
  }
  if (timeout > TIMEOUT_MAX) throw new RangeError("timeout value is too large");
  if (!waits) return 0;
  return timeout === -1 ? Infinity : timeout * 1000;
}
