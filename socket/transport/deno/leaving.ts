/**
 * UDP addresses that were given up a moment ago.
 *
 * Deno lets go of a closed socket only when the event loop turns. Until then
 * the system takes its address for one that is in use, though a program may
 * well bind to it in the line after `close()`.
 *
 * @module
 */

/** Milliseconds after which the system has the address, also on a busy machine. */
const LONGEST = 1000;

interface Address {
  readonly host: string;
  readonly port: number;
}

const leaving = new Map<Address, number>();

/** Remembers an address that is being given up. */
export function leave(host: string, port: number): void {
  const now = performance.now();
  for (const [address, time] of leaving) {
    if (now - time > LONGEST) leaving.delete(address);
  }
  leaving.set({ host, port }, now);
}

/**
 * Whether an address is taken only because it is being given up. Who asks first
 * gets it.
 */
export function succeed(host: string, port: number): boolean {
  const since = performance.now() - LONGEST;
  let found = false;
  for (const [address, time] of leaving) {
    if (address.port !== port || !overlap(address.host, host)) continue;
    leaving.delete(address);
    if (time > since) found = true;
  }
  return found;
}

function overlap(a: string, b: string): boolean {
  return a === b || isWildcard(a) || isWildcard(b);
}

function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}
