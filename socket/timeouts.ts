/**
 * Time-outs: `null` waits, 0 never does, anything else is seconds.
 *
 * @module
 */

import { kind } from "./bytes.ts";

let initial: number | null = null;

/**
 * Sets the time-out of sockets made from now on: seconds, 0 for non-blocking,
 * `null` for blocking (the initial state).
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * socket.setdefaulttimeout(2.5);
 * using s = socket.socket();
 * assertEquals(s.gettimeout(), 2.5);
 * socket.setdefaulttimeout(null);
 * ```
 *
 * Follows Python's
 * [`socket.setdefaulttimeout`](https://docs.python.org/3/library/socket.html#socket.setdefaulttimeout).
 *
 * @throws {TypeError} If `timeout` is neither a number nor `null`.
 * @throws {RangeError} If it is negative or not a number of seconds.
 */
export function setdefaulttimeout(timeout: number | null): void {
  initial = checkTimeout(timeout);
}

/**
 * The time-out of sockets made from now on, in seconds; `null` for none.
 *
 * Follows Python's
 * [`socket.getdefaulttimeout`](https://docs.python.org/3/library/socket.html#socket.getdefaulttimeout).
 */
export function getdefaulttimeout(): number | null {
  return initial;
}

/** Checks a time-out argument. */
export function checkTimeout(timeout: unknown): number | null {
  if (timeout === null) return null;
  if (typeof timeout !== "number") {
    throw new TypeError(
      `a time-out must be a number or null, not ${kind(timeout)}`,
    );
  }
  if (Number.isNaN(timeout)) {
    throw new RangeError("Invalid value NaN (not a number)");
  }
  if (timeout < 0) throw new RangeError("Timeout value out of range");
  return timeout;
}
