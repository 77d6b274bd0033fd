/**
 * Addresses that this thread uses though no system socket holds them, and
 * addresses that a system socket holds though this thread gave them up.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { OSError } from "../../errors.ts";
import { overlap } from "../../names/numeric.ts";

interface Address {
  readonly host: string;
  readonly port: number;
}

function compete(a: Address, b: Address): boolean {
  return a.port === b.port && overlap(a.host, b.host);
}

// Bound without listening: Deno.listen() binds and listens in one step, so no
// system socket holds the address between bind() and listen().

/** An address that a socket is bound to. */
export interface Claim extends Address {
  /** Other shared claims of the same address are allowed. */
  readonly shared: boolean;
}

const claims = new Set<Claim>();

/** Claims an address, or raises `EADDRINUSE`. */
export function claim(wanted: Claim): Claim {
  for (const other of claims) {
    if (compete(other, wanted) && !(other.shared && wanted.shared)) {
      throw new OSError(errno.EADDRINUSE);
    }
  }
  claims.add(wanted);
  return wanted;
}

/** Gives a claim up. */
export function release(claim: Claim): void {
  claims.delete(claim);
}

// Closed UDP sockets: Deno closes the system's socket when the event loop
// turns, though a program may bind in the line after close().

/** Milliseconds after which the address is free, also on a busy machine. */
const CLOSING_TIME = 1000;

/** When the sockets were closed. */
const closing = new Map<Address, number>();

/** Records that a socket with this address is being closed. */
export function recordClosing(host: string, port: number): void {
  const now = performance.now();
  for (const [address, time] of closing) {
    if (now - time > CLOSING_TIME) closing.delete(address);
  }
  closing.set({ host, port }, now);
}

/**
 * Whether an address is in use only because its last socket is being closed.
 * The first caller gets the address; the next one is told that it is in use.
 */
export function takeClosing(host: string, port: number): boolean {
  const since = performance.now() - CLOSING_TIME;
  let found = false;
  for (const [address, time] of closing) {
    if (!compete(address, { host, port })) continue;
    closing.delete(address);
    if (time > since) found = true;
  }
  return found;
}
