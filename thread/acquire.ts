/**
 * The arguments of `acquire()`.
 *
 * @module
 */

import { integer } from "../socket/bytes.ts";
import { seconds } from "./timeout.ts";

/**
 * How long `acquire()` may wait, in milliseconds.
 *
 * @throws {TypeError} If an argument is of the wrong type.
 * @throws {RangeError} If the time-out is none, or doesn't go with `blocking`.
 */
export function patience(blocking: unknown, timeout: unknown): number {
  const waits = integer(blocking, "blocking") !== 0;
  const most = seconds(timeout);
  if (!waits && most !== -1) {
    throw new RangeError("can't specify a timeout for a non-blocking call");
  }
  if (most < 0 && most !== -1) {
    throw new RangeError("timeout value must be positive");
  }
  if (!waits) return 0;
  return most === -1 ? Infinity : most * 1000;
}
