/**
 * The order of items, as Python compares them.
 *
 * JavaScript's `<` compares arrays as text, and never says that two things
 * can't be compared.
 *
 * @module
 */

import { kind } from "../../socket/bytes.ts";

/**
 * Whether `a` comes before `b`: numbers by value, text by code point, bytes
 * and arrays by their first difference, dates by time.
 *
 * @throws {TypeError} If one can't be compared with the other.
 */
export function less(a: unknown, b: unknown): boolean {
  if (isNumber(a) && isNumber(b)) return a < b;
  if (typeof a === "string" && typeof b === "string") return textLess(a, b);
  if (a instanceof Date && b instanceof Date) return a < b;
  if (isSequence(a) && isSequence(b) && isBytes(a) === isBytes(b)) {
    const count = Math.min(a.length, b.length);
    for (let i = 0; i < count; i++) {
      if (!equal(a[i], b[i])) return less(a[i], b[i]);
    }
    return a.length < b.length;
  }
  throw new TypeError(
    `'<' not supported between instances of ${kind(a)} and ${kind(b)}`,
  );
}

/** Whether `a` equals `b`; items that can't be compared don't. */
function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  // deno-lint-ignore eqeqeq
  if (isNumber(a) && isNumber(b)) return a == b;
  if (a instanceof Date && b instanceof Date) return +a === +b;
  return isSequence(a) && isSequence(b) && isBytes(a) === isBytes(b) &&
    a.length === b.length &&
    Array.prototype.every.call(a, (each, i) => equal(each, b[i]));
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" || typeof value === "bigint" ||
    typeof value === "boolean";
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

function isSequence(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || isBytes(value);
}

function textLess(a: string, b: string): boolean {
  const count = Math.min(a.length, b.length);
  for (let i = 0; i < count; i++) {
    const [one, other] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (one !== other) return rank(one) < rank(other);
  }
  return a.length < b.length;
}

/** Puts halves of surrogate pairs behind all other units, where they belong. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
