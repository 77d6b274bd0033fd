/**
 * Objects that are waited for again and again.
 *
 * Each is watched once, when it is registered. What wakes its watch goes on
 * the list of those that may be ready, and only those are looked at: a wait
 * costs what is ready, not what is registered.
 *
 * @module
 */

import { int } from "../socket/arguments.ts";
import type { Source } from "../socket/reactor/readiness.ts";
import { POLLALWAYS } from "../socket/transport/transport.ts";
import { turn } from "../socket/reactor/turn.ts";
import { Alarm } from "./alarm.ts";
import {
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLRDNORM,
  POLLWRNORM,
} from "./constants.ts";
import { resetBudget, yieldIfDue } from "../socket/reactor/budget.ts";
import { type Selectable, sourceOf } from "./source.ts";
import { type SourceWatch, Watches } from "./watches.ts";

/** An object and what is true of it. */
export type Event<T> = [object: T, eventmask: number];

/** How an object is reported. */
export interface Style {
  /** Reported once, then not before it is modified. */
  oneshot: boolean;
  /** Reported when something is new, not for as long as it is so. */
  edge: boolean;
}

/** What is known of a registered object. */
export interface Registration<T> {
  readonly object: T;
  /** What was asked for. */
  readonly asked: number;
  readonly style: Style;
  /** It was reported once and waits to be modified. */
  readonly spent: boolean;
}

/** A registered object. */
class Entry<T> {
  readonly object: T;
  readonly source: Source;
  readonly watch: SourceWatch;
  /** What was asked for. */
  asked = 0;
  style: Style = { oneshot: false, edge: false };
  /** It was reported once and waits to be modified. */
  spent = false;

  constructor(object: T, source: Source, watch: SourceWatch) {
    this.object = object;
    this.source = source;
    this.watch = watch;
  }

  /** Has its watch woken by what can make it come true. */
  start(): void {
    this.watch.start(this.spent ? 0 : widen(this.asked), this.style.edge);
  }
}

/** A set of registered objects. */
export class Interest<T extends Selectable> {
  readonly #entries = new Map<unknown, Entry<T>>();
  readonly #watched = new Map<SourceWatch, Entry<T>>();
  /** Under what an object is registered, also after it was closed. */
  readonly #keys = new WeakMap<object, unknown>();
  readonly #watches = new Watches(this);
  readonly #forgets: boolean;
  /** Why it has come to its end. */
  #reason: Error | null = null;

  /** @param forgets What is closed is no longer registered. */
  constructor(forgets = false) {
    this.#forgets = forgets;
  }

  /** Whether the object is registered; a stranger must be open to be asked for. */
  has(object: Selectable): boolean {
    return this.#find(object) !== undefined;
  }

  #find(object: Selectable): Entry<T> | undefined {
    const entry = this.#entries.get(this.#key(object));
    if (entry && this.#forget(entry)) return undefined;
    if (typeof object === "number" || entry?.object === object) return entry;
    // The number may have been another's when that was registered.
    return entry?.source === sourceOf(object) ? entry : undefined;
  }

  /** Registers an object, or registers it anew. */
  add(object: T, events: number, style: Style): void {
    const source = sourceOf(object);
    const key = this.#key(object);
    const old = this.#entries.get(key);
    if (old) this.#drop(old);
    if (typeof object === "object") this.#keys.set(object, key);
    const watch = this.#watches.add(source, true);
    const entry = new Entry(object, source, watch);
    this.#entries.set(key, entry);
    this.#watched.set(watch, entry);
    this.modify(object, events, style);
  }

  /** Changes what a registered object is registered for. */
  modify(object: Selectable, events: number, style: Style): void {
    const entry = this.#find(object);
    if (!entry) return;
    entry.asked = events | POLLALWAYS;
    entry.style = style;
    entry.spent = false;
    entry.start();
    entry.watch.wake();
  }

  /** Ends the registration of an object. */
  delete(object: Selectable): void {
    const entry = this.#find(object);
    if (entry) this.#drop(entry);
  }

  #drop(entry: Entry<T>): void {
    const { object, watch } = entry;
    this.#watches.delete(watch);
    this.#watched.delete(watch);
    this.#entries.delete(this.#key(object));
    if (typeof object === "object") this.#keys.delete(object);
  }

  /** All registrations, in their order. */
  registrations(): Registration<T>[] {
    const entries = [...this.#entries.values()];
    for (const entry of entries) this.#forget(entry);
    return Array.from(
      this.#entries.values(),
      ({ object, asked, style, spent }) => ({ object, asked, style, spent }),
    );
  }

  /** Drops what was closed, if that ends its registration; whether it did. */
  #forget(entry: Entry<T>): boolean {
    if (!this.#forgets || !(entry.source.readiness & POLLNVAL)) return false;
    this.#drop(entry);
    return true;
  }

  /** Registers what {@linkcode registrations} gave. */
  restore({ object, asked, style, spent }: Registration<T>): void {
    this.add(object, asked, style);
    if (spent) this.#find(object)!.spent = true;
  }

  /** Ends all registrations. */
  clear(): void {
    this.#watches.clear();
    this.#watched.clear();
    this.#entries.clear();
  }

  /** Somebody waits. */
  get busy(): boolean {
    return this.#watches.alarms.size > 0;
  }

  /** Ends all registrations, and with `reason` all waits. */
  end(reason: Error): void {
    this.clear();
    this.#reason = reason;
    this.#watches.ring();
  }

  /** As in Python, what has a descriptor is known by that. */
  #key(object: Selectable): unknown {
    if (typeof object === "number") return int(object, "a file descriptor");
    const fd = this.#keys.get(object) ??
      (object as { fileno?: () => number } | null)?.fileno?.() ?? -1;
    return fd === -1 ? object : fd;
  }

  /**
   * Waits until at least one object is ready.
   *
   * @param timeout Milliseconds; `null` for ever, 0 only looks.
   * @param most At most so many events.
   */
  async wait(timeout: number | null, most = Infinity): Promise<Event<T>[]> {
    let events = this.#look(most);
    if (events.length > 0) {
      await yieldIfDue();
      return events;
    }
    if (timeout === 0) {
      await turn();
      return this.#look(most);
    }
    const deadline = timeout === null ? null : performance.now() + timeout;
    const alarm = new Alarm();
    const { alarms } = this.#watches;
    alarms.add(alarm);
    try {
      do {
        await alarm.sleep(deadline && deadline - performance.now());
        if (this.#reason) throw this.#reason;
        events = this.#look(most);
      } while (
        events.length === 0 &&
        (deadline === null || performance.now() < deadline)
      );
      resetBudget();
      return events;
    } finally {
      alarms.delete(alarm);
    }
  }

  #look(most: number): Event<T>[] {
    const events: Event<T>[] = [];
    const reported: Entry<T>[] = [];
    const { woken } = this.#watches;
    for (const watch of woken) {
      if (events.length === most) break;
      const entry = this.#watched.get(watch)!;
      if (this.#forget(entry)) continue;
      const now = entry.spent ? 0 : widen(entry.source.readiness) & entry.asked;
      if (now === 0) {
        woken.delete(watch);
        entry.start();
        continue;
      }
      events.push([entry.object, now]);
      reported.push(entry);
    }
    for (const entry of reported) {
      const { watch, style } = entry;
      // Behind the others, so that nobody starves.
      woken.delete(watch);
      if (style.oneshot) entry.spent = true;
      if (style.oneshot || style.edge) entry.start();
      else {
        watch.seen();
        woken.add(watch);
      }
    }
    return events;
  }
}

/** Adds the second names of events: sources only know the first ones. */
function widen(events: number): number {
  if (events & (POLLIN | POLLRDNORM)) events |= POLLIN | POLLRDNORM;
  if (events & (POLLOUT | POLLWRNORM)) events |= POLLOUT | POLLWRNORM;
  return events;
}
