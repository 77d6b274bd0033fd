/**
 * Waiting for other threads, in a process that doesn't end meanwhile.
 *
 * A pending `Atomics.waitAsync` doesn't keep the event loop alive, nor does
 * its outcome once it is decided. A thread that waits isn't at its end, so
 * something else has to keep it.
 *
 * @module
 */

import { LONGEST } from "../socket/reactor/alive.ts";

let waiting = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** Keeps the event loop alive until {@linkcode letGo}. */
export function keepAlive(): void {
  if (waiting++ === 0) timer = setInterval(() => {}, LONGEST);
}

/** Takes one {@linkcode keepAlive} back. */
export function letGo(): void {
  if (--waiting === 0) clearInterval(timer);
}

/** Keeps the event loop alive until a promise is settled. */
export async function alive<T>(promise: Promise<T>): Promise<T> {
  keepAlive();
  try {
    return await promise;
  } finally {
    letGo();
  }
}
