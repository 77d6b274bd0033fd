/**
 * The errors of queues.
 *
 * @module
 */

import { RuntimeError } from "../errors.ts";

/**
 * There is no item to get.
 *
 * Follows Python's
 * [`queue.Empty`](https://docs.python.org/3/library/queue.html#queue.Empty).
 */
export class Empty extends Error {
  /** The name of the class. */
  override name = "Empty";

  /** Makes an error. */
  constructor(message = "the queue is empty") {
    super(message);
  }
}

/**
 * There is no room to put an item.
 *
 * Follows Python's
 * [`queue.Full`](https://docs.python.org/3/library/queue.html#queue.Full).
 */
export class Full extends Error {
  /** The name of the class. */
  override name = "Full";

  /** Makes an error. */
  constructor(message = "the queue is full") {
    super(message);
  }
}

/**
 * The queue was shut down: nothing can be put any more, and once it is empty
 * nothing is to be got.
 *
 * Follows Python's
 * [`queue.ShutDown`](https://docs.python.org/3/library/queue.html#queue.ShutDown).
 */
export class ShutDown extends Error {
  /** The name of the class. */
  override name = "ShutDown";

  /** Makes an error. */
  constructor(message = "the queue is shut down") {
    super(message);
  }
}

/**
 * The same error, with the stack of the call that throws it now: it was made
 * where the wait ended. Other errors are the program's own, or have a stack.
 */
export function traced(error: unknown): unknown {
  if (
    error instanceof Empty || error instanceof Full ||
    error instanceof ShutDown || error instanceof RuntimeError
  ) Error.captureStackTrace?.(error, traced);
  return error;
}
