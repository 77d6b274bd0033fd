/**
 * Calls that wait for a socket, in their order.
 *
 * The poller tries them where the event arrives, which is cheaper than waking a
 * function that tries.
 *
 * @module
 */

import { raise } from "../../stack.ts";

/** A call that waits. */
export interface Call<in Result> {
  /** The call behind it. */
  next: Call<never> | null;
  /** Resolves its promise. */
  resolve: (result: Result | Promise<never>) => void;
  /**
   * Tries the operation again, and resolves the promise unless it has to wait
   * on; whether it did.
   */
  attempt(): boolean;
}

/** The calls that wait for one direction. */
export class Calls {
  #first: Call<never> | null = null;
  /** The last of several. */
  #last: Call<never> | null = null;

  get empty(): boolean {
    return this.#first === null;
  }

  /** Adds a call behind the others. */
  add(call: Call<never>): void {
    if (this.#first === null) {
      this.#first = call;
      return;
    }
    (this.#last ?? this.#first).next = call;
    this.#last = call;
  }

  /** Tries the calls in turn, up to one that has to wait on. */
  serve(): void {
    for (let call; (call = this.#first) && this.#serve(call);) {
      this.#first = call.next;
      if (call === this.#last) this.#last = null;
    }
  }

  #serve(call: Call<never>): boolean {
    try {
      return call.attempt();
    } catch (error) {
      call.resolve(raise(error));
      return true;
    }
  }
}
