/**
 * What is said about queues on one way between two threads.
 *
 * @module
 */

import type { Movable, Way } from "../../socket/transfer.ts";
import type { Report } from "./report.ts";

/** What the thread that has the items is told. */
export type Demand =
  /** Wants an item. */
  | { do: "get"; id: number; patience: number }
  /** Brings an item, to be let in when there is room. */
  | { do: "put"; id: number; patience: number; item: unknown }
  /** Wants to bring an item that shouldn't come in vain. */
  | { do: "offer"; id: number; patience: number }
  /** Brings it. */
  | { do: "fill"; id: number; item: unknown }
  /** Can't bring it. */
  | { do: "cancel" }
  /** The ledger says that the queue was shut down. */
  | { do: "close" }
  /** So many of the times that the queue was given are over. */
  | { do: "leave"; times: number }
  /** There is a new queue, whose items are to be there. */
  | { do: "found"; founding: Movable };

/** What it answers. */
export type Reply =
  | { do: "item"; id: number; item: unknown }
  | { do: "done"; id: number }
  | { do: "room"; id: number }
  | { do: "error"; id: number; error: Report };

/** Who represents a queue at one end of the way. */
export interface Peer {
  /** Hears what the other end says. */
  hear(message: Demand | Reply): void;
  /** The item in what the other end says can't be brought to life here. */
  miss(message: Demand | Reply, error: Error): void;
  /** The other end is gone. */
  end(): void;
}

/** Who says it about which queue. */
type Letter = (Demand | Reply) & { queue: string };

const TOPIC = "queue";

/** One end of a way, as far as queues are concerned. */
export class Exchange {
  readonly #way: Way;
  readonly #peers = new Map<bigint, Peer>();
  /** Listens on the way. */
  constructor(way: Way) {
    this.#way = way;
    way.listen(TOPIC, (letter) => {
      const { queue, ...message } = letter as Letter;
      this.#peers.get(BigInt(queue))?.hear(message);
    }, (letter, cause) => {
      const { queue, ...message } = letter as Letter;
      const error = cause instanceof Error ? cause : new Error(String(cause));
      this.#peers.get(BigInt(queue))?.miss(message, error);
    });
    way.gone.addEventListener("abort", () => {
      for (const peer of this.#peers.values()) peer.end();
      this.#peers.clear();
    }, { once: true });
  }

  /** Who represents the queue at this end. */
  peer(queue: bigint): Peer | undefined {
    return this.#peers.get(queue);
  }

  /** Has a peer represent the queue. */
  join(queue: bigint, peer: Peer): void {
    if (this.#way.gone.aborted) peer.end();
    else this.#peers.set(queue, peer);
  }

  /** Ends that. */
  leave(queue: bigint): void {
    this.#peers.delete(queue);
  }

  /**
   * Says something to the other end.
   *
   * @throws {TypeError | OSError} If there is something in it that can't go.
   */
  say(queue: bigint, message: Demand | Reply): void {
    // As a string a text can tell it, which is the faster way.
    this.#way.post(TOPIC, { ...message, queue: String(queue) });
  }
}

const exchanges = new WeakMap<Way, Exchange>();

/** What is said about queues on a way. */
export function exchangeOn(way: Way): Exchange {
  let exchange = exchanges.get(way);
  if (exchange === undefined) {
    exchange = new Exchange(way);
    exchanges.set(way, exchange);
  }
  return exchange;
}
