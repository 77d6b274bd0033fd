/**
 * Who waits for one endpoint.
 *
 * @module
 */

import { POLLALWAYS, POLLIN, type Watch } from "../transport/transport.ts";

/** The watches of an endpoint. */
export class Watchers {
  readonly #watches = new Set<Watch>();
  #events = 0;
  #calls = 0;
  #edges = 0;

  /** How many calls wait. */
  get calls(): number {
    return this.#calls;
  }

  /** Somebody wants to know of what comes behind something that waits. */
  get edge(): boolean {
    return this.#edges > 0;
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

  #count({ lasting, edge, events }: Watch, change: 1 | -1): void {
    if (!lasting) this.#calls += change;
    if (edge && events & POLLIN) this.#edges += change;
  }

  /** Wakes those who wait for one of `events`. */
  wake(events: number): void {
    // Who stops and begins again meanwhile comes last in the set once more.
    let left = this.#watches.size;
    for (const watch of this.#watches) {
      if (left-- === 0) return;
      if ((watch.events | POLLALWAYS) & events) watch.wake();
    }
  }
}

/** A watch that lasts over many waits. */
export function lasting(events: number, wake: () => void): Watch {
  return { events, lasting: true, wake };
}
