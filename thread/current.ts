/**
 * The current thread: its ident, its link to the main thread, its end.
 *
 * Several threads may share one worker, each an async function: so the ident
 * travels along every `await`.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import * as errno from "../errno.ts";
import { OSError } from "../socket/errors.ts";
import { Op } from "../socket/link/records.ts";
import { isA, KeyboardInterrupt, SystemExit } from "./errors.ts";
import type { LinkEnd } from "./link_end.ts";

/** A thread of this isolate; what belongs to it may be kept by it weakly. */
export interface Running {
  readonly ident: number;
}

const running = new AsyncLocalStorage<Running>();

/** Random numbers, several at once: each call of the runtime costs more. */
const random = new Uint32Array(128);
let unused = 0;

/** What runs outside any started thread in this isolate. */
const root: Running = { ident: newIdent() };

/** The current thread. */
export function current(): Running {
  return running.getStore() ?? root;
}

/**
 * The ident of a thread about to be started: an integer from 1 to 2^53 - 1.
 *
 * It is random, so that any thread can start threads without asking another:
 * with 53 bits, a million threads have two equal ones about once in twenty
 * thousand programs.
 */
export function newIdent(): number {
  if (unused === 0) {
    crypto.getRandomValues(random);
    unused = random.length;
  }
  const high = random[--unused]!;
  const low = random[--unused]!;
  return (high & 0x1fffff) * 2 ** 32 + low || 1;
}

/** The ident of what runs outside any started thread in this isolate. */
export function rootIdent(): number {
  return root.ident;
}

/** Calls a function as a thread: the ident holds in all that it awaits. */
export function runAs<T>(ident: number, body: () => T): T {
  return running.run({ ident }, body);
}

/** Whether this runs in a started thread. */
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
  return current().ident;
}

/**
 * The number that the system gave the thread of the current worker: threads
 * that share a worker have the same. In the main thread it is the process's.
 *
 * Follows Python's
 * [`_thread.get_native_id`](https://docs.python.org/3/library/_thread.html#thread.get_native_id).
 *
 * @throws {OSError} In a worker: `EACCES` without `--allow-all`, which Deno
 * asks for before it reads `/proc`; `ENOTSUP` on systems other than Linux.
 */
export function get_native_id(): number {
  if (!link) return Deno.pid;
  try {
    // Reads "1234/task/1240".
    const path = Deno.readLinkSync("/proc/thread-self");
    return Number(path.slice(path.lastIndexOf("/") + 1));
  } catch (cause) {
    throw new OSError(
      cause instanceof Deno.errors.NotCapable ? errno.EACCES : errno.ENOTSUP,
      (cause as Error).message,
      { cause },
    );
  }
}

let link: LinkEnd | null = null;

export function setParent(end: LinkEnd): void {
  link = end;
}

/** The link to the main thread; `null` in the main thread itself. */
export function parent(): LinkEnd | null {
  return link;
}

let listening = false;

/**
 * Ends the thread: raises {@linkcode SystemExit}, which the program should not
 * catch. In the main thread it ends the program.
 *
 * A thread consists of everything that its function awaits. In a callback, or
 * in a promise that is not awaited, `exit()` ends only that; in the main thread
 * it still ends the program.
 *
 * ```ts
 * import { thread } from "@berkeley/socket";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => thread.exit(), thread.SystemExit);
 * ```
 *
 * Follows Python's
 * [`_thread.exit`](https://docs.python.org/3/library/_thread.html#thread.exit).
 */
export function exit(): never {
  if (!listening) {
    listening = true;
    addEventListener("error", (event) => uncaught(event, event.error));
    addEventListener(
      "unhandledrejection",
      (event) => uncaught(event, event.reason),
    );
  }
  throw new SystemExit();
}

function uncaught(event: Event, error: unknown): void {
  if (!isA(error, SystemExit)) return;
  if (link === null) Deno.exit();
  // By default it would end the worker with all its threads.
  event.preventDefault();
}

/** Raises a `KeyboardInterrupt` in this thread, as an uncaught error. */
export function interrupt(): void {
  reportError(new KeyboardInterrupt());
}

/**
 * Interrupts the main thread: an uncaught {@linkcode KeyboardInterrupt} is
 * raised there, which ends the program, unless a listener for the event
 * `error` calls `preventDefault()`.
 *
 * Follows Python's
 * [`_thread.interrupt_main`](https://docs.python.org/3/library/_thread.html#thread.interrupt_main).
 * It can't be another signal than `SIGINT`.
 */
export function interrupt_main(): void {
  if (!link) return queueMicrotask(interrupt);
  link.notify(Op.Interrupt);
  link.wake();
}
