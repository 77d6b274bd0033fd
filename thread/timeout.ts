/**
 * Time-outs of locks, queues and joins.
 *
 * @module
 */

import { integer, kind } from "../socket/bytes.ts";
import { LONGEST } from "../socket/reactor/alive.ts";

/**
 * The longest time-out that a lock takes, in seconds (some 292 years), as
 * Python's
 * [`_thread.TIMEOUT_MAX`](https://docs.python.org/3/library/_thread.html#_thread.TIMEOUT_MAX).
 */
export const TIMEOUT_MAX: number = 9223372036;

/**
 * Checks a time-out in seconds.
 *
 * @param or Another type that is allowed, for the message.
 * @throws {TypeError} If it isn't a number.
 * @throws {RangeError} If it is `NaN`, or longer than `TIMEOUT_MAX`.
 */
export function seconds(timeout: unknown, or = ""): number {
  if (typeof timeout !== "number") {
    throw new TypeError(
      `timeout must be a number${or}, not ${kind(timeout)}`,
    );
  }
  if (Number.isNaN(timeout)) {
    throw new RangeError("Invalid value NaN (not a number)");
  }
  if (timeout > TIMEOUT_MAX) throw new RangeError("timeout value is too large");
  return timeout;
}

/**
 * The longest wait of an `acquire()` with these arguments, in milliseconds.
 *
 * @throws {TypeError} If an argument is of the wrong type.
 * @throws {RangeError} If `timeout` is out of range, or `blocking` is false.
 */
export function timeoutOfAcquire(blocking: unknown, timeout: unknown): number {
  const waits = integer(blocking, "blocking") !== 0;
  const limit = seconds(timeout);
  if (!waits && limit !== -1) {
    throw new RangeError("can't specify a timeout for a non-blocking call");
  }
  if (limit < 0 && limit !== -1) {
    throw new RangeError("timeout value must be positive");
  }
  if (!waits) return 0;
  return limit === -1 ? Infinity : limit * 1000;
}

/**
 * The longest wait of a call that may wait for ever, in milliseconds.
 *
 * @param timeout In seconds; `null` for ever. A negative one is 0.
 * @throws {TypeError} If it is neither a number nor `null`.
 * @throws {RangeError} If it is `NaN`, or longer than `TIMEOUT_MAX`.
 */
export function patience(timeout: unknown): number {
  if (timeout === null) return Infinity;
  return Math.max(seconds(timeout, " or null"), 0) * 1000;
}

/** Resolves when a promise does, or after a time that may be infinite. */
export async function within(
  promise: Promise<unknown>,
  milliseconds: number,
): Promise<void> {
  if (milliseconds === Infinity) {
    await promise;
    return;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expired = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(milliseconds, LONGEST));
  });
  await Promise.race([promise, expired]);
  clearTimeout(timer);
}
