/**
 * Objects that are waited for again and again.
 *
 * Each is watched once, when it is registered. A woken watch is added to the
 * list of those that may be ready, and only those are checked: the cost of a
 * wait depends on the number of ready objects, not of registered ones.
 *
 * @module
 */

import { int } from "../socket/arguments.ts";
import { kind } from "../socket/bytes.ts";
import { isOpen } from "../socket/descriptors.ts";
import {
  type Movable,
  type ThreadLink,
  transfer,
} from "../socket/link/transfer.ts";
import {
  EPOLLET,
  EPOLLONESHOT,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLRDNORM,
  POLLWRNORM,
} from "../socket/reactor/events.ts";
import { readyFor, type Source } from "../socket/reactor/readiness.ts";
import { POLLALWAYS } from "../socket/reactor/watchers.ts";
import { checkTimeout } from "../socket/timeouts.ts";
import type { Endpoint } from "../socket/transport/transport.ts";
import {
  type Selectable,
  sourceOf,
  type SourceWatch,
  Watches,
} from "./watches.ts";

/** An object and its events. */
export type Event<T> = [object: T, eventmask: number];

/** A registration on its way to another thread. */
export type Packed = [object: unknown, eventmask: number];

/** Further objects, which a source of its own tells about. */
export interface Sibling<T> {
  /** Readable when {@linkcode take} would find something. */
  readonly source: Source;
  /** What is ready, up to `most`, without waiting. */
  take(most: number): Event<T>[];
  /** All objects that are registered, with their masks. */
  registered(): Event<T>[];
}

/** The bits of a mask that are events; the rest tell how to report them. */
const EVENTS = 0xffff;

/** A registered object. */
interface Entry<T> {
  readonly object: T;
  readonly source: Source;
  readonly watch: SourceWatch;
  /** The events to report; none after a report with `EPOLLONESHOT`. */
  mask: number;
}

/** A set of registered objects. */
export class Interest<T extends Selectable> {
  readonly #entries = new Map<unknown, Entry<T>>();
  readonly #watched = new Map<SourceWatch, Entry<T>>();
  /** The key of each registered object, which it keeps when it is closed. */
  readonly #keys = new WeakMap<object, unknown>();
  readonly #watches = new Watches(this);
  readonly #forgets: boolean;
  readonly #sibling: Sibling<T> | null;
  readonly #siblingWatch: SourceWatch | null = null;
  /** The sibling comes first this time, so that neither starves. */
  #siblingFirst = false;
  /** The error of all waits after {@linkcode end}. */
  #reason: Error | null = null;

  /**
   * @param forgets Closing an object ends its registration.
   * @param sibling Is waited for as well.
   */
  constructor(forgets = false, sibling: Sibling<T> | null = null) {
    this.#forgets = forgets;
    this.#sibling = sibling;
    if (sibling) this.#siblingWatch = this.#watches.add(sibling.source, true);
  }

  /** Whether the object is registered. `EBADF` for another one that is closed. */
  has(object: Selectable): boolean {
    return this.#find(object) !== undefined;
  }

  #find(object: Selectable): Entry<T> | undefined {
    const entry = this.#entries.get(this.#key(object));
    if (entry && this.#forget(entry)) return undefined;
    if (typeof object === "number" || entry?.object === object) return entry;
    // The number may have stood for another object when it was registered.
    return entry?.source === sourceOf(object) ? entry : undefined;
  }

  /** As in Python, the descriptor if the object has one. */
  #key(object: Selectable): unknown {
    if (typeof object === "number") return int(object, "a file descriptor");
    const fd = this.#keys.get(object) ??
      (object as { fileno?: () => number } | null)?.fileno?.() ?? -1;
    return fd === -1 ? object : fd;
  }

  /**
   * Registers an object, or registers it anew.
   *
   * @param mask Events, and `EPOLLET` and `EPOLLONESHOT`.
   */
  add(object: T, mask: number): void {
    const source = sourceOf(object);
    const key = this.#key(object);
    const old = this.#entries.get(key);
    if (old) this.#drop(old);
    if (typeof object === "object") this.#keys.set(object, key);
    const watch = this.#watches.add(source, true);
    const entry = { object, source, watch, mask };
    this.#entries.set(key, entry);
    this.#watched.set(watch, entry);
    this.modify(object, mask);
  }

  /** Changes the events of a registered object. */
  modify(object: Selectable, mask: number): boolean {
    const entry = this.#find(object);
    if (!entry) return false;
    entry.mask = mask | POLLALWAYS;
    start(entry);
    entry.watch.wake();
    return true;
  }

  /** Ends the registration of an object, if it is registered. */
  delete(object: Selectable): boolean {
    const entry = this.#find(object);
    if (entry) this.#drop(entry);
    return entry !== undefined;
  }

  #drop(entry: Entry<T>): void {
    const { object, watch } = entry;
    this.#watches.delete(watch);
    this.#watched.delete(watch);
    this.#entries.delete(this.#key(object));
    if (typeof object === "object") this.#keys.delete(object);
  }

  /** Drops an entry that was closed, if that ends its registration; whether. */
  #forget(entry: Entry<T>): boolean {
    if (!this.#forgets || !isClosed(entry)) return false;
    this.#drop(entry);
    return true;
  }

  /** Ends all registrations. */
  clear(): void {
    this.#watches.clear();
    this.#watched.clear();
    this.#entries.clear();
  }

  /** Ends all registrations, and with `reason` all waits. */
  end(reason: Error): void {
    this.clear();
    this.#reason = reason;
    this.#watches.wake();
  }

  /** All registrations, for another thread. */
  pack(link: ThreadLink): Packed[] {
    if (this.#watches.busy) {
      throw new TypeError("is in use by a call that waits");
    }
    for (const entry of this.#entries.values()) this.#forget(entry);
    const all = [
      ...this.#sibling?.registered() ?? [],
      ...Array.from<Entry<T>, Event<T>>(
        this.#entries.values(),
        ({ object, mask }) => [object, mask],
      ),
    ];
    return all.map(([object, mask]) => {
      if (typeof object === "number") {
        throw new TypeError(
          `has the descriptor ${object} registered, which means nothing in another thread; register the socket`,
        );
      }
      if (!(transfer in (object as object))) {
        throw new TypeError(
          `has an object registered (${kind(object)}) that can't go`,
        );
      }
      return [link.pack(object as unknown as Movable), mask];
    });
  }

  /** Registers the result of {@linkcode pack}. */
  unpack(parts: Packed[], link: ThreadLink): void {
    for (const [packed, mask] of parts) {
      this.resume(link.unpack(packed) as T, mask);
    }
  }

  /** As {@linkcode add}, for an object whose `EPOLLONESHOT` may be used up. */
  resume(object: T, mask: number): void {
    this.add(object, mask);
    this.#find(object)!.mask = mask;
  }

  /**
   * Waits until at least one object is ready.
   *
   * @param timeout Milliseconds; `null` for ever, 0 only looks.
   * @param most At most so many events.
   */
  wait(timeout: number | null, most = Infinity): Promise<Event<T>[]> {
    return this.#watches.wait(timeout, () => this.#look(most), () => []);
  }

  #look(most: number): Event<T>[] | undefined {
    if (this.#reason) throw this.#reason;
    const first = this.#siblingFirst = !this.#siblingFirst;
    const events = first ? this.#lookAside(most) : [];
    this.#lookInto(events, most);
    if (!first && events.length < most) {
      events.push(...this.#lookAside(most - events.length));
    }
    return events.length > 0 ? events : undefined;
  }

  /** Looks at the sibling. */
  #lookAside(most: number): Event<T>[] {
    const watch = this.#siblingWatch;
    if (watch === null) return [];
    this.#watches.woken.delete(watch);
    const events = this.#sibling!.take(most);
    watch.start(POLLIN, true);
    return events;
  }

  #lookInto(events: Event<T>[], most: number): void {
    const { woken } = this.#watches;
    let left = woken.size;
    for (const watch of woken) {
      if (left-- === 0 || events.length === most) break;
      // The sibling was, or will be, looked at anyway.
      if (watch === this.#siblingWatch) continue;
      const entry = this.#watched.get(watch)!;
      if (this.#forget(entry)) continue;
      woken.delete(watch);
      const { object, source, mask } = entry;
      const wanted = mask & EVENTS;
      const now = widen(readyFor(source, widen(wanted))) & wanted;
      if (now !== 0) {
        events.push([object, now]);
        if (mask & EPOLLONESHOT) entry.mask &= ~EVENTS;
        // Checked again after the others, so that none of them starves.
        else if (!(mask & EPOLLET)) woken.add(watch);
      }
      start(entry);
    }
  }
}

/** Checks a time-out of which a negative one means to wait for ever. */
export function checkWait(timeout: number | null): number | null {
  return timeout !== null && timeout < 0 ? null : checkTimeout(timeout);
}

/** Whether an object was closed; copies of its descriptor may still be open. */
function isClosed({ object, source }: Entry<Selectable>): boolean {
  return readyFor(source, POLLNVAL) !== 0 ||
    (typeof object === "number"
      ? !isOpen(object, source as Endpoint)
      : (object as { closed?: unknown }).closed === true);
}

/** Sets the watch of an entry to the events that are reported. */
function start({ watch, mask }: Entry<unknown>): void {
  watch.start(widen(mask) & EVENTS, (mask & EPOLLET) !== 0);
}

/** Adds the second names of events: sources only know the first ones. */
function widen(events: number): number {
  if (events & (POLLIN | POLLRDNORM)) events |= POLLIN | POLLRDNORM;
  if (events & (POLLOUT | POLLWRNORM)) events |= POLLOUT | POLLWRNORM;
  return events;
}
