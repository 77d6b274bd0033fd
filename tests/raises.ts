/**
 * Assertions about the number of the error that an operation raises.
 *
 * @module
 */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { BlockingIOError, OSError } from "../socket/mod.ts";

/** Asserts that a promise is rejected with an `OSError` of that number. */
export async function rejects(
  code: number | null,
  promise: Promise<unknown>,
): Promise<OSError> {
  const error = await assertRejects(() => promise, OSError);
  assertEquals(error.errno, code, error.message);
  return error;
}

/** Asserts that a function throws an `OSError` of that number. */
export function throws(code: number | null, act: () => unknown): OSError {
  const error = assertThrows(act, OSError);
  assertEquals(error.errno, code, error.message);
  return error;
}

/** Repeats a non-blocking operation until it no longer would block. */
export async function persist<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; tries < 10_000; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof BlockingIOError)) throw error;
    }
  }
  throw new Error("It still would block");
}
