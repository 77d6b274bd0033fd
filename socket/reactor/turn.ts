/**
 * One look at the system.
 *
 * Deno's runtime asks the system for news only when it runs out of things to
 * do, or once in some sixty turns. `setImmediate` and messages to oneself keep
 * it busy, and a timer takes milliseconds. An operation that ends on another
 * thread makes it wait, and so look.
 *
 * @module
 */

const NOTHING = new Uint8Array(0);

let shared: Promise<void> | null = null;

/** Resolves after the runtime has asked the system for news. */
export function turn(): Promise<void> {
  return shared ??= begin();
}

async function begin(): Promise<void> {
  // Whoever asks in the same breath may share the turn, nobody after it began.
  await null;
  shared = null;
  // The first may end while the runtime looks, and so before what it finds.
  await crypto.subtle.digest("SHA-1", NOTHING);
  await crypto.subtle.digest("SHA-1", NOTHING);
}
