/**
 * The errors of queues.
 *
 * @module
 */

import { OSError } from "../../socket/errors.ts";
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
 * nothing can be got.
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
 * Gives an error of a queue the stack of the call that throws it: it was made
 * where the wait ended. All other errors keep theirs.
 */
export function traced(error: unknown): unknown {
  if (
    error instanceof Empty || error instanceof Full ||
    error instanceof ShutDown || error instanceof RuntimeError
  ) Error.captureStackTrace?.(error, traced);
  return error;
}

/** An error in a message; structured clone would lose its class. */
export interface EncodedError {
  readonly name: string;
  readonly message: string;
  /** The number of an `OSError`. */
  readonly errno: number | null;
}

const classes: Record<string, new (message: string) => Error> = {
  Empty,
  Full,
  RangeError,
  ShutDown,
  TypeError,
};

export function encodeError(error: Error): EncodedError {
  const { name, message } = error;
  if (!(error instanceof OSError)) return { name, message, errno: null };
  return { name, message: error.strerror ?? message, errno: error.errno };
}

export function decodeError({ name, message, errno }: EncodedError): Error {
  if (errno !== null) return new OSError(errno, message);
  return new (classes[name] ?? RuntimeError)(message);
}
