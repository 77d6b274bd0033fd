/**
 * What is lent, and what comes back.
 *
 * @module
 */

import type { Endpoint } from "../transport.ts";
import type { State } from "./state.ts";

/** What is lent. */
export interface Owned {
  readonly endpoint: Endpoint;
  /** Somebody here uses it as well. */
  readonly shared: () => boolean;
  /** Gives up the share in it. */
  readonly release: () => void;
  /** The descriptor that the share is; `null` if it never had one. */
  readonly fd: number | null;
}

/** What nobody shares, as nobody else has seen it. */
export function ownedAlone(endpoint: Endpoint): Owned {
  return {
    endpoint,
    shared: () => false,
    release: () => endpoint.close(),
    fd: null,
  };
}

/** Something that the user was told and has had no use for. */
export type Unread = [op: number, payload: Uint8Array];

/** What a user gives back. */
export interface Returned {
  readonly id: number;
  readonly state: State;
  /** How much the user was told, in records. */
  readonly told: number;
  readonly unread: Unread[];
  /** The same of accepted connections. */
  readonly accepted: Returned[];
}
