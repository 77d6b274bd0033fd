/**
 * Ending a thread.
 *
 * @module
 */

import { inThread } from "./ident.ts";

/**
 * What {@linkcode exit} raises: it ends the thread, and nobody hears of it.
 *
 * Follows Python's
 * [`SystemExit`](https://docs.python.org/3/library/exceptions.html#SystemExit).
 */
export class SystemExit extends Error {
  /** The name of the class. */
  override name = "SystemExit";
}

let ending = false;

/**
 * Ends the thread: raises {@linkcode SystemExit}, which nobody should catch. In
 * the main thread it ends the program.
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
  if (!inThread() && !ending) {
    ending = true;
    addEventListener("error", ({ error }) => end(error));
    addEventListener("unhandledrejection", ({ reason }) => end(reason));
  }
  throw new SystemExit();
}

function end(error: unknown): void {
  if (error instanceof SystemExit) Deno.exit();
}
