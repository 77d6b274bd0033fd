/**
 * Internet addresses and numbers, between text, bytes and byte orders.
 *
 * The texts that are valid are those of the GNU C library, whatever the system.
 *
 * Follows Python's
 * [other functions](https://docs.python.org/3/library/socket.html#other-functions)
 * and `inet(3)`, `inet_pton(3)`, `inet_ntop(3)`.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import { int, text } from "../arguments.ts";
import { integer, view } from "../bytes.ts";
import { AF_INET, AF_INET6 } from "../constants.ts";
import { OSError } from "../errors.ts";

/**
 * The four bytes of an IPv4 address in any of its old forms: one to four parts
 * with dots between, each decimal, octal (`0177`) or hexadecimal (`0x7f`), the
 * last one filling all bytes that are left. The rest after white space is
 * ignored.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(socket.inet_aton("127.0.0.1"), Uint8Array.of(127, 0, 0, 1));
 * assertEquals(socket.inet_aton("0x7f.1"), Uint8Array.of(127, 0, 0, 1));
 * ```
 *
 * Follows Python's
 * [`socket.inet_aton`](https://docs.python.org/3/library/socket.html#socket.inet_aton)
 * and `inet_aton(3)`.
 *
 * @param ip_string The address as text.
 * @returns Four bytes, the most significant one first.
 * @throws {OSError} If it is no address (`errno` is `null`).
 * @throws {TypeError} If it is not a string.
 * @throws {RangeError} If it contains a NUL.
 */
export function inet_aton(ip_string: string): Uint8Array<ArrayBuffer> {
  const [word] = text(ip_string, "inet_aton() argument 1").split(/[\t-\r ]/, 1);
  const packed = aton(word!);
  if (!packed) {
    throw new OSError("illegal IP address string passed to inet_aton");
  }
  return packed;
}

/**
 * The dotted form of an IPv4 address.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(socket.inet_ntoa(Uint8Array.of(127, 0, 0, 1)), "127.0.0.1");
 * ```
 *
 * Follows Python's
 * [`socket.inet_ntoa`](https://docs.python.org/3/library/socket.html#socket.inet_ntoa).
 *
 * @param packed_ip Four bytes.
 * @returns The address as text.
 * @throws {OSError} If there are not four bytes (`errno` is `null`).
 * @throws {TypeError} If it is not a buffer.
 */
export function inet_ntoa(packed_ip: BufferSource): string {
  const packed = view(packed_ip);
  if (packed.length !== 4) {
    throw new OSError("packed IP wrong length for inet_ntoa");
  }
  return packed.join(".");
}

/**
 * The bytes of an address: four for `AF_INET`, which takes four decimal parts
 * only, sixteen for `AF_INET6`.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(socket.inet_pton(socket.AF_INET6, "::1").at(-1), 1);
 * ```
 *
 * Follows Python's
 * [`socket.inet_pton`](https://docs.python.org/3/library/socket.html#socket.inet_pton)
 * and `inet_pton(3)`.
 *
 * @param address_family `AF_INET` or `AF_INET6`.
 * @param ip_string The address as text, without a scope.
 * @returns The bytes, the most significant one first.
 * @throws {OSError} If it is no address of the family (`errno` is `null`), or
 * the family is another one (`EAFNOSUPPORT`).
 * @throws {TypeError} If an argument is of the wrong type.
 * @throws {RangeError} If the text contains a NUL.
 */
export function inet_pton(
  address_family: number,
  ip_string: string,
): Uint8Array<ArrayBuffer> {
  int(address_family, "inet_pton() argument 1");
  text(ip_string, "inet_pton() argument 2");
  if (address_family !== AF_INET && address_family !== AF_INET6) {
    throw new OSError(errno.EAFNOSUPPORT);
  }
  const packed = (address_family === AF_INET ? pton4 : pton6)(ip_string);
  if (!packed) {
    throw new OSError("illegal IP address string passed to inet_pton");
  }
  return packed;
}

/**
 * The text of an address. An IPv6 address comes in its short form, in lower
 * case, with a dotted end if it holds an IPv4 address (`::ffff:127.0.0.1`).
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(socket.inet_ntop(socket.AF_INET6, new Uint8Array(16)), "::");
 * ```
 *
 * Follows Python's
 * [`socket.inet_ntop`](https://docs.python.org/3/library/socket.html#socket.inet_ntop)
 * and `inet_ntop(3)`.
 *
 * @param address_family `AF_INET` or `AF_INET6`.
 * @param packed_ip Four or sixteen bytes.
 * @returns The address as text.
 * @throws {RangeError} If the number of bytes is not the family's, or the
 * family is another one.
 * @throws {TypeError} If an argument is of the wrong type.
 */
export function inet_ntop(
  address_family: number,
  packed_ip: BufferSource,
): string {
  int(address_family, "inet_ntop() argument 1");
  const packed = view(packed_ip);
  if (address_family !== AF_INET && address_family !== AF_INET6) {
    throw new RangeError(`unknown address family ${address_family}`);
  }
  if (packed.length !== (address_family === AF_INET ? 4 : 16)) {
    throw new RangeError("invalid length of packed IP address string");
  }
  return address_family === AF_INET ? packed.join(".") : ntop6(packed);
}

/**
 * A 16-bit number from this machine's byte order to the network's.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(socket.ntohs(socket.htons(8080)), 8080);
 * ```
 *
 * Follows Python's
 * [`socket.htons`](https://docs.python.org/3/library/socket.html#socket.htons).
 *
 * @param x 0 to 65535.
 * @returns The same bytes, read the other way on a little-endian machine.
 * @throws {RangeError} If `x` is out of range.
 * @throws {TypeError} If `x` is not an integer.
 */
export function htons(x: number): number {
  return reorder16(x, "htons");
}

/**
 * A 16-bit number from the network's byte order to this machine's; the inverse
 * of {@linkcode htons}.
 *
 * Follows Python's
 * [`socket.ntohs`](https://docs.python.org/3/library/socket.html#socket.ntohs).
 *
 * @param x 0 to 65535.
 * @returns The same bytes, read the other way on a little-endian machine.
 * @throws {RangeError} If `x` is out of range.
 * @throws {TypeError} If `x` is not an integer.
 */
export function ntohs(x: number): number {
  return reorder16(x, "ntohs");
}

/**
 * A 32-bit number from this machine's byte order to the network's.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(socket.ntohl(socket.htonl(0x7f000001)), 0x7f000001);
 * ```
 *
 * Follows Python's
 * [`socket.htonl`](https://docs.python.org/3/library/socket.html#socket.htonl).
 *
 * @param x 0 to 4294967295.
 * @returns The same bytes, read the other way on a little-endian machine.
 * @throws {RangeError} If `x` is out of range.
 * @throws {TypeError} If `x` is not an integer.
 */
export function htonl(x: number): number {
  return reorder32(x, "htonl");
}

/**
 * A 32-bit number from the network's byte order to this machine's; the inverse
 * of {@linkcode htonl}.
 *
 * Follows Python's
 * [`socket.ntohl`](https://docs.python.org/3/library/socket.html#socket.ntohl).
 *
 * @param x 0 to 4294967295.
 * @returns The same bytes, read the other way on a little-endian machine.
 * @throws {RangeError} If `x` is out of range.
 * @throws {TypeError} If `x` is not an integer.
 */
export function ntohl(x: number): number {
  return reorder32(x, "ntohl");
}

/** The bytes for {@linkcode inet_aton}; `null` if the whole text is no address. */
export function aton(ip_string: string): Uint8Array<ArrayBuffer> | null {
  const parts = ip_string.split(".").map(number);
  const last = parts.pop()!;
  const free = 4 - parts.length;
  const fits = free > 0 && last < 256 ** free;
  if (!fits || !parts.every((part) => part < 256)) return null;
  const packed = new Uint8Array(4);
  new DataView(packed.buffer).setUint32(0, last);
  packed.set(parts);
  return packed;
}

/** The value of a C integer literal, `NaN` if it is none. */
function number(literal: string): number {
  if (/^0[0-7]*$/.test(literal)) return parseInt(literal, 8);
  return /^(?:0[xX][0-9a-fA-F]+|[1-9][0-9]*)$/.test(literal)
    ? Number(literal)
    : NaN;
}

/** The bytes of an IPv4 address of four decimal parts; `null` if it is none. */
export function pton4(ip_string: string): Uint8Array<ArrayBuffer> | null {
  const parts = ip_string.split(".");
  const valid = parts.length === 4 &&
    parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && +part < 256);
  return valid ? Uint8Array.from(parts, Number) : null;
}

/** The bytes of an IPv6 address without a scope; `null` if it is none. */
export function pton6(ip_string: string): Uint8Array<ArrayBuffer> | null {
  const end = ip_string.lastIndexOf(":") + 1;
  const v4 = ip_string.includes(".") ? pton4(ip_string.slice(end)) : null;
  // A dotted end fills the last two groups.
  const text = v4 ? `${ip_string.slice(0, end)}0:0` : ip_string;
  const [head = [], tail, ...more] = text.split("::")
    .map((half) => half === "" ? [] : half.split(":"));
  const zeros = 8 - head.length - (tail?.length ?? 0);
  // "::" stands for one group at least.
  if (more.length > 0 || (tail ? zeros < 1 : zeros !== 0)) return null;
  const packed = new Uint8Array(16);
  const groups = tail ? [...head, ...Array(zeros).fill("0"), ...tail] : head;
  for (const [at, group] of groups.entries()) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null;
    const value = parseInt(group, 16);
    packed[2 * at] = value >> 8;
    packed[2 * at + 1] = value;
  }
  if (v4) packed.set(v4, 12);
  return packed;
}

/** The text of an IPv6 address. */
export function ntop6(packed: Uint8Array): string {
  const words = Array.from(
    { length: 8 },
    (_, at) => packed[2 * at]! << 8 | packed[2 * at + 1]!,
  );
  // The first of the longest runs of zeros is left out.
  let [start, length] = [0, 1];
  for (let at = 0, run = 0; at < 8; at++) {
    run = words[at] === 0 ? run + 1 : 0;
    if (run > length) [start, length] = [at - run + 1, run];
  }
  const v4 = start === 0 &&
    (length === 6 || (length === 5 && words[5] === 0xffff));
  const shown = words.slice(0, v4 ? 6 : 8).map((word) => word.toString(16));
  if (v4) shown.push(packed.subarray(12).join("."));
  if (length === 1) return shown.join(":");
  return shown.slice(0, start).join(":") + "::" +
    shown.slice(start + length).join(":");
}

function reorder16(x: number, caller: string): number {
  integer(x, `${caller}() argument 1`);
  if (x < 0 || x > 0xffff) {
    const problem = x < 0
      ? "can't convert negative int"
      : "int too large to convert";
    throw new RangeError(`${caller}: ${problem} to C 16-bit unsigned integer`);
  }
  return new Uint16Array(Uint8Array.of(x >> 8, x).buffer)[0]!;
}

function reorder32(x: number, caller: string): number {
  integer(x, `${caller}() argument 1`);
  if (x < 0) {
    throw new RangeError("can't convert negative value to unsigned int");
  }
  if (x > 0xffffffff) throw new RangeError("int larger than 32 bits");
  return new Uint32Array(Uint8Array.of(x >> 24, x >> 16, x >> 8, x).buffer)[0]!;
}
