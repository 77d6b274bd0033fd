/**
 * Turns of the event loop, and of reactors beside it.
 *
 * Deno's runtime polls the system only when it has no other work, or once in
 * some sixty turns. `setImmediate` and messages to oneself count as work, and a
 * timer takes milliseconds. While an operation runs on another thread, the
 * runtime waits for it, and so polls.
 *
 * @module
 */

import type { Reactor, Source } from "./readiness.ts";

const NOTHING = new Uint8Array(0);

/** After so many answers without a wait the event loop turns. */
const BUDGET = 32;

let shared: Promise<void> | null = null;
let spent = 0;

/** Resolves after the runtime has polled the system for events. */
export function turn(): Promise<void> {
  return shared ??= begin();
}

async function begin(): Promise<void> {
  // Calls of the same microtask turn share it; later ones may come too late.
  await null;
  shared = null;
  // The first digest may end during the runtime's poll, before the events of
  // that poll are handled.
  await crypto.subtle.digest("SHA-1", NOTHING);
  await crypto.subtle.digest("SHA-1", NOTHING);
}

/**
 * To be called, and awaited, for every answer that needed no wait. Promises
 * alone never let the event loop turn, so a loop that never has to wait (for a
 * socket that is writable) would stop everything else. Reactors that nothing
 * waits for see no events meanwhile: those of the answer are to be settled.
 */
export function yieldIfDue(reactors: Reactors): Promise<unknown> | undefined {
  if (++spent < BUDGET) return undefined;
  spent = 0;
  return reactors.settle();
}

/** To be called after an answer that had to be waited for. */
export function resetBudget(): void {
  spent = 0;
}

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

  /** Removes one source of the reactor that {@linkcode add} returned. */
  delete(reactor: Reactor = eventLoop): void {
    const count = this.#counts.get(reactor)! - 1;
    if (count > 0) this.#counts.set(reactor, count);
    else this.#counts.delete(reactor);
  }

  /** Fetches the new events that can be had at once. */
  poll(): void {
    for (const reactor of this.#counts.keys()) reactor.poll?.();
  }

  /**
   * Fetches the new events of all sources. The event loop turns if that is due.
   *
   * @param except The reactor that asks, which isn't to be asked back.
   */
  async settle(except?: Reactor): Promise<void> {
    const reactors = [...this.#counts.keys()].filter((one) => one !== except);
    if (reactors.length === 0) return await turn();
    await Promise.all(reactors.map((reactor) => reactor.settle()));
  }
}
