/**
 * Stacks that lead to the caller.
 *
 * An error is often made where something ends, in a callback of the runtime,
 * and nothing there knows of the call that waits for it. V8 finds the callers
 * of an `async` function that goes on after an `await`; so the stack of an
 * error is taken again where one of those throws it. Only a call that fails
 * pays for that.
 *
 * @module
 */

import { OSError } from "./errors.ts";

/**
 * The same error, with the stack of whoever throws it now, if it is this
 * module's: those of a program's own functions stay as they are.
 *
 * @param from The function on the stack where it is to begin: those that were
 * called from there, and itself, are left out.
 */
export function traced(error: unknown, from: Called = traced): unknown {
  if (error instanceof OSError) Error.captureStackTrace?.(error, from);
  return error;
}

// deno-lint-ignore no-explicit-any
type Called = (...args: any[]) => unknown;

/**
 * Rejects with an error that has the stack of those who wait for the result,
 * also if that is a promise made by hand and resolved with this one.
 */
export async function raise(error: unknown): Promise<never> {
  // First the job runs that lets the promise made by hand follow this one.
  await null;
  await null;
  if (error instanceof OSError) Error.captureStackTrace?.(error, raise);
  throw error;
}
