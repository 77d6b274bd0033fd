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
import { overlap } from "../../names/numeric.ts";

/** An address that a bound socket reserves. */
export interface Claim {
  readonly host: string;
  readonly port: number;
  /** Shared with all claims that are shared too. */
  readonly shared: boolean;
}

const claims = new Set<Claim>();

/** Claims an address, or raises `EADDRINUSE`. */
export function claim(wanted: Claim): Claim {
  for (const other of claims) {
    const compatible = other.shared && wanted.shared ||
      other.port !== wanted.port || !overlap(other.host, wanted.host);
    if (!compatible) throw new OSError(errno.EADDRINUSE);
  }
  claims.add(wanted);
  return wanted;
}

/** Gives a claim up. */
export function release(claim: Claim): void {
  claims.delete(claim);
}
