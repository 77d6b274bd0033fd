/**
 * Those who wait for a queue, first come, first served.
 *
 * @module
 */

import { LONGEST } from "../../socket/transport/times.ts";

/** For ever, in milliseconds: a number that a text can tell. */
export const FOREVER: number = Number.MAX_VALUE;

/** Somebody who waits. */
export interface Waiter {
  /** Ends the wait in vain. */
  fail(error: Error): void;
}

/** Who waits for one thing. */
export class Waiting<T extends Waiter> {
  readonly #timers = new Map<T, ReturnType<typeof setTimeout> | undefined>();
  readonly #late: new () => Error;

  /** `late` is what happens to those whose time is over. */
  constructor(late: new () => Error) {
    this.#late = late;
  }

  /** How many wait. */
  get size(): number {
    return this.#timers.size;
  }

  /** Waits for so many milliseconds at most. */
  add(waiter: T, patience: number): void {
    if (patience <= 0) return waiter.fail(new this.#late());
    if (patience === FOREVER) {
      this.#timers.set(waiter, undefined);
      return;
    }
    const end = performance.now() + patience;
    const wait = () => {
      const rest = end - performance.now();
      if (rest <= 0) {
        this.#timers.delete(waiter);
        return waiter.fail(new this.#late());
      }
      this.#timers.set(
        waiter,
        setTimeout(wait, Math.min(Math.ceil(rest), LONGEST)),
      );
    };
    wait();
  }

  /** Ends the wait of one, without a word. */
  delete(waiter: T): void {
    clearTimeout(this.#timers.get(waiter));
    this.#timers.delete(waiter);
  }

  /** Ends the wait of the one who waits longest. */
  next(): T | undefined {
    const [waiter] = this.#timers.keys();
    if (waiter !== undefined) this.delete(waiter);
    return waiter;
  }
}
