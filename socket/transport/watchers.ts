/**
 * Who waits for one endpoint.
 *
 * @module
 */

import { POLLALWAYS, type Watch } from "./transport.ts";

/** The watches of an endpoint. */
export class Watchers {
  readonly #watches = new Set<Watch>();

  /** How many there are. */
  get size(): number {
    return this.#watches.size;
  }

  /** The union of the events that are waited for. */
  get events(): number {
    let events = 0;
    for (const watch of this.#watches) events |= watch.events;
    return events;
  }

  /** Adds a watch. */
  add(watch: Watch): void {
    this.#watches.add(watch);
  }

  /** Removes a watch. */
  delete(watch: Watch): void {
    this.#watches.delete(watch);
  }

  /** Wakes those who wait for one of `events`. */
  wake(events: number): void {
    for (const watch of this.#watches) {
      if ((watch.events | POLLALWAYS) & events) watch.wake();
    }
  }
}
