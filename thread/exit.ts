/**
 * Ending a thread.
 *
 * @module
 */

import { parent } from "./parent.ts";
import { isA } from "./traceback.ts";

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

let listening = false;

/**
 * Ends the thread: raises {@linkcode SystemExit}, which nobody should catch. In
 * the main thread it ends the program.
 *
 * A thread is what its function awaits. In a callback, or in a promise that
 * nobody awaits, it ends only that; in the main thread still the program.
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
    addEventListener("error", (event) => caught(event, event.error));
    addEventListener(
      "unhandledrejection",
      (event) => caught(event, event.reason),
    );
  }
  throw new SystemExit();
}

function caught(event: Event, error: unknown): void {
  if (!isA(error, SystemExit)) return;
  if (parent() === null) Deno.exit();
  // Unless somebody prevents it, it ends the worker with all its threads.
  event.preventDefault();
}
