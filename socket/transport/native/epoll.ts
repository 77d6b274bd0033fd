/**
 * An `epoll` object of the kernel's.
 *
 * @module
 */

import { endpointOf, isOpen } from "../../descriptors.ts";
import {
  EPOLL_CLOEXEC,
  EPOLLET,
  EPOLLONESHOT,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLRDNORM,
} from "../../reactor/events.ts";
import type { Reactor, Source, Watch } from "../../reactor/readiness.ts";
import { Watchers } from "../../reactor/watchers.ts";
import type { SystemEpoll } from "../default.ts";
import { close, open } from "./descriptor.ts";
import { NativeEndpoint } from "./endpoint.ts";
import { EventList } from "./event_list.ts";
import { check, libc } from "./libc.ts";
import { marks, self } from "./owners.ts";
import { type Pollee, thePoller } from "./poller.ts";
import { epolls, isHolding, type Registrations } from "./registrations.ts";

const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;

/** What one call takes at most, as in Python. */
const MOST = 1023;
const ready = new EventList(MOST);
const one = new EventList(1);

/** The state of a registered descriptor that the kernel doesn't tell. */
interface Entry {
  mask: number;
  /** What its socket holds was reported, and an edge would not be again. */
  told: boolean;
}

/**
 * An `epoll` object. It is registered with the poller of this thread as sockets
 * are, so that a wait for it takes no thread: one `epoll` within another.
 */
export class NativeEpoll implements SystemEpoll, Pollee, Registrations {
  readonly fd: number;
  forgotten: (fd: number) => void = () => {};
  readonly #watchers = new Watchers();
  readonly #entries = new Map<number, Entry>();
  #registration = 0;
  #watched = 0;
  #closed = false;

  /** Takes over a descriptor, or makes a new object. */
  constructor(fd?: number) {
    if (fd !== undefined) marks[fd] = self;
    this.fd = fd ?? open(() => libc.epoll_create1(EPOLL_CLOEXEC));
    epolls.add(this);
  }

  // Registrations

  descriptorOf(source: Source): number | null {
    return source instanceof NativeEndpoint ? source.fd : null;
  }

  add(fd: number, events: number): void {
    this.#control(EPOLL_CTL_ADD, fd, events);
    this.#entries.set(fd, { mask: events, told: false });
  }

  modify(fd: number, events: number): void {
    this.#control(EPOLL_CTL_MOD, fd, events);
    this.#entries.set(fd, { mask: events, told: false });
  }

  delete(fd: number): void {
    this.#control(EPOLL_CTL_DEL, fd, 0);
    this.#entries.delete(fd);
  }

  #control(op: number, fd: number, events: number): void {
    one.set(0, events, fd);
    check(() => libc.epoll_ctl(this.fd, op, fd, one.bytes));
  }

  forget(fd: number): void {
    if (!this.#entries.delete(fd)) return;
    // The kernel does so by itself only with the last copy of a descriptor.
    libc.epoll_ctl(this.fd, EPOLL_CTL_DEL, fd, one.bytes);
    this.forgotten(fd);
  }

  // Events

  take(most: number, report: (fd: number, events: number) => void): void {
    const size = Math.min(most, MOST);
    const count = check(() => libc.epoll_wait(this.fd, ready.bytes, size, 0));
    if (isHolding()) return this.#takeHeld(count, most, report);
    for (let index = 0; index < count; index++) {
      report(ready.id(index), ready.events(index));
    }
  }

  /** The same while sockets hold what the kernel doesn't know of. */
  #takeHeld(
    count: number,
    most: number,
    report: (fd: number, events: number) => void,
  ): void {
    const found = new Map<number, number>();
    for (let index = 0; index < count; index++) {
      found.set(ready.id(index), ready.events(index));
    }
    for (const [fd, entry] of this.#entries) {
      const held = heldBy(fd) & (entry.mask | POLLERR | POLLHUP);
      const events = found.get(fd);
      if (held === 0) entry.told = false;
      else if (events !== undefined) found.set(fd, events | held);
      else if (found.size < most && !(entry.told && isEdge(entry.mask))) {
        found.set(fd, held);
        // As the kernel does with those that it reports.
        if (entry.mask & EPOLLONESHOT) {
          this.#control(EPOLL_CTL_MOD, fd, EPOLLONESHOT);
        }
      }
      if (held !== 0 && found.has(fd)) entry.told = true;
    }
    found.forEach((events, fd) => report(fd, events));
  }

  refresh(): void {
    for (const entry of this.#entries.values()) {
      if (!(entry.mask & EPOLLONESHOT)) entry.told = false;
    }
    this.onEvents(POLLIN);
  }

  // The source that a wait watches

  get readiness(): number {
    return isReadable(this.fd) ? POLLIN : 0;
  }

  get reactor(): Reactor {
    return thePoller();
  }

  watch(watch: Watch): void {
    this.#watchers.add(watch);
    this.review();
  }

  unwatch(watch: Watch): void {
    this.#watchers.delete(watch);
    this.review();
  }

  review(): void {
    const watched = !this.#closed && this.#watchers.size > 0 ? 1 : 0;
    if (watched === this.#watched) return;
    const poller = thePoller();
    if (this.#registration === 0 && watched) {
      this.#registration = poller.add(this);
    }
    poller.demand(0, watched - this.#watched, 0);
    this.#watched = watched;
  }

  onEvents(events: number): void {
    if (this.#watchers.size > 0) this.#watchers.wake(events);
  }

  close(): void {
    this.#closed = true;
    this.review();
    epolls.delete(this);
    if (this.#registration !== 0) {
      thePoller().remove(this.fd, this.#registration);
    }
    close(this.fd);
  }
}

/** The events that are true of a descriptor without the kernel's knowing. */
function heldBy(fd: number): number {
  const endpoint = isOpen(fd) ? endpointOf(fd) : null;
  if (!(endpoint instanceof NativeEndpoint)) return 0;
  const { held } = endpoint;
  return held & POLLIN ? held | POLLRDNORM : held;
}

/** Whether there are events to be taken. */
function isReadable(fd: number): boolean {
  const pollfd = Int32Array.of(fd, POLLIN);
  return check(() => libc.poll(pollfd, 1, 0)) > 0;
}

/** What was reported is not reported again. */
function isEdge(mask: number): boolean {
  return (mask & (EPOLLET | EPOLLONESHOT)) !== 0;
}
