/**
 * Handing endpoints over to other threads.
 *
 * Each endpoint says itself how it goes: made anew, by its descriptor, or back
 * to where it is from. One that says nothing is lent: it stays, and the other
 * thread gets a proxy.
 *
 * @module
 */

import { endpointOf } from "../descriptors.ts";

/** An endpoint that is ready to go. Nothing has happened yet. */
export interface Departure {
  /** Names the function that makes a descriptor of it: see {@linkcode onHandOver}. */
  readonly kind: string;
  /** The argument of that: anything that structured clone takes. */
  readonly message: unknown;
  /** Gives the descriptor up, once it is sure that the message will be sent. */
  send(): void;
}

/** The connection with another thread. */
export interface Carrier {
  /** Lends a descriptor to the other thread. */
  depart(fd: number): Departure;
}

type Arrive = (message: unknown, carrier: Carrier) => number;

const arrivals = new Map<string, Arrive>();

/** Says how a kind of endpoint gets its descriptor in this thread. */
export function onHandOver<M, C extends Carrier>(
  kind: string,
  arrive: (message: M, carrier: C) => number,
): void {
  arrivals.set(kind, arrive as Arrive);
}

/** Prepares to hand over what a descriptor stands for. */
export function handOver(fd: number, carrier: Carrier): Departure {
  return endpointOf(fd).depart?.(fd, carrier) ?? carrier.depart(fd);
}

/** The descriptor of what was handed over. */
export function takeOver(
  { kind, message }: Pick<Departure, "kind" | "message">,
  carrier: Carrier,
): number {
  return arrivals.get(kind)!(message, carrier);
}
