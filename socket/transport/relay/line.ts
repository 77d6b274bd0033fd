/**
 * What a lent endpoint's two halves are connected by.
 *
 * @module
 */

import type { RelayEndpoint } from "./base.ts";
import type { Loan } from "./loan.ts";
import type { State } from "./state.ts";

/** A loan as it is told of: its number, and the state it is in. */
export type Lent = [id: number, state: State];

/** The connection of one half with the other. */
export interface Line {
  /** The number of the loan. */
  readonly id: number;
  /** What it is one line of. */
  readonly channel: unknown;
  /** The other half, if it is in the same thread. */
  readonly loan?: Loan;
  /** Tells the other half something. The payload is copied. */
  send(op: number, value?: number, payload?: Uint8Array): void;
  /**
   * Tells something, and blocks this thread until the answer. Without it
   * nobody may be blocked here, and there are no answers.
   */
  readonly call: ((payload: Uint8Array) => unknown) | undefined;
  /** Keeps the process alive, or no longer: each `true` has its `false`. */
  hold(alive: boolean): void;
  /** Lends something else over the same connection. */
  lend(loan: Loan): Lent;
  /** Borrows something else over the same connection. */
  borrow(lent: Lent): RelayEndpoint;
  /** This half is gone; the other may not know yet. */
  end(): void;
  /** This half was given back: what still comes for it goes there. */
  leave(): void;
}

/** One half. */
export interface Half {
  /** Gets what the other half tells. The payload is only there now. */
  arrive(op: number, value: number, payload: Uint8Array): void;
  /** The other half's thread is gone. */
  lost(): void;
}
