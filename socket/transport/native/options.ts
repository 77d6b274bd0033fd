/**
 * Options of sockets, as `getsockopt(2)` and `setsockopt(2)` have them.
 *
 * @module
 */

import { check, libc } from "./libc.ts";

/** The longest value that CPython reads, in bytes. */
const LONGEST = 1024;

const value = new Uint8Array(LONGEST);
const asNumber = new Int32Array(value.buffer, 0, 1);
const length = new Uint32Array(1);

/** An option as a number, or as up to `size` bytes. */
export function getOption(
  fd: number,
  level: number,
  name: number,
  size = 0,
): number | Uint8Array<ArrayBuffer> {
  length[0] = size || 4;
  // The system fills fewer bytes for an option that is shorter than a number.
  asNumber[0] = 0;
  check(() => libc.getsockopt(fd, level, name, value, length));
  return size === 0 ? asNumber[0]! : value.slice(0, length[0]);
}

/** Sets an option, to a number or to the bytes of a structure. */
export function setOption(
  fd: number,
  level: number,
  name: number,
  to: number | Uint8Array<ArrayBuffer>,
): void {
  const bytes = typeof to === "number"
    ? new Uint8Array(Int32Array.of(to).buffer)
    : to;
  check(() => libc.setsockopt(fd, level, name, bytes, bytes.length));
}
