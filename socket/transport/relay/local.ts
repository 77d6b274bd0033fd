/**
 * Something lent within one thread: what came back with bytes that were read
 * already, and has to be used here.
 *
 * @module
 */

import type { RelayEndpoint } from "./base.ts";
import { relay } from "./channel.ts";
import type { Half, Lent, Line } from "./line.ts";
import type { Loan } from "./loan.ts";
import type { Returned } from "./terms.ts";

/** What is lent, and whoever uses it. */
type Halves = [loan: Loan, user?: Half];

const lines = new Map<number, Halves>();
const NONE = new Uint8Array(0);
let last = 0;

/** Lends something to this thread itself. */
export function lendHere(loan: Loan): RelayEndpoint {
  const endpoint = borrowHere(register(loan));
  loan.start();
  return endpoint;
}

/** Takes back what was lent here. */
export function takeBackHere(returned: Returned): Loan {
  const [loan] = lines.get(returned.id)!;
  loan.giveBack(returned, returned.accepted.map(takeBackHere));
  return loan;
}

function register(loan: Loan): Lent {
  const id = ++last;
  const halves: Halves = [loan];
  lines.set(id, halves);
  const state = loan.state();
  loan.attach(line(id, halves, 1));
  return [id, state];
}

function borrowHere([id, state]: Lent): RelayEndpoint {
  const halves = lines.get(id)!;
  const endpoint = relay(line(id, halves, 0), state);
  halves[1] = endpoint;
  return endpoint;
}

function line(id: number, halves: Halves, other: 0 | 1): Line {
  const [loan] = halves;
  return {
    id,
    channel: lines,
    loan,
    send(op, value = 0, payload = NONE) {
      halves[other]?.arrive(op, value, payload);
    },
    hold() {},
    call: (payload) => loan.perform(payload),
    lend: register,
    borrow: borrowHere,
    end: forget,
    leave: forget,
  };

  function forget(): void {
    lines.delete(id);
  }
}
