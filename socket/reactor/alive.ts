/**
 * Keeps the process alive during waits that no pending operation of the runtime
 * keeps it alive for.
 *
 * @module
 */

/** The longest time that a timer can measure, in milliseconds. */
export const LONGEST = 0x7fffffff;

/** Keeps the process alive, unless it is told not to. */
let timer: ReturnType<typeof setInterval> | undefined;
let holds = 0;
let inUse = false;
let notify: (held: boolean) => void = () => {};

/** Has a function called when the process begins to be held, and when that ends. */
export function onHold(listener: (held: boolean) => void): void {
  notify = listener;
  notify(holds > 0);
}

/** Keeps the process alive until {@linkcode release}. */
export function hold(): void {
  if (holds++ > 0) return;
  notify(true);
  if (timer === undefined) timer = setInterval(() => {}, LONGEST);
  else Deno.refTimer(timer);
}

/** Takes a {@linkcode hold} back. */
export function release(): void {
  if (--holds > 0) return;
  notify(false);
  // The next wait is likely to come soon, and a new timer costs more.
  if (inUse) Deno.unrefTimer(timer!);
  else end();
}

/** Tells whether sockets are open: if none is, no timer is left behind. */
export function keep(open: boolean): void {
  inUse = open;
  if (!open && holds === 0) end();
}

function end(): void {
  clearInterval(timer);
  timer = undefined;
}

/** Keeps the process alive until a promise is settled. */
export async function alive<T>(promise: Promise<T>): Promise<T> {
  hold();
  try {
    return await promise;
  } finally {
    release();
  }
}
