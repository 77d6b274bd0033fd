/**
 * The numbers of a queue that all threads share.
 *
 * The items are in one thread; how many there are, how many are unfinished and
 * whether the queue is shut down is in shared memory, so that no thread has to
 * wait for a message to know.
 *
 * @module
 */

import { alive } from "../alive.ts";
import { HEAD } from "../identity.ts";

/** The size of the numbers, in bytes. */
export const COUNTERS = 16;

const SIZE = 0;
const UNFINISHED = 1;
const SHUT = 2;
const CHANGES = 3;

/** The queue takes no more items. */
const CLOSING = 1;
/** The queue has no more items either. */
const CLOSED = 2;

/** The shared numbers of a queue. */
export class SharedCounters {
  readonly #words: Int32Array<SharedArrayBuffer>;

  /** Uses memory of `allocate()`; it must be 0 at first. */
  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, HEAD, COUNTERS / 4);
  }

  /** How many items there are. */
  get size(): number {
    // The thread that shut it down needn't wait until the items are thrown away.
    return this.cleared ? 0 : Atomics.load(this.#words, SIZE);
  }

  /** Whether the queue is shut down. */
  get shut(): boolean {
    return Atomics.load(this.#words, SHUT) !== 0;
  }

  /** Whether the queue is shut down and its items are thrown away. */
  get cleared(): boolean {
    return Atomics.load(this.#words, SHUT) === CLOSED;
  }

  /** Shuts the queue down, perhaps more so than it was. */
  shutDown(immediate: boolean): void {
    if (immediate) Atomics.store(this.#words, SHUT, CLOSED);
    else Atomics.compareExchange(this.#words, SHUT, 0, CLOSING);
    this.#announce();
  }

  /** Tells how many items there are. */
  publish(size: number): void {
    if (Atomics.exchange(this.#words, SIZE, size) !== size) this.#announce();
  }

  #announce(): void {
    Atomics.add(this.#words, CHANGES, 1);
    Atomics.notify(this.#words, CHANGES);
  }

  /** How often something changed. */
  get changes(): number {
    return Atomics.load(this.#words, CHANGES);
  }

  /** Resolves when that is no longer `seen`; doesn't keep a process alive. */
  async change(seen: number): Promise<void> {
    await Atomics.waitAsync(this.#words, CHANGES, seen).value;
  }

  /** An item more is unfinished. */
  begin(): void {
    Atomics.add(this.#words, UNFINISHED, 1);
  }

  /** So many items fewer are unfinished; `false`, and nothing, if none is. */
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

  /** Resolves when no item is unfinished. */
  async finished(): Promise<void> {
    for (;;) {
      const unfinished = Atomics.load(this.#words, UNFINISHED);
      if (unfinished === 0) return;
      const wait = Atomics.waitAsync(this.#words, UNFINISHED, unfinished);
      if (wait.async) await alive(wait.value);
    }
  }
}
