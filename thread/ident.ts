/**
 * Which thread is running.
 *
 * Several threads may share one worker, each an async function, so the worker
 * alone doesn't tell: the ident travels along every `await` instead.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";

const running = new AsyncLocalStorage<number>();

/** The ident of all that runs in this isolate outside any started thread. */
const root = newIdent();

/**
 * The ident of a thread about to be started: an integer from 1 to 2^53 - 1.
 *
 * Any thread can start threads, so idents are drawn without asking anybody:
 * with 53 random bits, a million threads agree in two of them about once in
 * twenty thousand programs.
 */
export function newIdent(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high & 0x1fffff) * 2 ** 32 + low || 1;
}

/** Calls a function as a thread: the ident holds in all that it awaits. */
export function runAs<T>(ident: number, body: () => T): T {
  return running.run(ident, body);
}

/** Whether this runs in a thread that was started, not around them. */
export function inThread(): boolean {
  return running.getStore() !== undefined;
}

/**
 * The ident of the current thread, as Python's
 * [`_thread.get_ident`](https://docs.python.org/3/library/_thread.html#_thread.get_ident):
 * an integer from 1 to 2^53 - 1 with no meaning of its own. No two living
 * threads have the same one, whichever workers they run on.
 *
 * ```ts
 * import { thread } from "@berkeley/socket";
 * import { assert } from "@std/assert";
 *
 * assert(thread.get_ident() > 0);
 * ```
 */
export function get_ident(): number {
  return running.getStore() ?? root;
}
