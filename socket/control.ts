/**
 * The sizes of control messages, as Linux has them on machines of 64 bits.
 *
 * @module
 */

import { integer } from "./bytes.ts";

/** `struct cmsghdr`, in bytes. */
const HEADER = 16;
/** A control message begins at a multiple of it, in bytes. */
const ALIGNMENT = 8;
/** The largest size of ancillary data, in bytes: that of a C `int`. */
const LARGEST = 2 ** 31 - 1;

/**
 * The size of a control message with `length` bytes of data, without padding
 * behind it: what `recvmsg()` needs for a single one.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(socket.CMSG_LEN(4), 20); // One descriptor.
 * ```
 *
 * Follows Python's
 * [`socket.CMSG_LEN`](https://docs.python.org/3/library/socket.html#socket.CMSG_LEN).
 *
 * @throws {RangeError} If `length` is negative or too large.
 */
export function CMSG_LEN(length: number): number {
  return sized("CMSG_LEN", length, HEADER);
}

/**
 * The size of a control message with `length` bytes of data, with the padding
 * behind it: what `recvmsg()` needs for several is the sum of their sizes.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(socket.CMSG_SPACE(4), 24);
 * assertEquals(socket.CMSG_SPACE(12), 32);
 * ```
 *
 * Follows Python's
 * [`socket.CMSG_SPACE`](https://docs.python.org/3/library/socket.html#socket.CMSG_SPACE).
 *
 * @throws {RangeError} If `length` is negative or too large.
 */
export function CMSG_SPACE(length: number): number {
  const size = sized("CMSG_SPACE", length, HEADER + ALIGNMENT) - ALIGNMENT;
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}

function sized(caller: string, length: number, more: number): number {
  const size = integer(length, "length") + more;
  if (length >= 0 && size <= LARGEST) return size;
  throw new RangeError(`${caller}() argument out of range`);
}
