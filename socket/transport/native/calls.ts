/**
 * Calls that wait for a socket, in their order.
 *
 * The poller tries them where the event arrives, which is cheaper than waking a
 * function that tries.
 *
 * @module
 */

import { raise } from "../../stack.ts";

/**
 * Tries an operation again: resolves its promise, unless it has to wait on;
 * whether it did.
 */
export type Attempt<T> = (resolve: (value: T) => void) => boolean;

/** A call that waits, whatever its result. */
interface Pending {
  next: Pending | null;
  /** Tries again; whether the call has ended. */
  ends(): boolean;
}

/** A call that waits. */
class Call<T> implements Pending {
  next: Pending | null = null;
  readonly promise: Promise<T>;
  readonly #attempt: Attempt<T>;
  #resolve!: (value: T | Promise<never>) => void;

  constructor(attempt: Attempt<T>) {
    this.#attempt = attempt;
    this.promise = new Promise((resolve) => this.#resolve = resolve);
  }

  ends(): boolean {
    try {
      return this.#attempt(this.#resolve);
    } catch (error) {
      this.#resolve(raise(error));
      return true;
    }
  }
}

/** The calls that wait for one direction. */
export class Calls {
  #first: Pending | null = null;
  #last: Pending | null = null;

  get empty(): boolean {
    return this.#first === null;
  }

  /** Adds a call behind the others. */
  add<T>(attempt: Attempt<T>): Promise<T> {
    const call = new Call(attempt);
    if (this.#last) this.#last.next = call;
    else this.#first = call;
    this.#last = call;
    return call.promise;
  }

  /** Tries the calls in turn, up to one that has to wait on. */
  serve(): void {
    while (this.#first?.ends()) this.#first = this.#first.next;
    if (!this.#first) this.#last = null;
  }
}
