/**
 * The addresses of UDP sockets that were closed a moment ago.
 *
 * Deno closes the system's socket only when the event loop turns. Until then
 * its address is in use, though a program may bind to it in the line after
 * `close()`.
 *
 * @module
 */

import { overlap } from "../../names/numeric.ts";

/** Milliseconds after which the system has the address, also on a busy machine. */
const LONGEST = 1000;

interface Address {
  readonly host: string;
  readonly port: number;
}

const leaving = new Map<Address, number>();

/** Remembers the address of a socket that is being closed. */
export function leave(host: string, port: number): void {
  const now = performance.now();
  for (const [address, time] of leaving) {
    if (now - time > LONGEST) leaving.delete(address);
  }
  leaving.set({ host, port }, now);
}

/**
 * Whether an address is in use only by a socket that is being closed. The first
 * caller gets it.
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
