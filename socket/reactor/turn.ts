/**
 * Turns of the event loop.
 *
 * Deno's runtime asks the system for news only when it runs out of things to
 * do, or once in some sixty turns. `setImmediate` and messages to oneself keep
 * it busy, and a timer takes milliseconds. An operation that ends on another
 * thread makes it wait, and so look.
 *
 * @module
 */

const NOTHING = new Uint8Array(0);

/** After so many answers without a wait the event loop turns. */
const BUDGET = 32;

let shared: Promise<void> | null = null;
let spent = 0;

/** Resolves after the runtime has asked the system for news. */
export function turn(): Promise<void> {
  return shared ??= begin();
}

async function begin(): Promise<void> {
  // Calls of the same microtask turn share it; later ones may come too late.
  await null;
  shared = null;
  // The first may end while the runtime looks, and so before what it finds.
  await crypto.subtle.digest("SHA-1", NOTHING);
  await crypto.subtle.digest("SHA-1", NOTHING);
}

/**
 * To be called, and awaited, for every answer that was there at once. Promises
 * alone never let the event loop turn, so a loop that never has to wait (for a
 * socket that is writable) would stop everything else.
 */
export function yieldIfDue(): Promise<void> | undefined {
  if (++spent < BUDGET) return undefined;
  spent = 0;
  return turn();
}

/** To be called after an answer that had to be waited for. */
export function resetBudget(): void {
  spent = 0;
}
