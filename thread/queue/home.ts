/**
 * The thread that has the items of a queue.
 *
 * @module
 */

import type { Parcel, Way } from "../../socket/transfer.ts";
import { Empty, Full, ShutDown } from "./errors.ts";
import { packFor } from "./guest.ts";
import { Contents } from "../inspect.ts";
import { Ledger } from "./ledger.ts";
import { type Shelf, shelf } from "./shelf.ts";
import type { Plan, Store } from "./store.ts";
import { type Waiter, Waiting } from "./waiting.ts";

/** Somebody who wants an item. */
export interface Getter extends Waiter {
  /** Gives the item. */
  take(item: unknown): void;
}

/** Somebody who wants to put an item. */
export interface Putter extends Waiter {
  /** Calls {@linkcode Home.add} or {@linkcode Home.promise}, or throws. */
  enter(): void;
}

/** The items of a queue, and who waits for it, in whichever thread. */
export class Home implements Store {
  /** What there is to know of the queue. */
  readonly plan: Plan;
  /** The queue itself, which is to last for as long as anybody has it. */
  queue: object | null = null;
  /** How many other threads have the queue. */
  guests = 0;
  readonly #ledger: Ledger;
  readonly #shelf: Shelf;
  readonly #getters = new Waiting<Getter>(Empty);
  readonly #putters = new Waiting<Putter>(Full);
  /** How many items were let in that haven't come yet. */
  #promised = 0;

  /** Has the items of that queue, none at first. */
  constructor(plan: Plan) {
    this.plan = plan;
    this.#ledger = new Ledger(plan.memory);
    this.#shelf = shelf(plan.order);
  }

  put(item: unknown, patience: number): Promise<void> {
    // Rather here than in the thread that gets it.
    if (this.guests > 0) new Contents(item, "item").moves;
    return new Promise((resolve, reject) => {
      const enter = () => {
        this.add(item);
        resolve();
      };
      this.offer({ enter, fail: reject }, patience);
    });
  }

  get(patience: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.ask({ take: resolve, fail: reject }, patience);
    });
  }

  /** Gives an item to somebody, now or later. */
  ask(getter: Getter, patience: number): void {
    this.close();
    if (this.#shelf.size > 0) {
      this.#give(getter);
      this.#settle();
    } else if (this.#over) {
      getter.fail(new ShutDown());
    } else this.#getters.add(getter, patience);
  }

  /** Lets somebody put an item, now or later. */
  offer(putter: Putter, patience: number): void {
    this.close();
    if (this.#ledger.shut) putter.fail(new ShutDown());
    else if (this.#room) {
      this.#admit(putter);
      this.#settle();
    } else this.#putters.add(putter, patience);
  }

  /** Forgets somebody who waits. */
  forget(waiter: Getter & Putter): void {
    this.#getters.delete(waiter);
    this.#putters.delete(waiter);
    this.#settle();
  }

  /** Nothing is left, and nothing can come any more. */
  get #over(): boolean {
    const { cleared, shut } = this.#ledger;
    return shut && this.#shelf.size === 0 && (cleared || this.#promised === 0);
  }

  get #room(): boolean {
    return this.#shelf.size + this.#promised < this.plan.limit;
  }

  #give(getter: Getter): void {
    let item;
    try {
      item = this.#shelf.take();
    } catch (error) {
      return getter.fail(error as Error);
    }
    this.#ledger.publish(this.#shelf.size);
    getter.take(item);
  }

  #admit(putter: Putter): void {
    try {
      putter.enter();
    } catch (error) {
      putter.fail(error as Error);
    }
  }

  /** Adds an item for which there is room. */
  add(item: unknown): void {
    this.#shelf.add(item);
    this.#ledger.begin();
    this.#ledger.publish(this.#shelf.size);
  }

  /** Keeps room for an item that is on its way. */
  promise(): void {
    this.#promised++;
  }

  /** The item has come, or (without one) never will. */
  fulfil(...items: [] | [item: unknown]): void {
    this.#promised--;
    try {
      if (items.length > 0 && !this.#ledger.cleared) this.add(items[0]);
    } finally {
      this.#settle();
    }
  }

  /** Puts back what nobody got after all, in the order in which it was taken. */
  restore(items: unknown[]): void {
    for (const item of items.toReversed()) {
      try {
        this.#shelf.restore(item);
      } catch {
        // It came before all others, and can't be compared with one of them.
        this.lose();
      }
    }
    this.#ledger.publish(this.#shelf.size);
    this.close();
    this.#settle();
  }

  /** An item that nobody will get is not to be finished either. */
  lose(): void {
    this.#ledger.finish();
  }

  close(): void {
    if (!this.#ledger.shut) return;
    if (this.#ledger.cleared && this.#shelf.size > 0) {
      this.#ledger.finish(this.#shelf.size);
      this.#shelf.clear();
    }
    this.#settle();
  }

  /** Serves those who wait as far as that can be done. */
  #settle(): void {
    const { shut } = this.#ledger;
    for (;;) {
      let waiter: Waiter | undefined;
      if (this.#shelf.size > 0 && this.#getters.size > 0) {
        this.#give(this.#getters.next()!);
      } else if (shut && (waiter = this.#putters.next())) {
        waiter.fail(new ShutDown());
      } else if (!shut && this.#room && this.#putters.size > 0) {
        this.#admit(this.#putters.next()!);
      } else if (this.#over && (waiter = this.#getters.next())) {
        waiter.fail(new ShutDown());
      } else break;
    }
    this.#ledger.publish(this.#shelf.size);
  }

  pack(way: Way): Parcel {
    return packFor(this, way);
  }
}
