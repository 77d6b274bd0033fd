/**
 * Mutual exclusion by one word of shared memory.
 *
 * The waiters are queued by the engine, behind `Atomics.waitAsync`: first come,
 * first served over all threads, without those that time out or die. Releasing
 * hands the word to the first waiter without freeing it, so that no other
 * thread can take it in between.
 *
 * @module
 */

import { alive } from "../socket/reactor/alive.ts";

const FREE = 0;
/** Held, without waiters. */
const HELD = 1;
/** Held; a waiter waits for as long as the word is this. */
const CONTESTED = 2;
/**
 * Held, perhaps by a waiter that was handed it just now. There may be other
 * waiters, but none since the last release: a new one makes it CONTESTED.
 */
const PASSED = 3;

/** One word of shared memory that one holder at a time can have. */
export class Mutex {
  readonly #words: Int32Array<SharedArrayBuffer>;

  /** Uses the word at `offset` bytes; it must be 0 at first. */
  constructor(memory: SharedArrayBuffer, offset: number) {
    this.#words = new Int32Array(memory, offset, 1);
  }

  get locked(): boolean {
    return Atomics.load(this.#words, 0) !== FREE;
  }

  #change(from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, 0, from, to) === from;
  }

  /** Takes it if it is free. */
  take(): boolean {
    return this.#change(FREE, HELD);
  }

  /**
   * Takes it.
   *
   * @param timeout The longest wait, in milliseconds; may be infinite.
   * @returns Whether it was taken in that time.
   */
  async lock(timeout: number): Promise<boolean> {
    const deadline = performance.now() + timeout;
    while (!this.take()) {
      const rest = deadline - performance.now();
      if (timeout === 0 || rest <= 0) return false;
      if (!this.#contest()) continue;
      const wait = Atomics.waitAsync(this.#words, 0, CONTESTED, rest);
      if (wait.async) return await alive(wait.value) === "ok";
    }
    return true;
  }

  /** Makes the release look for waiters; `false` if it was released already. */
  #contest(): boolean {
    return this.#change(HELD, CONTESTED) || this.#change(PASSED, CONTESTED) ||
      Atomics.load(this.#words, 0) === CONTESTED;
  }

  /** Hands it to the longest waiter, or frees it; `false` if it was free. */
  unlock(): boolean {
    while (!this.#change(HELD, FREE)) {
      if (!this.#change(CONTESTED, PASSED) && !this.locked) return false;
      if (Atomics.notify(this.#words, 0, 1) === 1) return true;
      // A waiter that came after that has made it CONTESTED.
      if (this.#change(PASSED, FREE)) return true;
    }
    return true;
  }
}
