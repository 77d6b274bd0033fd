/**
 * Something to wait for that a test has in its hands.
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
  /** Who waits for it. */
  readonly watches: Set<Watch> = new Set();
  /** How often somebody began to. */
  watched = 0;
  /** How often somebody looked. */
  looks = 0;
  #now: number;

  /** Begins with these events. */
  constructor(now = 0) {
    this.#now = now;
  }

  /** The object is what it becomes ready as. */
  get [readiness](): Source {
    return this;
  }

  /** What is true of it. */
  get readiness(): number {
    this.looks++;
    return this.#now;
  }

  /** What those who wait for it wait for, together. */
  get wanted(): number {
    return [...this.watches].reduce((all, { events }) => all | events, 0);
  }

  /** Makes these events true and others not, and wakes who waits for them. */
  become(events: number): void {
    this.#now = events;
    for (const watch of [...this.watches]) {
      const wanted = watch.events | POLLERR | POLLHUP | POLLNVAL;
      if (wanted & events) watch.wake();
    }
  }

  /** Wakes everybody for nothing. */
  wakeInVain(): void {
    for (const watch of [...this.watches]) watch.wake();
  }

  /** Takes down who waits. */
  watch(watch: Watch): void {
    this.watched++;
    this.watches.add(watch);
  }

  /** Forgets who waited. */
  unwatch(watch: Watch): void {
    this.watches.delete(watch);
  }
}
