/**
 * Interrupting the main thread.
 *
 * @module
 */

import { Note } from "./spec.ts";
import { parent } from "./parent.ts";

/**
 * What {@linkcode interrupt_main} raises in the main thread.
 *
 * Follows Python's
 * [`KeyboardInterrupt`](https://docs.python.org/3/library/exceptions.html#KeyboardInterrupt).
 */
export class KeyboardInterrupt extends Error {
  /** The name of the class. */
  override name = "KeyboardInterrupt";
}

/** Raises it here, where nobody can catch it but a listener. */
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
  const way = parent();
  if (!way) return queueMicrotask(interrupt);
  way.note(Note.Interrupt, 0);
  way.wake();
}
