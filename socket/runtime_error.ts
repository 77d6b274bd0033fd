/**
 * Python's `RuntimeError`.
 *
 * @module
 */

/**
 * An operation that the state of an object, such as a lock, doesn't allow;
 * Python's `_thread.error` is another name for it.
 *
 * ```ts
 * import { thread } from "@berkeley/socket";
 * import { assertThrows } from "@std/assert";
 *
 * const lock = thread.allocate_lock();
 * assertThrows(() => lock.release(), thread.error, "release unlocked lock");
 * ```
 *
 * Follows Python's
 * [`RuntimeError`](https://docs.python.org/3/library/exceptions.html#RuntimeError).
 */
export class RuntimeError extends Error {
  /** The name of the class. */
  override name = "RuntimeError";
}
