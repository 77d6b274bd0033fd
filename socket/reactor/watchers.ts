/**
 * The watches of one source.
 *
 * @module
 */

import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLRDHUP } from "./events.ts";
import type { Watch } from "./readiness.ts";

/** The events that `poll(2)` reports whether it was asked for them or not. */
export const POLLALWAYS: number = POLLERR | POLLHUP | POLLNVAL;

/** The events that become known by reading ahead. */
export const POLLINCOMING: number = POLLIN | POLLRDHUP | POLLERR | POLLHUP;

/** A set of watches. */
export class Watchers {
  readonly #watches = new Set<Watch>();
  #events = 0;
  #calls = 0;
  #edges = 0;
  #background = 0;

  /** How many are calls that wait. */
  get calls(): number {
    return this.#calls;
  }

  /** Whether a watch must be woken for data that arrives behind unread data. */
  get edge(): boolean {
    return this.#edges > 0;
  }

  /** How many have to be woken also while no call waits in this thread. */
  get background(): number {
    return this.#background;
  }

  /** How many there are. */
  get size(): number {
    return this.#watches.size;
  }

  /** The union of the events that are waited for. */
  get events(): number {
    return this.#events;
  }

  /** Adds a watch. */
  add(watch: Watch): void {
    if (!this.#watches.has(watch)) this.#count(watch, 1);
    this.#watches.add(watch);
    this.#events |= watch.events;
  }

  /** Removes a watch. */
  delete(watch: Watch): void {
    if (this.#watches.delete(watch)) this.#count(watch, -1);
    this.#events = 0;
    for (const { events } of this.#watches) this.#events |= events;
  }

  #count(watch: Watch, change: 1 | -1): void {
    const { lasting, background, edge, events } = watch;
    if (!lasting) this.#calls += change;
    if (background) this.#background += change;
    if (edge && events & POLLIN) this.#edges += change;
  }

  /** Wakes the watches for one of `events`. */
  wake(events: number): void {
    // A watch that is removed and added again meanwhile comes last in the set.
    let left = this.#watches.size;
    for (const watch of this.#watches) {
      if (left-- === 0) return;
      if ((watch.events | POLLALWAYS) & events) watch.wake();
    }
  }
}
