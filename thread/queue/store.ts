/**
 * What a queue has its items from: they are here, or in another thread.
 *
 * @module
 */

import type { Parcel, Way } from "../../socket/transfer.ts";
import type { Order } from "./shelf.ts";

/** What there is to know of a queue, once and for all. */
export interface Plan {
  /** Which item comes next. */
  readonly order: Order;
  /** Whether it is a `SimpleQueue`. */
  readonly simple: boolean;
  /** What the queue was made with. */
  readonly maxsize: number;
  /** How many items it takes; may be infinite. */
  readonly limit: number;
  /** What all threads share: its number and its ledger. */
  readonly memory: SharedArrayBuffer;
}

/** How a queue travels. */
export interface Ticket {
  /** What there is to know of the queue. */
  readonly plan: Plan;
  /** One word: how many items have arrived. */
  readonly received: SharedArrayBuffer;
}

/** Where the items of a queue are, seen from one thread. */
export interface Store {
  /** Adds an item; waits for room for so many milliseconds at most. */
  put(item: unknown, patience: number): Promise<void>;
  /** Takes the next item; waits for one for so many milliseconds at most. */
  get(patience: number): Promise<unknown>;
  /** Does what is to be done now that the ledger says it was shut down. */
  close(): void;
  /** Packs the queue. */
  pack(way: Way): Parcel;
}
