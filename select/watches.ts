/**
 * The watches of a `select()` iteration or a poll object, and its wait.
 *
 * A source refers to its watches, those of a poll object also between two
 * waits. A watch refers neither to the poll object nor to what is registered,
 * so both can be collected unless a wait is under way.
 *
 * @module
 */

import { int } from "../socket/arguments.ts";
import { endpointOf } from "../socket/descriptors.ts";
import { hold, release } from "../socket/reactor/alive.ts";
import {
  type Pollable,
  type Reactor,
  readiness,
  type Source,
  type Watch,
} from "../socket/reactor/readiness.ts";
import { Reactors, resetBudget, yieldIfDue } from "../socket/reactor/turn.ts";
import { waitFor } from "../socket/reactor/wait.ts";

/** A descriptor, or anything that can be waited for. */
export type Selectable = number | Pollable;

/** The source of an object; `EBADF` if it is closed. */
export function sourceOf(object: Selectable): Source {
  if (typeof object === "number") {
    return endpointOf(int(object, "a file descriptor"));
  }
  if (typeof object === "object" && object !== null && readiness in object) {
    return object[readiness];
  }
  throw new TypeError(
    "argument must be a descriptor, a socket or another object that can be waited for",
  );
}

/** Ends the watches of owners that were collected. */
const dropped = new FinalizationRegistry<Watches>((watches) => watches.clear());

/** The watches of one owner: a source of which its waits are the watchers. */
export class Watches implements Omit<Source, "readiness" | "ready"> {
  readonly #all = new Map<SourceWatch, Reactor>();
  readonly #reactors = new Reactors();
  /** The waits under way. They refer to the owner and keep it. */
  readonly #waits = new Set<Watch>();
  /** Watches that were woken and not looked at since, the oldest first. */
  readonly woken: Set<SourceWatch> = new Set();

  /** @param owner When it is collected, its watches end. */
  constructor(owner: object) {
    dropped.register(owner, this);
  }

  /**
   * Makes a watch, which is still to be started.
   *
   * @param lasting See {@linkcode Watch.lasting}.
   */
  add(source: Source, lasting: boolean): SourceWatch {
    const watch = new SourceWatch(this, source, lasting);
    this.#all.set(watch, this.#reactors.add(source));
    return watch;
  }

  /** Ends a watch. */
  delete(watch: SourceWatch): void {
    watch.stop();
    const reactor = this.#all.get(watch);
    if (reactor) this.#reactors.delete(reactor);
    this.#all.delete(watch);
    this.woken.delete(watch);
  }

  /** Ends all watches. */
  clear(): void {
    for (const watch of this.#all.keys()) this.delete(watch);
  }

  /** Waits are under way. */
  get busy(): boolean {
    return this.#waits.size > 0;
  }

  /**
   * Waits until `look` finds something.
   *
   * @param timeout Milliseconds; `null` for ever, 0 only looks.
   * @param expired The result when the time is over.
   */
  async wait<T>(
    timeout: number | null,
    look: () => T | undefined,
    expired: () => T,
  ): Promise<T> {
    let result = look();
    if (result === undefined && timeout !== 0) {
      this.#reactors.poll();
      result = look();
    }
    if (result === undefined) {
      result = await waitFor(this, 0, timeout, look, expired);
      resetBudget();
    } else {
      await yieldIfDue(this.#reactors);
    }
    return result;
  }

  /** Makes all waits check again. */
  wake(): void {
    for (const wait of this.#waits) wait.wake();
  }

  // The source that a wait watches

  /** Begins to wake a wait, which keeps the process alive. */
  watch(wait: Watch): void {
    this.#waits.add(wait);
    hold();
  }

  /** Stops to wake a wait. */
  unwatch(wait: Watch): void {
    this.#waits.delete(wait);
    release();
  }

  /** Settles the reactors of all watched sources. */
  settle(): Promise<void> {
    return this.#reactors.settle();
  }
}

/** Watches one source. */
export class SourceWatch implements Watch {
  events = 0;
  edge = false;
  readonly lasting: boolean;
  readonly #owner: Watches;
  // The source may be the owner's own.
  readonly #source: WeakRef<Source>;
  #started = false;
  #overlooked = false;

  constructor(owner: Watches, source: Source, lasting: boolean) {
    this.#owner = owner;
    this.#source = new WeakRef(source);
    this.lasting = lasting;
  }

  /**
   * Begins to be woken by `events`, and by no others. To be called whenever the
   * source was looked at, too.
   *
   * @param edge See {@linkcode Watch.edge}.
   */
  start(events: number, edge = false): void {
    this.#overlooked = false;
    const same = events === this.events && edge === this.edge;
    if (this.#started && same) return;
    this.stop();
    this.events = events;
    this.edge = edge;
    this.#started = true;
    this.#source.deref()?.watch(this);
  }

  /** Stops to be woken. */
  stop(): void {
    if (!this.#started) return;
    this.#started = false;
    this.#source.deref()?.unwatch(this);
  }

  wake(): void {
    // Without a wait the owner may have been dropped, so the second wake-up
    // ends the watch. The next look at the woken watches starts it again.
    if (this.#overlooked && !this.#owner.busy) this.stop();
    this.#overlooked = true;
    this.#owner.woken.add(this);
    this.#owner.wake();
  }
}
