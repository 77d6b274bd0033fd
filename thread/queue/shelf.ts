/**
 * Where the items of a queue lie, and which comes next.
 *
 * @module
 */

import { Heap } from "./heap.ts";

/** Which item comes next. */
export type Order = "fifo" | "lifo" | "priority";

/** The items of a queue. An operation that throws has changed nothing. */
export interface Shelf {
  /** How many there are. */
  readonly size: number;
  /** Adds an item. */
  add(item: unknown): void;
  /** Takes the next one; there must be one. */
  take(): unknown;
  /** Puts back what was taken last. */
  restore(item: unknown): void;
  /** Removes all. */
  clear(): void;
}

/** A shelf for an order. */
export function shelf(order: Order): Shelf {
  if (order === "fifo") return new Line();
  return order === "lifo" ? new Stack() : new Heap();
}

/** First in, first out. */
class Line implements Shelf {
  #items: unknown[] = [];
  /** How many of the items are gone already. */
  #gone = 0;

  get size(): number {
    return this.#items.length - this.#gone;
  }

  add(item: unknown): void {
    this.#items.push(item);
  }

  take(): unknown {
    const item = this.#items[this.#gone];
    this.#items[this.#gone++] = undefined;
    // Moving the rest costs no more than what was taken.
    if (this.#gone * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#gone);
      this.#gone = 0;
    }
    return item;
  }

  restore(item: unknown): void {
    if (this.#gone > 0) this.#items[--this.#gone] = item;
    else this.#items.unshift(item);
  }

  clear(): void {
    this.#items = [];
    this.#gone = 0;
  }
}

/** Last in, first out. */
class Stack implements Shelf {
  #items: unknown[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: unknown): void {
    this.#items.push(item);
  }

  take(): unknown {
    return this.#items.pop();
  }

  restore(item: unknown): void {
    this.#items.push(item);
  }

  clear(): void {
    this.#items = [];
  }
}
