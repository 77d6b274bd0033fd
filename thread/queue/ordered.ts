/**
 * The classes of queues in which another item than the first comes first.
 *
 * @module
 */

import { Queue } from "./queue.ts";

/**
 * A queue in which what was put last is got first.
 *
 * ```ts
 * import { thread } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const stack = new thread.LifoQueue<string>();
 * await stack.put("first");
 * await stack.put("last");
 * assertEquals(await stack.get(), "last");
 * ```
 *
 * Follows Python's
 * [`queue.LifoQueue`](https://docs.python.org/3/library/queue.html#queue.LifoQueue).
 */
export class LifoQueue<T = unknown> extends Queue<T> {
  /**
   * Makes an empty queue.
   *
   * @param maxsize As for a {@linkcode Queue}.
   */
  constructor(maxsize: number = 0) {
    super(maxsize, "lifo");
  }
}

/**
 * A queue in which the smallest item is got first.
 *
 * Items are compared as in Python: numbers by value, strings by code point,
 * `Uint8Array`s and arrays by their first difference, dates by time. Others
 * can't be compared; an array's later elements needn't be where the first ones
 * differ.
 *
 * Sockets can't be compared either, so put something before them in the array
 * that no two items share: with an item of another thread that turns out not to
 * be comparable, its sockets are gone.
 *
 * ```ts
 * import { thread } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new thread.PriorityQueue<[priority: number, task: string]>();
 * await queue.put([10, "later"]);
 * await queue.put([9, "sooner"]);
 * assertEquals(await queue.get(), [9, "sooner"]);
 * ```
 *
 * Follows Python's
 * [`queue.PriorityQueue`](https://docs.python.org/3/library/queue.html#queue.PriorityQueue),
 * except that an item that can't be compared isn't put.
 */
export class PriorityQueue<T = unknown> extends Queue<T> {
  /**
   * Makes an empty queue.
   *
   * @param maxsize As for a {@linkcode Queue}.
   */
  constructor(maxsize: number = 0) {
    super(maxsize, "priority");
  }
}
