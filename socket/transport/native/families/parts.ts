/**
 * The parts of address arguments, checked as CPython does.
 *
 * @module
 */

import * as errno from "../../../../errno.ts";
import { isBuffer, text } from "../../../arguments.ts";
import { bytes, integer, kind } from "../../../bytes.ts";
import { OSError } from "../../../errors.ts";
import { indexOf, missing, nameOf } from "../../../names/interfaces.ts";
import { decodePath, encodePath } from "../../../names/unix_address.ts";

/** The longest name of an interface with the NUL behind it, IFNAMSIZ. */
const NAME_SIZE = 16;

/** An address that must be an array; `where` begins the message if it isn't. */
export function array(
  argument: unknown,
  where: string,
  family: string,
): unknown[] {
  if (Array.isArray(argument)) return argument;
  throw new TypeError(
    `${where}: ${family} address must be an array, not ${kind(argument)}`,
  );
}

/** The same, with so many parts; `shape` is the message if it has others. */
export function parts(
  argument: unknown,
  caller: string,
  family: string,
  [least, most]: readonly [least: number, most: number],
  shape: string,
): unknown[] {
  const all = array(argument, `${caller}()`, family);
  if (all.length >= least && all.length <= most) return all;
  throw new TypeError(`${family} address must be ${shape}`);
}

/** An integer, of which C keeps the lowest 32 bits. */
export function u32(value: unknown, what: string): number {
  return integer(value, what) >>> 0;
}

/** An integer, of which C keeps the lowest 64 bits. */
export function u64(value: unknown, what: string): bigint {
  const whole = typeof value === "bigint" ? value : integer(value, what);
  return BigInt.asUintN(64, BigInt(whole));
}

/** Text that ends in a NUL in the structure, where it has `size` bytes. */
export function fixed(
  value: unknown,
  what: string,
  size: number,
  tooLong: string,
): Uint8Array<ArrayBuffer> {
  const encoded = encodePath(text(value, what));
  if (encoded.length >= size) throw new RangeError(tooLong);
  return encoded;
}

/** The text in a structure, up to its NUL. */
export function cut(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodePath(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Text that may also be given as its bytes. */
export function textOrBytes(value: unknown, what: string): string {
  return text(isBuffer(value) ? decodePath(bytes(value)) : value, what);
}

/** The index of an interface; `ENODEV` if there is none with that name. */
export function interfaceIndex(name: string): number {
  const index = indexOf(name);
  if (index === undefined) throw missing();
  if (index === 0) throw new OSError(errno.ENODEV);
  return index;
}

/** Whether a name is longer than any that an interface has. */
export function isTooLong(name: string): boolean {
  return encodePath(name).length >= NAME_SIZE;
}

/** The name of an interface; empty if there is none, or it may not be told. */
export function interfaceName(index: number): string {
  return nameOf(index) ?? "";
}
