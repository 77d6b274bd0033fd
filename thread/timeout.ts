/**
 * How long to wait at most.
 *
 * @module
 */

import { kind } from "../socket/bytes.ts";
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
 * @param or What else it may be, for the message.
 * @throws {TypeError} If it isn't a number.
 * @throws {RangeError} If it is none, or longer than `TIMEOUT_MAX`.
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

/** Resolves with a promise, or after so many milliseconds; may be infinite. */
export async function within(
  promise: Promise<unknown>,
  milliseconds: number,
): Promise<void> {
  if (milliseconds === Infinity) {
    await promise;
    return;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(milliseconds, LONGEST));
  });
  await Promise.race([promise, over]);
  clearTimeout(timer);
}
