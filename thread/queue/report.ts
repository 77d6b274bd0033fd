/**
 * Errors on their way to another thread, which would lose their class.
 *
 * @module
 */

import { OSError } from "../../socket/errors.ts";
import { RuntimeError } from "../errors.ts";
import { Empty, Full, ShutDown } from "./errors.ts";

/** What is told of an error. */
export interface Report {
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

/** Tells of an error. */
export function report(error: Error): Report {
  const { name, message } = error;
  if (!(error instanceof OSError)) return { name, message, errno: null };
  return { name, message: error.strerror ?? message, errno: error.errno };
}

/** The error that was told of. */
export function revive({ name, message, errno }: Report): Error {
  if (errno !== null) return new OSError(errno, message);
  return new (classes[name] ?? RuntimeError)(message);
}
