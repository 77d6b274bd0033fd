/**
 * What is in an item.
 *
 * @module
 */

import { transfer } from "../../socket/transfer.ts";

/**
 * Whether a value holds anything that moves from thread to thread rather than
 * being copied, at any depth.
 *
 * @param path What error messages call the value.
 * @throws {TypeError} If something in it can't go; the message says where.
 */
export function inspect(value: unknown, path: string): boolean {
  return look(value, path, new Set());
}

function look(value: unknown, path: string, seen: Set<object>): boolean {
  if (typeof value === "function" || typeof value === "symbol") {
    throw new TypeError(
      `${path}: a ${typeof value} can't be given to a thread`,
    );
  }
  if (typeof value !== "object" || value === null) return false;
  if (transfer in value) return true;
  if (ArrayBuffer.isView(value) || seen.has(value)) return false;
  seen.add(value);
  let moves = false;
  for (const [name, part] of parts(value)) {
    if (look(part, path + name, seen)) moves = true;
  }
  return moves;
}

/** What structured clone would go into. */
function* parts(value: object): Iterable<[name: string, part: unknown]> {
  if (value instanceof Map) {
    for (const [key, part] of value) {
      yield [".keys()", key];
      yield [`.get(${label(key)})`, part];
    }
  } else if (value instanceof Set) {
    for (const part of value) yield [".values()", part];
  } else if (Array.isArray(value)) {
    for (const [i, part] of value.entries()) yield [`[${i}]`, part];
  } else {
    for (const [key, part] of Object.entries(value)) {
      yield [
        /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${label(key)}]`,
        part,
      ];
    }
  }
}

function label(key: unknown): string {
  return typeof key === "string" ? JSON.stringify(key) : String(key);
}
