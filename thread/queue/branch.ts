/**
 * A queue whose items are in another thread.
 *
 * @module
 */

import type { Parcel, Way } from "../../socket/transfer.ts";
import { RuntimeError } from "../errors.ts";
import { idOf } from "../identity.ts";
import {
  type Demand,
  type Exchange,
  exchangeOn,
  type Peer,
  type Reply,
} from "./exchange.ts";
import { Contents } from "../inspect.ts";
import { Ledger } from "./ledger.ts";
import { revive } from "./report.ts";
import type { Store, Ticket } from "./store.ts";

/** Something that was asked for. */
interface Request {
  /** What is to be brought as soon as there is room. */
  readonly item?: unknown;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The thread that has the items, seen from another one. */
export class Branch implements Store, Peer {
  readonly #ticket: Ticket;
  readonly #way: Way;
  readonly #exchange: Exchange;
  readonly #queue: bigint;
  readonly #received: Int32Array<SharedArrayBuffer>;
  readonly #requests = new Map<number, Request>();
  #id = 0;
  #offers = 0;
  #ended = false;
  /** How often the queue has arrived since this was made. */
  arrived = 0;
  /** How many objects stand for the queue, perhaps not collected yet. */
  objects = 0;

  /** Asks the thread at the other end of a way. */
  constructor(ticket: Ticket, way: Way) {
    this.#ticket = ticket;
    this.#way = way;
    this.#exchange = exchangeOn(way);
    this.#queue = idOf(ticket.plan.memory);
    this.#received = new Int32Array(ticket.received);
    this.#exchange.join(this.#queue, this);
  }

  async put(item: unknown, patience: number): Promise<void> {
    // What moves mustn't be gone in vain. What comes after it comes after it.
    if (!new Contents(item, "item").moves && this.#offers === 0) {
      await this.#ask((id) => ({ do: "put", id, item, patience }));
      return;
    }
    this.#offers++;
    try {
      await this.#ask((id) => ({ do: "offer", id, patience }), item);
    } finally {
      this.#offers--;
    }
  }

  get(patience: number): Promise<unknown> {
    return this.#ask((id) => ({ do: "get", id, patience }));
  }

  close(): void {
    this.#say({ do: "close" });
  }

  #say(message: Demand): void {
    this.#exchange.say(this.#queue, message);
  }

  #ask(demand: (id: number) => Demand, item?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#loss());
      const id = this.#id++;
      this.#say(demand(id));
      this.#requests.set(id, { item, resolve, reject });
    });
  }

  hear(reply: Reply): void {
    // It counts as arrived even if nobody is there any more to take it.
    if (reply.do === "item") Atomics.add(this.#received, 0, 1);
    const request = this.#requests.get(reply.id)!;
    if (reply.do === "room") return this.#bring(reply.id, request);
    this.#requests.delete(reply.id);
    switch (reply.do) {
      case "item":
        return request.resolve(reply.item);
      case "done":
        return request.resolve(undefined);
      case "error":
        return request.reject(revive(reply.error));
    }
  }

  miss(reply: Reply & { do: "item" }, error: Error): void {
    Atomics.add(this.#received, 0, 1);
    // Nobody gets it, so nobody could say that it is done.
    new Ledger(this.#ticket.plan.memory).finish();
    const { id } = reply;
    this.#requests.get(id)!.reject(error);
    this.#requests.delete(id);
  }

  #bring(id: number, { item, reject }: Request): void {
    try {
      this.#say({ do: "fill", id, item });
    } catch (error) {
      this.#say({ do: "cancel" });
      this.#requests.delete(id);
      reject(error as Error);
    }
  }

  end(): void {
    this.#ended = true;
    for (const { reject } of this.#requests.values()) reject(this.#loss());
    this.#requests.clear();
  }

  #loss(): Error {
    return new RuntimeError("the thread that had the queue's items has ended");
  }

  /** The queue itself is gone from this thread. */
  leave(): void {
    this.#exchange.leave(this.#queue);
    if (!this.#ended) this.#say({ do: "leave", times: this.arrived });
  }

  pack(way: Way): Parcel {
    if (way !== this.#way) {
      throw new TypeError(
        "goes to other threads through the one that has its items",
      );
    }
    return { kind: "queue", message: this.#ticket };
  }
}
