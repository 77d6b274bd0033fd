/**
 * What the classes of queues have in common.
 *
 * @module
 */

import { kind } from "../../socket/bytes.ts";
import {
  type Movable,
  type Parcel,
  transfer,
  type Way,
} from "../../socket/transfer.ts";
import { parent } from "../parent.ts";
import { allocate, idOf, recall, remember } from "../identity.ts";
import { seconds } from "../timeout.ts";
import { Branch } from "./branch.ts";
import { ShutDown } from "./errors.ts";
import { exchangeOn } from "./exchange.ts";
import { Gauge } from "./gauge.ts";
import { Guest } from "./guest.ts";
import { Home } from "./home.ts";
import { LEDGER, Ledger } from "./ledger.ts";
import type { Order } from "./shelf.ts";
import type { Plan, Ticket } from "./store.ts";
import { FOREVER } from "./waiting.ts";

const forgotten = new FinalizationRegistry<Branch>((branch) => {
  // Another object may have come in the place of the one that is gone.
  if (--branch.objects === 0) branch.leave();
});

/** The inside of a queue. */
export class Core {
  /** What there is to know of the queue. */
  readonly plan: Plan;
  /** What all threads know of it at any time. */
  readonly ledger: Ledger;
  /** What `select()` and `poll()` see of it. */
  readonly gauge: Gauge;
  readonly #store: Home | Branch;

  private constructor(plan: Plan, store: Home | Branch) {
    this.plan = plan;
    this.#store = store;
    this.ledger = new Ledger(plan.memory);
    this.gauge = new Gauge(this.ledger, plan.limit);
  }

  /** A new queue. */
  static create(order: Order, simple: boolean, maxsize: number): Core {
    if (typeof maxsize !== "number") {
      throw new TypeError(`maxsize must be a number, not ${kind(maxsize)}`);
    }
    const limit = maxsize > 0 ? maxsize : Infinity;
    const memory = allocate(LEDGER);
    const plan: Plan = { order, simple, maxsize, limit, memory };
    const way = parent();
    if (way === null) return new Core(plan, new Home(plan));
    // This thread may end before those do that it gives the queue to.
    const ticket: Ticket = { plan, received: new SharedArrayBuffer(4) };
    exchangeOn(way).say(idOf(memory), {
      do: "found",
      founding: founding(ticket),
    });
    const branch = new Branch(ticket, way);
    branch.arrived = 1;
    return new Core(plan, branch);
  }

  /** Makes a queue of another thread's one whose items are to be here. */
  static found(
    { plan, received }: Ticket,
    way: Way,
    build: (core: Core) => object,
  ): object {
    const home = new Home(plan);
    new Guest(home, way, received).welcome();
    return recall(plan.memory, () => build(new Core(plan, home)));
  }

  /** The queue that has come on a way. */
  static arrive(
    ticket: Ticket,
    way: Way,
    build: (core: Core) => object,
  ): object {
    const { plan } = ticket;
    const peer = () => exchangeOn(way).peer(idOf(plan.memory));
    const queue = recall(plan.memory, () => {
      const known = peer();
      const branch = known instanceof Branch ? known : new Branch(ticket, way);
      return build(new Core(plan, branch));
    });
    const branch = peer();
    if (branch instanceof Branch) branch.arrived++;
    return queue;
  }

  /** Has the object stand for the queue in this thread. */
  serve(queue: object): void {
    const store = this.#store;
    if (store instanceof Home) store.queue = queue;
    else {
      store.objects++;
      forgotten.register(queue, store);
    }
  }

  /** Puts an item; see `Queue.put`. */
  async put(item: unknown, block: unknown, timeout: unknown): Promise<void> {
    if (this.ledger.shut) throw new ShutDown();
    const { limit } = this.plan;
    // As in Python, how long to wait is no matter where nobody does.
    const most = limit === Infinity ? FOREVER : patience(block, timeout);
    await this.#store.put(item, most);
  }

  /** Gets an item; see `Queue.get`. */
  async get(block: unknown, timeout: unknown): Promise<unknown> {
    let most: number;
    try {
      most = patience(block, timeout);
    } catch (error) {
      // As in Python, how long to wait is no matter then.
      if (this.ledger.shut && this.ledger.size === 0) throw new ShutDown();
      throw error;
    }
    return await this.#store.get(most);
  }

  /** Shuts the queue down; see `Queue.shutdown`. */
  shutdown(immediate: boolean): void {
    this.ledger.shutDown(immediate);
    this.#store.close();
  }

  /** Packs the queue that the object stands for. */
  pack(queue: object, way: Way): Parcel {
    remember(this.plan.memory, queue);
    return this.#store.pack(way);
  }
}

/** What becomes a queue where it arrives. */
function founding(message: Ticket): Movable {
  return { [transfer]: () => ({ kind: "queue, founded", message }) };
}

/** How long a call may wait, in milliseconds. */
function patience(block: unknown, timeout: unknown): number {
  if (!block) return 0;
  if (timeout === null) return FOREVER;
  if (seconds(timeout, " or null") < 0) {
    throw new RangeError("'timeout' must be a non-negative number");
  }
  return timeout as number * 1000;
}
