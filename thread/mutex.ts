/**
 * Mutual exclusion by one word of shared memory.
 *
 * The queue of those who wait is the engine's own, the one behind
 * `Atomics.waitAsync`: it is first come, first served over all threads, and
 * who times out or dies is no longer in it. Releasing hands the word to the
 * first in the queue without ever freeing it, so nobody can get in between.
 *
 * @module
 */

import { alive } from "./alive.ts";

/** Nobody has it. */
const FREE = 0;
/** Somebody has it, nobody waits. */
const HELD = 1;
/** Somebody has it; who waits does so for as long as the word is this. */
const CONTESTED = 2;
/**
 * Somebody has it, perhaps by being handed it just now. Others may wait, but
 * nobody began to since it was last released: whoever wants to makes it
 * CONTESTED first.
 */
const PASSED = 3;

/** One word of shared memory that one thread at a time can have. */
export class Mutex {
  readonly #words: Int32Array<SharedArrayBuffer>;

  /** Uses the word at `offset` bytes; it must be 0 at first. */
  constructor(memory: SharedArrayBuffer, offset: number) {
    this.#words = new Int32Array(memory, offset, 1);
  }

  /** Whether somebody has it. */
  get locked(): boolean {
    return Atomics.load(this.#words, 0) !== FREE;
  }

  #change(from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, 0, from, to) === from;
  }

  /** Takes it if nobody has it. */
  take(): boolean {
    return this.#change(FREE, HELD);
  }

  /**
   * Takes it.
   *
   * @param timeout How long to wait at most, in milliseconds; may be infinite.
   * @returns Whether it was got in that time.
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

  /** Makes whoever releases it look for those who wait. */
  #contest(): boolean {
    return this.#change(HELD, CONTESTED) || this.#change(PASSED, CONTESTED) ||
      Atomics.load(this.#words, 0) === CONTESTED;
  }

  /** Gives it to who waits longest, or frees it; `false` if it was free. */
  unlock(): boolean {
    while (!this.#change(HELD, FREE)) {
      if (!this.#change(CONTESTED, PASSED) && !this.locked) return false;
      if (Atomics.notify(this.#words, 0, 1) === 1) return true;
      // Nobody waits, unless somebody made it CONTESTED after this looked.
      if (this.#change(PASSED, FREE)) return true;
    }
    return true;
  }
}
