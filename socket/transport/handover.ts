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
import type { Carrier, Departure } from "./transport.ts";

type Arrive = (message: unknown, carrier: Carrier) => number;

const arrivals = new Map<string, Arrive>();

/** Says how a kind of endpoint gets its descriptor in this thread. */
export function onHandOver<M, C extends Carrier>(
  kind: string,
  arrive: (message: M, carrier: C) => number,
): void {
  arrivals.set(kind, arrive as Arrive);
}

/** Prepares to hand over the endpoint of a descriptor. */
export function handOver(fd: number, carrier: Carrier): Departure {
  return endpointOf(fd).depart?.(fd, carrier) ?? carrier.depart(fd);
}

/** The descriptor of an endpoint that was handed over. */
export function takeOver(
  { kind, message }: Pick<Departure, "kind" | "message">,
  carrier: Carrier,
): number {
  return arrivals.get(kind)!(message, carrier);
}
