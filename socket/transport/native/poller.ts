/**
 * The one poller of this thread: an `epoll` descriptor that all endpoints are
 * registered with once, edge-triggered.
 *
 * While something waits, `epoll_wait` is tried without waiting after there was
 * work, and otherwise waits on a thread of Deno's, which keeps the process
 * alive. An eventfd brings it back when nothing waits any more.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { onHold } from "../../reactor/alive.ts";
import type { Reactor } from "../../reactor/readiness.ts";
import { turn } from "../../reactor/turn.ts";
import {
  EPOLL_CLOEXEC,
  EPOLLET,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
} from "../../reactor/events.ts";
import { Slab } from "../../slab.ts";
import { close, open } from "./descriptor.ts";
import { EventList } from "./event_list.ts";
import { check, libc } from "./libc.ts";
import { Parking } from "./parking.ts";
import type { Status } from "./status.ts";

const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EFD_CLOEXEC = 0x80000;
const EFD_NONBLOCK = 0x800;

/** Events that one call takes. */
const EVENTS = 256;
/**
 * Tries without waiting after work: the next work is often a moment away. How
 * many there are depends on how long the last waits were.
 */
const FEWEST_TRIES = 16;
const MOST_TRIES = 64;
/** A wait that ends so soon, in milliseconds, costs more than tries do. */
const SHORT_WAIT = 0.1;
/** Operations that succeed at once, after which the time is looked at. */
const BUDGET = 64;
/** The longest time before timers and other tasks have their turn, in milliseconds. */
const SLICE = 5;
/**
 * The time after which the poller lets them have it between two rounds of
 * events, in milliseconds: if it is left to the operations, each of them waits
 * for the turn by itself, which costs more.
 */
const ROUND = 4;
/** The same for the runtime's own I/O, for which a turn takes longer. */
const LONG_SLICE = 40;

/** The longest time between two looks for other threads, in milliseconds. */
const LONGEST_PAUSE = 16;

/** A descriptor's owner, which hears of its events. */
export interface Pollee {
  readonly fd: number;
  /**
   * Some of these `EPOLL` events may have come true.
   *
   * @param fresh Nothing can have been done since the system told of them.
   */
  onEvents(events: number, fresh: boolean): void;
  /** Tells the poller again whether something waits. */
  review(): void;
}

/** An eventfd, or an error and no poller. */
function openWakeup(epoll: number): number {
  try {
    return open(() => libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  } catch (error) {
    close(epoll);
    throw error;
  }
}

/** The registered descriptors of this thread. */
class Poller implements Reactor {
  readonly #epoll = open(() => libc.epoll_create1(EPOLL_CLOEXEC));
  readonly #wakeup = openWakeup(this.#epoll);
  readonly #pollees = new Slab<Pollee>();
  /** Numbers to be used again once the wait has returned. */
  readonly #retired: number[] = [];
  readonly #event = new EventList(1);
  readonly #ready = new EventList(EVENTS);
  readonly #parking = new Parking(EVENTS);
  readonly #reviewed: Pollee[] = [];
  readonly #one = new Uint8Array(new BigUint64Array([1n]).buffer);
  readonly #count = new Uint8Array(8);
  /** Endpoints with a call that waits, and with watches of any kind. */
  #calls = 0;
  #watches = 0;
  #background = 0;
  /** Looks for events on behalf of other threads. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #held = false;
  #asked = false;
  #running = false;
  #isParked = false;
  #tries = FEWEST_TRIES;
  #budget = BUDGET;
  /** Events since the time was looked at. */
  #events = 0;
  /** When the event loop has turned last, and when it has polled the system. */
  #turned = 0;
  #polled = 0;
  #turning: Promise<void> | null = null;

  constructor() {
    this.#control(EPOLL_CTL_ADD, this.#wakeup, 0, EPOLLIN);
    onHold((held) => {
      this.#held = held;
      this.#update();
    });
  }

  /** Registers a descriptor; the number that {@linkcode remove} takes. */
  add(pollee: Pollee): number {
    const id = this.#pollees.reserve();
    this.#pollees.set(id, pollee);
    try {
      const events = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;
      this.#control(EPOLL_CTL_ADD, pollee.fd, id, events);
    } catch (error) {
      this.#pollees.release(id);
      throw error;
    }
    return id;
  }

  /**
   * Ends a registration. The descriptor must still be open, or with another
   * thread: if that has closed it already, the kernel has ended it.
   */
  remove(fd: number, id: number): void {
    // Events of it may be on their way from the other thread.
    if (this.#isParked) {
      this.#pollees.delete(id);
      this.#retired.push(id);
    } else this.#pollees.release(id);
    libc.epoll_ctl(this.#epoll, EPOLL_CTL_DEL, fd, this.#event.bytes);
  }

  #control(op: number, fd: number, id: number, events: number): void {
    this.#event.set(0, events, id);
    check(() => libc.epoll_ctl(this.#epoll, op, fd, this.#event.bytes));
  }

  /** Counts the endpoints that are waited for: a change of their numbers. */
  demand(calls: number, watches: number, background: number): void {
    this.#calls += calls;
    this.#watches += watches;
    this.#background += background;
    this.#update();
  }

  /** Has a descriptor's owner tell what it waits for, before the poller waits. */
  review(pollee: Pollee): void {
    // The poller would learn only from the next event that none is wanted.
    if (this.#isParked) return pollee.review();
    this.#reviewed.push(pollee);
  }

  #review(): void {
    for (const pollee of this.#reviewed.splice(0)) pollee.review();
  }

  /** Has the main thread know how to end the wait, should this thread end first. */
  publish(status: Status): void {
    status.publishPoller(this.#wakeup, this.#parking.address);
  }

  /** Whether somebody looks at lasting watches as soon as they are woken. */
  get observed(): boolean {
    return this.#held || this.#asked;
  }

  /** Lasting watches alone let the process end. */
  get #wanted(): boolean {
    return this.#calls > 0 || this.#watches > 0 && this.#held;
  }

  #update(): void {
    if (this.#background === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    if (!this.#wanted) {
      if (this.#isParked) libc.write(this.#wakeup, this.#one, 8);
      if (this.#background > 0) this.#pollLater(1);
    } else if (!this.#running) {
      this.#running = true;
      // Not now: the call that waits hasn't made its promise yet.
      queueMicrotask(this.#run);
    }
  }

  readonly #run = async (): Promise<void> => {
    let tries = 0;
    while (this.#wanted) {
      const count = this.#poll();
      if (count > 0) {
        tries = 0;
        if (this.#hasTime(count)) await null;
        else await this.turn();
      } else if (++tries < this.#tries) await null;
      else {
        tries = 0;
        this.#review();
        if (this.#wanted) await this.#park();
      }
    }
    this.#running = false;
  };

  /**
   * Looks from time to time. The runtime can't be told that a wait on its thread
   * should not keep the process alive, but a timer can.
   */
  #pollLater(wait: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#wanted || this.#background === 0) return;
      const idle = this.#poll() === 0;
      this.#pollLater(idle ? Math.min(2 * wait, LONGEST_PAUSE) : 1);
    }, wait);
    Deno.unrefTimer(this.#timer);
  }

  /** Reports what has happened, unless others have to have their turn first. */
  poll(): void {
    if (!this.spend()) return;
    this.#asked = true;
    this.#poll();
    this.#asked = false;
  }

  /** Reports what has happened, without waiting; how much. */
  #poll(): number {
    const count = libc.epoll_wait(this.#epoll, this.#ready.bytes, EVENTS, 0);
    this.#dispatch(this.#ready, count, true);
    return count;
  }

  async #park(): Promise<void> {
    this.#isParked = true;
    const begun = performance.now();
    const count = await this.#parking.wait(this.#epoll, this.#ready);
    this.#isParked = false;
    this.#refill(true);
    this.#tries = this.#turned - begun < SHORT_WAIT
      ? Math.min(2 * this.#tries, MOST_TRIES)
      : Math.max(this.#tries / 2, FEWEST_TRIES);
    this.#dispatch(this.#ready, count, false);
    for (const id of this.#retired.splice(0)) this.#pollees.release(id);
  }

  #dispatch(list: EventList, count: number, fresh: boolean): void {
    for (let index = 0; index < count; index++) {
      const id = list.id(index);
      if (id !== 0) this.#pollees.get(id)?.onEvents(list.events(index), fresh);
      // Reset before, it would not reach the wait on the other thread.
      else if (!this.#isParked) libc.read(this.#wakeup, this.#count, 8);
    }
  }

  /**
   * To be called for each operation that succeeds at once; whether there is time
   * for it before others have to have theirs.
   */
  spend(): boolean {
    if (this.#budget-- > 0) return true;
    if (performance.now() - this.#turned > SLICE) return false;
    this.#budget = BUDGET;
    return true;
  }

  /** Whether there is time for another round, behind one of so many events. */
  #hasTime(count: number): boolean {
    if (this.#turning) return false;
    this.#events += count;
    if (this.#events < BUDGET) return true;
    this.#events = 0;
    return performance.now() - this.#turned < ROUND;
  }

  #refill(polled: boolean): void {
    this.#budget = BUDGET;
    this.#turned = performance.now();
    if (polled) this.#polled = this.#turned;
  }

  /** Lets the event loop turn, so that timers and other I/O have their time. */
  turn(): Promise<void> {
    return this.#turning ??= this.#turn();
  }

  async #turn(): Promise<void> {
    const long = performance.now() - this.#polled > LONG_SLICE;
    await (long
      ? turn()
      : new Promise<void>((resolve) => setImmediate(resolve)));
    this.#turning = null;
    this.#refill(long);
    this.#poll();
  }

  /** Resolves once no wait is left on Deno's thread that nothing needs any more. */
  async idle(): Promise<void> {
    this.#review();
    while (this.#turning || this.#running && !this.#wanted) await turn();
  }

  /** Fetches new events, as fresh as the system has them. */
  async settle(): Promise<void> {
    if (this.spend()) this.#poll();
    else await this.turn();
  }
}

let poller: Poller | null = null;
let status: Status | null = null;

/** The poller of this thread. */
export function thePoller(): Poller {
  if (poller === null) {
    poller = new Poller();
    if (status) poller.publish(status);
  }
  return poller;
}

/** Has the main thread know of the poller of this thread. */
export function publishPoller(where: Status): void {
  status = where;
  poller?.publish(where);
}
