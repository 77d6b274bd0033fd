/**
 * The items of a queue, in their order.
 *
 * @module
 */

import { less } from "./compare.ts";

/** Which item comes next. */
export type Order = "fifo" | "lifo" | "priority";

/** The items of a queue. An operation that throws has changed nothing. */
export interface ItemStore {
  /** How many there are. */
  readonly size: number;
  /** Adds an item. */
  add(item: unknown): void;
  /** Takes the next one; there must be one. */
  take(): unknown;
  /** Puts back the item that was taken last. */
  restore(item: unknown): void;
}

/** An empty store. */
export function createStore(order: Order): ItemStore {
  return order === "priority" ? new Heap() : new List(order === "lifo");
}

class List implements ItemStore {
  readonly #lastFirst: boolean;
  #items: unknown[] = [];
  /** Where the first item is; those before it were taken. */
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
    // Moving the rest costs no more than the takes that led here.
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
 * items come in the same order as there; but it moves nothing before it has
 * compared all, since comparing may fail.
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
