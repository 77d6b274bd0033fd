/**
 * Watches that outlast a wait, but not whoever waits.
 *
 * A source refers to those who watch it. A poll object stays there from one
 * wait to the next, and may be dropped meanwhile: nothing here refers to it or
 * to what is registered, except for the waits under way.
 *
 * @module
 */

import type { Source, Watch } from "../socket/reactor/readiness.ts";
import type { Alarm } from "./alarm.ts";

/** Ends the watches of owners that were dropped. */
const dropped = new FinalizationRegistry<Watches>((watches) => watches.clear());

/** The watches of one owner. */
export class Watches {
  readonly #all = new Set<SourceWatch>();
  /** Those that were woken and not looked at since, the longest ago first. */
  readonly woken: Set<SourceWatch> = new Set();
  /** The waits under way. Each refers to the owner, which so stays. */
  readonly alarms: Set<Alarm> = new Set();

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
    this.#all.add(watch);
    return watch;
  }

  /** Ends a watch. */
  delete(watch: SourceWatch): void {
    watch.stop();
    this.#all.delete(watch);
    this.woken.delete(watch);
  }

  /** Ends all watches. */
  clear(): void {
    for (const watch of this.#all) watch.stop();
    this.#all.clear();
    this.woken.clear();
  }

  /** Ends the sleeps of the waits under way. */
  ring(): void {
    for (const alarm of this.alarms) alarm.ring();
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
   * Begins to be woken by `events`, and by no others.
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

  /** The source was looked at. */
  seen(): void {
    this.#overlooked = false;
  }

  wake(): void {
    // Nobody looks, and perhaps nobody will: the owner may have been dropped.
    // Otherwise it is among the woken, and starts when it is looked at.
    if (this.#overlooked && this.#owner.alarms.size === 0) this.stop();
    this.#overlooked = true;
    this.#owner.woken.add(this);
    this.#owner.ring();
  }
}
