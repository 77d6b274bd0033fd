/**
 * All threads.
 *
 * @module
 */

import { entries, mainEntry } from "../registry.ts";
import { type Thread, threadOf } from "./thread.ts";

/**
 * All threads that run, of all workers: the main one, each `Thread`, and others
 * that have called `current_thread()`. In Python's sense of it: threads of
 * `thread.start_new_thread()` that haven't are not listed.
 *
 * The objects of threads that were started in other workers are plain `Thread`
 * objects here, without the fields of their class.
 *
 * Follows Python's
 * [`threading.enumerate`](https://docs.python.org/3/library/threading.html#threading.enumerate).
 */
export function enumerate(): Thread[] {
  return Array.from(entries(), (entry) => threadOf(entry));
}

/**
 * How many threads `enumerate()` lists.
 *
 * Follows Python's
 * [`threading.active_count`](https://docs.python.org/3/library/threading.html#threading.active_count).
 */
export function active_count(): number {
  return [...entries()].length;
}

/**
 * The main thread, which the program began with.
 *
 * Follows Python's
 * [`threading.main_thread`](https://docs.python.org/3/library/threading.html#threading.main_thread).
 */
export function main_thread(): Thread {
  return threadOf(mainEntry());
}
