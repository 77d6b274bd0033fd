/**
 * Keeps loops that never have to wait from stopping the world.
 *
 * A program may ask again and again for what is always so (a socket that is
 * writable). Promises alone never let the event loop turn, so nothing else
 * would ever happen.
 *
 * @module
 */

import { turn } from "./turn.ts";

/** So many calls in a row may be answered at once. */
const STREAK = 32;

let streak = 0;

/** To be called, and awaited, for every answer that was there at once. */
export function yieldIfDue(): Promise<void> | undefined {
  if (++streak < STREAK) return undefined;
  streak = 0;
  return turn();
}

/** To be called after an answer that had to be waited for. */
export function resetBudget(): void {
  streak = 0;
}
