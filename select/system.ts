/**
 * Registrations with the system's own `epoll`, beside which an
 * {@linkcode Interest} keeps the objects that the system doesn't know.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { int } from "../socket/arguments.ts";
import { isOpen } from "../socket/descriptors.ts";
import { OSError } from "../socket/errors.ts";
import { EPOLLONESHOT } from "../socket/reactor/events.ts";
import { Slab } from "../socket/slab.ts";
import type { SystemEpoll } from "../socket/transport/default.ts";
import type { Event, Sibling } from "./interest.ts";
import { type Selectable, sourceOf } from "./watches.ts";

interface Entry<T> {
  readonly fd: number;
  readonly object: T;
  mask: number;
  /** It was reported with `EPOLLONESHOT`. */
  spent: boolean;
}

/** Descriptors of the system that are registered, with their objects. */
export class SystemInterest<T extends Selectable> implements Sibling<T> {
  readonly source: SystemEpoll;
  readonly #entries = new Slab<Entry<T>>(0);
  #events: Event<T>[] = [];

  constructor(source: SystemEpoll) {
    this.source = source;
    // The source may outlive this object, which is collected with its owner.
    const entries = new WeakRef(this.#entries);
    source.forgotten = (fd) => entries.deref()?.delete(fd);
  }

  /** Registers a descriptor. */
  add(fd: number, object: T, mask: number): void {
    this.source.add(fd, mask);
    this.#entries.set(fd, { fd, object, mask, spent: false });
  }

  /** As {@linkcode add}, for one whose `EPOLLONESHOT` may be used up. */
  resume(fd: number, object: T, mask: number): void {
    this.add(fd, object, mask);
    this.#entries.get(fd)!.spent = mask === EPOLLONESHOT;
  }

  /** Changes what one is registered for. */
  modify(fd: number, object: T, mask: number): void {
    this.source.modify(fd, mask);
    const entry = this.#entries.get(fd);
    this.#entries.set(fd, {
      fd,
      object: entry?.object ?? object,
      mask,
      spent: false,
    });
  }

  /** Ends a registration. */
  delete(fd: number): void {
    this.source.delete(fd);
    this.#entries.delete(fd);
  }

  take(most: number): Event<T>[] {
    this.source.take(most, this.#report);
    const events = this.#events;
    this.#events = [];
    return events;
  }

  readonly #report = (fd: number, events: number): void => {
    const entry = this.#entries.get(fd);
    // Through another copy of the epoll's descriptor others may be registered.
    if (!entry) return void this.#events.push([fd as T, events]);
    if (entry.spent) return;
    if (entry.mask & EPOLLONESHOT) entry.spent = true;
    this.#events.push([entry.object, events]);
  };

  registered(): [object: T, mask: number][] {
    return this.#entries.values().map(({ object, mask, spent }) => [
      object,
      spent ? EPOLLONESHOT : mask,
    ]);
  }

  /**
   * The system's descriptor for an object; `null` if it has none. `EBADF` if it
   * is closed.
   */
  descriptorOf(object: T): number | null {
    const isNumber = typeof object === "number";
    if (isNumber && int(object, "a file descriptor") < 0) {
      throw new OSError(errno.EBADF);
    }
    // Any other number may be one of the system's.
    if (isNumber && !isOpen(object)) return object;
    return this.source.descriptorOf(sourceOf(object));
  }
}
