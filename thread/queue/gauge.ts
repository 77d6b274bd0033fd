/**
 * Queues in `select()` and `poll()`.
 *
 * @module
 */

import type { Source, Watch } from "../../socket/readiness.ts";
import { POLLIN, POLLOUT } from "../../socket/transport/transport.ts";
import { Watchers } from "../../socket/transport/watchers.ts";
import { keepAlive, letGo } from "../alive.ts";
import type { Ledger } from "./ledger.ts";

/** Tells from the ledger whether anything can be got or put. */
export class Gauge implements Source {
  readonly #ledger: Ledger;
  readonly #limit: number;
  readonly #watchers = new Watchers();
  #following = false;

  /** Follows a ledger while somebody watches. */
  constructor(ledger: Ledger, limit: number) {
    this.#ledger = ledger;
    this.#limit = limit;
  }

  get readiness(): number {
    const { shut, size } = this.#ledger;
    // What only fails needn't be waited for either.
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
    let seen = this.#ledger.changes;
    do {
      // Who watches looks at once: what changes from here on is new to it.
      await this.#ledger.change(seen);
      seen = this.#ledger.changes;
      this.#watchers.wake(this.readiness);
    } while (this.#watchers.size > 0);
    this.#following = false;
  }
}
