/**
 * Keeping the process alive for those who wait without an operation of the
 * system under way that would.
 *
 * @module
 */

import { LONGEST } from "./times.ts";

/** Keeps the process alive, unless it is told not to. */
let timer: ReturnType<typeof setInterval> | undefined;
let holds = 0;
let inUse = false;

/** Keeps the process alive until {@linkcode release}. */
export function hold(): void {
  if (holds++ > 0) return;
  if (timer === undefined) timer = setInterval(() => {}, LONGEST);
  else Deno.refTimer(timer);
}

/** Takes a {@linkcode hold} back. */
export function release(): void {
  if (--holds > 0) return;
  // Most who waited wait again soon, and a new timer takes its time.
  if (inUse) Deno.unrefTimer(timer!);
  else end();
}

/** Tells whether sockets are open: if none is, nothing is left behind here. */
export function keep(open: boolean): void {
  inUse = open;
  if (!open && holds === 0) end();
}

function end(): void {
  clearInterval(timer);
  timer = undefined;
}
