/**
 * Results of operations on non-blocking sockets.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { OSError } from "./errors.ts";

/** `null`, Python's `None`, for what would have to wait. */
export async function unlessBlocked<T>(
  operation: Promise<T>,
): Promise<T | null> {
  try {
    return await operation;
  } catch (error) {
    if (error instanceof OSError && error.errno === errno.EAGAIN) return null;
    throw error;
  }
}
