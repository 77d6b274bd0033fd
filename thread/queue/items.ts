/**
 * The items of a queue, in their order.
 *
 * @module
 */

import { kind } from "../../socket/bytes.ts";
import type { QueueKind } from "./protocol.ts";

/** The items of a queue. An operation that throws has changed nothing. */
export interface ItemStore {
  readonly size: number;
  add(item: unknown): void;
  /** Removes the next item; there must be one. */
  take(): unknown;
  /** Puts the item back that was taken last. */
  restore(item: unknown): void;
}

export function createStore(kind: QueueKind): ItemStore {
  return kind === "priority" ? new Heap() : new List(kind === "lifo");
}

class List implements ItemStore {
  readonly #lastFirst: boolean;
  #items: unknown[] = [];
  /** The index of the first item that wasn't taken. */
  #first = 0;

  constructor(lastFirst: boolean) {
    this.#lastFirst = lastFirst;
  }

  get size(): number {
    return this.#items.length - this.#first;
  }

  add(item: unknown): void {
    this.#items.push(item);
  }

  take(): unknown {
    if (this.#lastFirst) return this.#items.pop();
    const item = this.#items[this.#first];
    this.#items[this.#first++] = undefined;
    // Amortized: the rest is no longer than the number of items taken.
    if (this.#first * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }

  restore(item: unknown): void {
    if (this.#lastFirst) this.#items.push(item);
    else if (this.#first > 0) this.#items[--this.#first] = item;
    else this.#items.unshift(item);
  }
}

/**
 * A binary heap. It compares the same items as Python's `heapq`, so that equal
 * items come in the same order as there; but it moves no item before all are
 * compared, since a comparison may raise.
 */
class Heap implements ItemStore {
  readonly #items: unknown[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: unknown): void {
    const items = this.#items;
    let place = items.length;
    const path = [place];
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!less(item, items[parent])) break;
      path.push(place = parent);
    }
    path.pop();
    for (const moved of path) items[moved] = items[(moved - 1) >> 1];
    items[place] = item;
  }

  take(): unknown {
    const items = this.#items;
    const first = items[0];
    const last = items.length - 1;
    // The smaller child of each place moves up to it, down to a leaf ...
    const path = [0];
    for (let child = 1; child < last; child = 2 * child + 1) {
      const right = child + 1;
      if (right < last && !less(items[child], items[right])) child = right;
      path.push(child);
    }
    // ... except for those that come after the last item, which is put there.
    let depth = path.length - 1;
    while (depth > 0 && less(items[last], items[path[depth]!])) depth--;
    for (let i = 0; i < depth; i++) items[path[i]!] = items[path[i + 1]!];
    items[path[depth]!] = items[last];
    items.pop();
    return first;
  }

  restore(item: unknown): void {
    this.add(item);
  }
}

/**
 * Whether `a` comes before `b` in Python: numbers by value, text by code point,
 * bytes and arrays by their first difference, dates by time. JavaScript's `<`
 * compares arrays as text, and any two values.
 *
 * @throws {TypeError} If they can't be compared.
 */
function less(a: unknown, b: unknown): boolean {
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

/** Whether `a` equals `b`; values that can't be compared don't. */
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

/** Orders code units by code points: surrogates come after all others. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
