/**
 * What is in a value that is to go to another thread.
 *
 * @module
 */

import { kind } from "../socket/bytes.ts";
import { IOBase } from "../socket/file/base.ts";
import { transfer } from "../socket/transfer.ts";

/**
 * Whether a value holds anything that moves from thread to thread rather than
 * being copied, at any depth.
 *
 * @param path What error messages call the value.
 * @throws {TypeError} If something in it can't go; the message says where.
 */
export function inspect(value: unknown, path: string): boolean {
  return new Inspection().look(value, path, null);
}

class Inspection {
  readonly #seen = new Set<object>();

  /** `within` is what structured clone copies in one piece. */
  look(value: unknown, path: string, within: object | null): boolean {
    if (isAtom(value)) return false;
    if (typeof value !== "object" || value === null) {
      // The whole is refused, for it can't be cloned.
      if (within !== null) return false;
      refuse(value, path);
    }
    if (transfer in value) {
      if (within !== null) refuse(value, path, ` in ${nameOf(within)}`);
      return true;
    }
    if (this.#seen.has(value)) return false;
    this.#seen.add(value);
    if (value instanceof IOBase) refuse(value, path);
    const whole = isWhole(value) ? value : null;
    let moves = false;
    for (const [part, place] of parts(value, path)) {
      if (this.look(part, place, within ?? whole)) moves = true;
    }
    if (whole !== null && !isBinary(whole) && !clones(whole)) {
      refuse(whole, path);
    }
    return moves;
  }
}

/** It has no parts, and can go. */
export function isAtom(value: unknown): boolean {
  return value === null || typeof value !== "object" &&
      typeof value !== "function" && typeof value !== "symbol";
}

/** Says what can't go, and where it is. */
export function refuse(value: unknown, path: string, where = ""): never {
  const what = typeof value === "object" ? nameOf(value) : `a ${typeof value}`;
  throw new TypeError(`${path}: ${what}${where} can't be given to a thread`);
}

/** Not everything has a constructor with a name. */
function nameOf(value: object | null): string {
  return kind(value) || tagOf(value).slice("[object ".length, -1);
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}

/** Structured clone takes it for a plain object. */
export function isPlain(value: object): boolean {
  return tagOf(value) === "[object Object]" && !(value instanceof WeakRef);
}

/** Structured clone copies it in one piece, or can't. */
function isWhole(value: object): boolean {
  return !Array.isArray(value) && !(value instanceof Map) &&
    !(value instanceof Set) && !isPlain(value);
}

/** Bytes have no parts, and may be too many to try. */
function isBinary(value: object): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer ||
    value instanceof SharedArrayBuffer;
}

function clones(value: object): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** What structured clone would go into, with the path of each part. */
export function* parts(
  value: object,
  path: string,
): Iterable<[part: unknown, path: string]> {
  if (isBinary(value)) return;
  if (value instanceof Map) {
    for (const [key, part] of value) {
      yield [key, placeOfKey(path)];
      yield [part, placeOfEntry(path, key)];
    }
  } else if (value instanceof Set) {
    for (const part of value) yield [part, placeOfMember(path)];
  } else if (value instanceof Error) {
    if (value.cause !== undefined) yield [value.cause, `${path}.cause`];
  } else {
    const place = Array.isArray(value) ? placeOfElement : placeOfProperty;
    for (const [key, part] of Object.entries(value)) {
      yield [part, place(path, key)];
    }
  }
}

/** The path of a key of a map. */
export function placeOfKey(path: string): string {
  return `a key of ${path}`;
}

/** The path of what a map has for a key. */
export function placeOfEntry(path: string, key: unknown): string {
  return `${path}.get(${label(key)})`;
}

/** The path of a member of a set. */
export function placeOfMember(path: string): string {
  return `in ${path}`;
}

/** The path of an element of an array, or of another property that it has. */
export function placeOfElement(path: string, key: string): string {
  // A name can't begin with a digit.
  return key >= "0" && key < ":"
    ? `${path}[${key}]`
    : placeOfProperty(path, key);
}

/** The path of a property. */
export function placeOfProperty(path: string, key: string): string {
  if (path === "") return key;
  return /^[A-Za-z_$][\w$]*$/.test(key)
    ? `${path}.${key}`
    : `${path}[${label(key)}]`;
}

function label(key: unknown): string {
  if (typeof key === "string") return JSON.stringify(key);
  return typeof key === "object" ? nameOf(key) : String(key);
}
