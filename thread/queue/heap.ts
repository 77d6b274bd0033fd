/**
 * The smallest item first.
 *
 * @module
 */

import { less } from "./order.ts";
import type { Shelf } from "./shelf.ts";

/**
 * A binary heap. It compares what Python's `heapq` compares, so that equal
 * items come in the same order as there; but it moves nothing before it has
 * compared all, since comparing may fail.
 */
export class Heap implements Shelf {
  #items: unknown[] = [];

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
    for (const moved of path) {
      const parent = (moved - 1) >> 1;
      items[moved] = items[parent];
    }
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

  clear(): void {
    this.#items = [];
  }
}
