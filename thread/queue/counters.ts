/**
 * The counters of a queue that all threads share, and its readiness.
 *
 * The items are in one thread. Their number, the number of unfinished ones and
 * whether the queue is shut down are in shared memory, so that every thread
 * knows them without asking.
 *
 * @module
 */

import { alive, hold, release } from "../../socket/reactor/alive.ts";
import type { Source, Watch } from "../../socket/reactor/readiness.ts";
import { Watchers } from "../../socket/reactor/watchers.ts";
import { POLLIN, POLLOUT } from "../../socket/reactor/events.ts";
import { HEAD } from "../memory.ts";

export const COUNTERS = 16;

const SIZE = 0;
const UNFINISHED = 1;
const SHUT = 2;
const CHANGES = 3;

// Values of SHUT.

/** No more items can be put. */
const CLOSING = 1;
/** The items were thrown away too. */
const CLOSED = 2;

export class SharedCounters implements Source {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #limit: number;
  readonly #watchers = new Watchers();
  #following = false;

  /** Uses memory of `allocate()`; it must be 0 at first. */
  constructor(memory: SharedArrayBuffer, limit = Infinity) {
    this.#limit = limit;
    this.#words = new Int32Array(memory, HEAD, COUNTERS / 4);
  }

  get size(): number {
    // Items of a cleared queue count no more, even before the server drops them.
    return this.cleared ? 0 : Atomics.load(this.#words, SIZE);
  }

  get shut(): boolean {
    return Atomics.load(this.#words, SHUT) !== 0;
  }

  /** Whether the queue is shut down and its items are thrown away. */
  get cleared(): boolean {
    return Atomics.load(this.#words, SHUT) === CLOSED;
  }

  /** Shuts the queue down; `immediate` also clears one that is shut down. */
  shutDown(immediate: boolean): void {
    if (immediate) Atomics.store(this.#words, SHUT, CLOSED);
    else Atomics.compareExchange(this.#words, SHUT, 0, CLOSING);
    this.#announce();
  }

  publish(size: number): void {
    if (Atomics.exchange(this.#words, SIZE, size) !== size) this.#announce();
  }

  #announce(): void {
    Atomics.add(this.#words, CHANGES, 1);
    Atomics.notify(this.#words, CHANGES);
  }

  addUnfinished(): void {
    Atomics.add(this.#words, UNFINISHED, 1);
  }

  /** Counts fewer unfinished items; `false` if there are none. */
  finish(count = 1): boolean {
    for (;;) {
      const unfinished = Atomics.load(this.#words, UNFINISHED);
      if (unfinished === 0) return false;
      const rest = Math.max(0, unfinished - count);
      if (
        Atomics.compareExchange(this.#words, UNFINISHED, unfinished, rest) !==
          unfinished
      ) continue;
      if (rest === 0) Atomics.notify(this.#words, UNFINISHED);
      return true;
    }
  }

  async finished(): Promise<void> {
    for (;;) {
      const unfinished = Atomics.load(this.#words, UNFINISHED);
      if (unfinished === 0) return;
      const wait = Atomics.waitAsync(this.#words, UNFINISHED, unfinished);
      if (wait.async) await alive(wait.value);
    }
  }

  // The readiness for select() and poll()

  get readiness(): number {
    const { shut, size } = this;
    // A queue that is shut down is ready: calls fail at once.
    return (size > 0 || shut ? POLLIN : 0) |
      (size < this.#limit || shut ? POLLOUT : 0);
  }

  watch(watch: Watch): void {
    if (this.#watchers.size === 0) hold();
    this.#watchers.add(watch);
    if (!this.#following) this.#follow();
  }

  unwatch(watch: Watch): void {
    if (this.#watchers.size === 0) return;
    this.#watchers.delete(watch);
    if (this.#watchers.size === 0) release();
  }

  async #follow(): Promise<void> {
    this.#following = true;
    const words = this.#words;
    let seen = Atomics.load(words, CHANGES);
    do {
      // Earlier changes are seen by the watchers, which begin with a look.
      await Atomics.waitAsync(words, CHANGES, seen).value;
      seen = Atomics.load(words, CHANGES);
      this.#watchers.wake(this.readiness);
    } while (this.#watchers.size > 0);
    this.#following = false;
  }
}
