/**
 * The reactors of many sources.
 *
 * @module
 */

import type { Source } from "./readiness.ts";
import { turn } from "./turn.ts";

type Reactor = NonNullable<Source["reactor"]>;

/** Sources without a reactor of their own. */
const eventLoop: Reactor = { settle: turn };

/** The reactors of a set of sources, each with the number of its sources. */
export class Reactors {
  readonly #counts = new Map<Reactor, number>();

  /** Adds those of one source. */
  add({ reactor = eventLoop }: Source): Reactor {
    this.#counts.set(reactor, (this.#counts.get(reactor) ?? 0) + 1);
    return reactor;
  }

  /** Takes back what {@linkcode add} returned. */
  delete(reactor: Reactor): void {
    const count = this.#counts.get(reactor)! - 1;
    if (count > 0) this.#counts.set(reactor, count);
    else this.#counts.delete(reactor);
  }

  /** Removes all. */
  clear(): void {
    this.#counts.clear();
  }

  /** Lets the news of all sources come in. The event loop turns meanwhile. */
  async settle(): Promise<void> {
    if (this.#counts.size === 0) return await turn();
    const reactors = [...this.#counts.keys()];
    await Promise.all(reactors.map((reactor) => reactor.settle()));
  }
}
