/**
 * Queues in `select()` and `poll()`.
 *
 * @module
 */

import type { Source, Watch } from "../../socket/reactor/readiness.ts";
import { POLLIN, POLLOUT } from "../../socket/reactor/events.ts";
import { Watchers } from "../../socket/reactor/watchers.ts";
import { keepAlive, letGo } from "../alive.ts";
import type { SharedCounters } from "./counters.ts";

/** Tells from the counters whether anything can be got or put. */
export class QueueSource implements Source {
  readonly #counters: SharedCounters;
  readonly #limit: number;
  readonly #watchers = new Watchers();
  #following = false;

  /** Follows the counters while somebody watches. */
  constructor(counters: SharedCounters, limit: number) {
    this.#counters = counters;
    this.#limit = limit;
  }

  get readiness(): number {
    const { shut, size } = this.#counters;
    // A call that fails at once needn't be waited for either.
    return (size > 0 || shut ? POLLIN : 0) |
      (size < this.#limit || shut ? POLLOUT : 0);
  }

  watch(watch: Watch): void {
    if (this.#watchers.size === 0) keepAlive();
    this.#watchers.add(watch);
    if (!this.#following) this.#follow();
  }

  unwatch(watch: Watch): void {
    if (this.#watchers.size === 0) return;
    this.#watchers.delete(watch);
    if (this.#watchers.size === 0) letGo();
  }

  async #follow(): Promise<void> {
    this.#following = true;
    let seen = this.#counters.changes;
    do {
      // A watcher looks at the state once it watches: only later changes are news.
      await this.#counters.change(seen);
      seen = this.#counters.changes;
      this.#watchers.wake(this.readiness);
    } while (this.#watchers.size > 0);
    this.#following = false;
  }
}
