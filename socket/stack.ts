/**
 * Stacks that lead to the caller.
 *
 * An error is often made in a callback of the runtime, where its stack names no
 * call of the program. V8 finds the callers of an `async` function that goes on
 * after an `await`; so the stack is taken again where one of those throws the
 * error. Only a call that fails pays for that.
 *
 * @module
 */

import { OSError } from "./errors.ts";

// deno-lint-ignore no-explicit-any
type Callable = (...args: any[]) => unknown;

/**
 * The same error; an `OSError` gets the stack of the function that throws it
 * now. The stacks of other errors belong to the program, and stay.
 *
 * @param from The function on the stack above which the new one begins.
 */
export function traced(error: unknown, from: Callable = traced): unknown {
  if (error instanceof OSError) Error.captureStackTrace?.(error, from);
  return error;
}

/**
 * Rejects with an error that has the stack of the calls that wait for the
 * result, also if that is a promise made by hand and resolved with this one.
 */
export async function raise(error: unknown): Promise<never> {
  // The job that lets the promise made by hand follow this one runs first.
  await null;
  await null;
  throw traced(error, raise);
}

/**
 * The outcome of a call within the library: an error made far down in it gets
 * the stack of the calls that wait for this.
 */
export async function tracing<T>(outcome: Promise<T>): Promise<T> {
  try {
    return await outcome;
  } catch (error) {
    throw traced(error, tracing);
  }
}
