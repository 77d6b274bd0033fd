/**
 * Something lent within one thread: what came back with bytes that were read
 * already, and has to be used here.
 *
 * The user's half calls the one that stays. What that tells comes back through
 * a queue, so that nothing arrives inside the call that causes it.
 *
 * @module
 */

import { hold, release } from "../alive.ts";
import type { RelayEndpoint } from "./base.ts";
import { relay } from "./channel.ts";
import type { Lent, Line } from "./line.ts";
import type { Loan } from "./loan.ts";
import { Pump } from "./pump.ts";
import * as r from "./records.ts";
import type { Returned } from "./terms.ts";

/** What is lent, and whoever uses it. */
interface Halves {
  readonly loan: Loan;
  /** `null` before it was borrowed, and once it was closed or given back. */
  user: RelayEndpoint | null;
}

/** What the user of something is told. */
type Told = [halves: Halves, op: number, value: number, payload: Uint8Array];

const lines = new Map<number, Halves>();
const NONE = new Uint8Array(0);
let last = 0;
const told: Told[] = [];

/** Lends something to this thread itself. */
export function lendHere(loan: Loan): RelayEndpoint {
  const endpoint = borrowHere(register(loan));
  loan.start();
  return endpoint;
}

/** Tells all users here what there is to tell, so that nothing is under way. */
export function deliverHere(): void {
  delivery.run();
}

const delivery = new Pump(() => {
  while (told.length > 0) told.splice(0).forEach(deliver);
});

function deliver([halves, op, value, payload]: Told): void {
  if (halves.user) halves.user.arrive(op, value, payload);
  else if (op === r.ACCEPTED) refuse(r.decode<Lent>(payload));
}

/** A connection has come to a listener that was closed meanwhile. */
function refuse([id]: Lent): void {
  lines.get(id)?.loan.arrive(r.CLOSE, 0, NONE);
}

/** Takes back what was lent here. */
export function takeBackHere(returned: Returned): Loan {
  const { loan } = lines.get(returned.id)!;
  // Nothing is owed: all was delivered.
  loan.giveBack(returned, returned.accepted.map(takeBackHere));
  return loan;
}

function register(loan: Loan): Lent {
  const id = ++last;
  const halves: Halves = { loan, user: null };
  lines.set(id, halves);
  const state = loan.state();
  const send: Line["send"] = (op, value = 0, payload = NONE) => {
    if (told.length === 0) queueMicrotask(deliverHere);
    told.push([halves, op, value, payload.slice()]);
  };
  loan.attach(line(id, halves, send));
  return [id, state];
}

function borrowHere([id, state]: Lent): RelayEndpoint {
  const halves = lines.get(id)!;
  const send: Line["send"] = (op, value = 0, payload = NONE) =>
    halves.loan.arrive(op, value, payload);
  return halves.user = relay(line(id, halves, send), state);
}

function line(id: number, halves: Halves, send: Line["send"]): Line {
  const { loan } = halves;
  const forget = () => {
    halves.user = null;
    lines.delete(id);
  };
  return {
    id,
    channel: lines,
    loan,
    send,
    call: (payload) => loan.perform(payload),
    hold: (alive) => alive ? hold() : release(),
    lend: register,
    borrow: borrowHere,
    end: forget,
    leave: forget,
  };
}
