/**
 * Arguments in the form that C takes them in.
 *
 * @module
 */

import { integer, kind } from "./bytes.ts";

/**
 * A text argument, checked as CPython does: a `TypeError` if it is no string,
 * a `RangeError` (Python's `ValueError`) if a NUL would cut it short in C.
 */
export function text(value: unknown, what: string): string {
  if (typeof value !== "string") {
    throw new TypeError(`${what} must be a string, not ${kind(value)}`);
  }
  if (value.includes("\0")) throw new RangeError("embedded null character");
  return value;
}

/** A text as C sees it: up to the first NUL. */
export function cString(value: string): string {
  const end = value.indexOf("\0");
  return end < 0 ? value : value.slice(0, end);
}

/**
 * An argument that C takes as an `int`: a `TypeError` if it is no integer, a
 * `RangeError` (Python's `OverflowError`) if it doesn't fit.
 */
export function int(value: unknown, what: string): number {
  const number = integer(value, what);
  if (number !== (number | 0)) {
    throw new RangeError(`${what} doesn't fit in a C int: ${number}`);
  }
  return number;
}

/** Whether a value is a buffer or a view of one. */
export function isBuffer(value: unknown): value is BufferSource {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}
