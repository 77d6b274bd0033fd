/**
 * A source whose events a test decides.
 *
 * @module
 */

import { POLLERR, POLLHUP, POLLNVAL } from "../select/mod.ts";
import {
  type Pollable,
  readiness,
  type Source,
  type Watch,
} from "../select/mod.ts";

/** An object for `select()` and `poll()` that is ready when it is told to be. */
export class Fake implements Pollable, Source {
  /** The watches that it has. */
  readonly watches: Set<Watch> = new Set();
  /** How many it has had. */
  watched = 0;
  /** How often its readiness was read. */
  looks = 0;
  #now: number;

  /** Begins with these events. */
  constructor(now = 0) {
    this.#now = now;
  }

  /** It is its own source. */
  get [readiness](): Source {
    return this;
  }

  /** Its events. */
  get readiness(): number {
    this.looks++;
    return this.#now;
  }

  /** The union of the events of its watches. */
  get wanted(): number {
    return [...this.watches].reduce((all, { events }) => all | events, 0);
  }

  /** Makes these events true and others not, and wakes the watches for them. */
  become(events: number): void {
    this.#now = events;
    for (const watch of [...this.watches]) {
      const wanted = watch.events | POLLERR | POLLHUP | POLLNVAL;
      if (wanted & events) watch.wake();
    }
  }

  /** Wakes all watches in vain. */
  wakeInVain(): void {
    for (const watch of [...this.watches]) watch.wake();
  }

  /** Adds a watch. */
  watch(watch: Watch): void {
    this.watched++;
    this.watches.add(watch);
  }

  /** Removes a watch. */
  unwatch(watch: Watch): void {
    this.watches.delete(watch);
  }
}
