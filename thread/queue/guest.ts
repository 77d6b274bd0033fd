/**
 * Another thread that has a queue whose items are here.
 *
 * @module
 */

import type { Parcel, Way } from "../../socket/transfer.ts";
import { idOf } from "../identity.ts";
import {
  type Demand,
  type Exchange,
  exchangeOn,
  type Peer,
  type Reply,
} from "./exchange.ts";
import type { Getter, Home, Putter } from "./home.ts";
import { Contents } from "../inspect.ts";
import { report } from "./report.ts";
import type { Ticket } from "./store.ts";

/** One thread that has the queue, seen from the one that has its items. */
export class Guest implements Peer {
  readonly #home: Home;
  readonly #exchange: Exchange;
  readonly #queue: bigint;
  readonly #waiting = new Set<Getter & Putter>();
  /** How many items were let in that haven't come yet. */
  #promised = 0;
  /** How often the queue was given to the thread. */
  #given = 0;
  /** How many items were sent to it, and those that may not have arrived. */
  #sent = 0;
  #underway: { number: number; item: unknown }[] = [];
  /** One word, written there: how many have arrived. */
  readonly received: SharedArrayBuffer;

  /** Serves the thread at the other end of a way. */
  constructor(home: Home, way: Way, received: SharedArrayBuffer) {
    this.#home = home;
    this.#exchange = exchangeOn(way);
    this.#queue = idOf(home.plan.memory);
    this.received = received;
    home.guests++;
    this.#exchange.join(this.#queue, this);
  }

  /** The queue is given to the thread, perhaps once more. */
  welcome(): void {
    this.#given++;
  }

  hear(message: Demand): void {
    this.#forget();
    switch (message.do) {
      case "get":
        return this.#get(message.id, message.patience);
      case "put": {
        const { id, item, patience } = message;
        return this.#offer(id, patience, () => {
          this.#home.add(item);
          this.#reply({ do: "done", id });
        });
      }
      case "offer": {
        const { id, patience } = message;
        return this.#offer(id, patience, () => {
          this.#promised++;
          this.#home.promise();
          this.#reply({ do: "room", id });
        });
      }
      case "fill":
        return this.#fill(message.id, message.item);
      case "cancel":
        this.#promised--;
        return this.#home.fulfil();
      case "close":
        return this.#home.close();
      case "leave":
        this.#given -= message.times;
        if (this.#given === 0) {
          this.#exchange.leave(this.#queue);
          this.end();
        }
    }
  }

  miss(message: Demand, error: Error): void {
    if (message.do === "fill") {
      this.#promised--;
      this.#home.fulfil();
    }
    if ("id" in message) this.#fail(message.id, error);
  }

  #reply(message: Reply): void {
    this.#exchange.say(this.#queue, message);
  }

  #fail(id: number, error: Error): void {
    this.#reply({ do: "error", id, error: report(error) });
  }

  #wait(id: number, take: (item: unknown) => void, enter: () => void) {
    const waiter: Getter & Putter = {
      take: (item) => {
        this.#waiting.delete(waiter);
        take(item);
      },
      enter: () => {
        this.#waiting.delete(waiter);
        enter();
      },
      fail: (error) => {
        this.#waiting.delete(waiter);
        this.#fail(id, error);
      },
    };
    this.#waiting.add(waiter);
    return waiter;
  }

  #get(id: number, patience: number): void {
    const take = (item: unknown) => this.#send(id, item);
    this.#home.ask(this.#wait(id, take, () => {}), patience);
  }

  #offer(id: number, patience: number, enter: () => void): void {
    this.#home.offer(this.#wait(id, () => {}, enter), patience);
  }

  #fill(id: number, item: unknown): void {
    this.#promised--;
    try {
      this.#home.fulfil(item);
      this.#reply({ do: "done", id });
    } catch (error) {
      this.#fail(id, error as Error);
    }
  }

  #send(id: number, item: unknown): void {
    let moves;
    try {
      moves = new Contents(item, "item").moves;
      this.#reply({ do: "item", id, item });
    } catch (error) {
      this.#home.lose();
      return this.#fail(id, error as Error);
    }
    const number = ++this.#sent;
    // What moves is gone with the thread that it was sent to.
    if (!moves) this.#underway.push({ number, item });
  }

  /** Forgets what has arrived. */
  #forget(): void {
    const received = Atomics.load(new Int32Array(this.received), 0);
    this.#underway = this.#underway.filter(({ number }) => number > received);
  }

  end(): void {
    this.#home.guests--;
    for (const waiter of this.#waiting) this.#home.forget(waiter);
    for (; this.#promised > 0; this.#promised--) this.#home.fulfil();
    this.#forget();
    this.#home.restore(this.#underway.map(({ item }) => item));
  }
}

/** Packs a queue whose items are here. */
export function packFor(home: Home, way: Way): Parcel {
  const exchange = exchangeOn(way);
  const id = idOf(home.plan.memory);
  const find = () => exchange.peer(id) as Guest | undefined;
  const received = find()?.received ?? new SharedArrayBuffer(4);
  const message: Ticket = { plan: home.plan, received };
  return {
    kind: "queue",
    message,
    send: () => (find() ?? new Guest(home, way, received)).welcome(),
  };
}
