/**
 * The addresses that sockets of this thread are bound to without listening.
 *
 * `Deno.listen` binds and listens in one step, so between `bind()` and
 * `listen()` no system socket holds the address.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { OSError } from "../../errors.ts";

/** An address that is spoken for. */
export interface Claim {
  readonly host: string;
  readonly port: number;
  /** Others who say so too may claim the same address. */
  readonly shared: boolean;
}

const claims = new Set<Claim>();

/** Claims an address, or raises `EADDRINUSE`. */
export function claim(wanted: Claim): Claim {
  for (const other of claims) {
    if (other.port === wanted.port && overlap(other, wanted)) {
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

function overlap(a: Claim, b: Claim): boolean {
  if (a.shared && b.shared) return false;
  return a.host === b.host || isWildcard(a.host) || isWildcard(b.host);
}

function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}
