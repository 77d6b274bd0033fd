/**
 * A socket as the poller has it: its readiness, who waits for it, and when its
 * operations have to let others go first.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import {
  AF_INET,
  AF_INET6,
  IPPROTO_TCP,
  SOCK_STREAM,
} from "../../constants.ts";
import { OSError } from "../../errors.ts";
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
} from "../../reactor/events.ts";
import type { Reactor, Source, Watch } from "../../reactor/readiness.ts";
import { Watchers } from "../../reactor/watchers.ts";
import type { Call, Calls } from "./calls.ts";
import { close, settle } from "./descriptor.ts";
import { check, lastErrno, libc } from "./libc.ts";
import { type Pollee, thePoller } from "./poller.ts";
import { forget, type Holder } from "./registrations.ts";

/** The events that `poll(2)` is asked for. */
const ALL = POLLIN | POLLPRI | POLLOUT | POLLRDHUP;

const pollfd = new Int32Array(2);

/** Sockets whose operations wait for the event loop to turn. */
const deferred = new Set<PolledSocket>();

/** Has a socket wait for the event loop, so that others don't starve. */
function defer(socket: PolledSocket): void {
  const poller = thePoller();
  if (deferred.size === 0) {
    poller.turn().then(() => {
      const all = [...deferred];
      deferred.clear();
      for (const each of all) each.retry();
    });
  }
  deferred.add(socket);
}

/** A socket of this thread, which the poller watches while anything waits. */
export abstract class PolledSocket implements Source, Pollee, Holder {
  readonly fd: number;
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  /** It is TCP: a read that leaves room has taken all that was there. */
  readonly isTcp: boolean;
  /** There are none before the first. */
  #watchers: Watchers | null = null;
  /**
   * What the poller was told: whether calls wait, whether there are watches at
   * all, and whether some belong to other threads.
   */
  #calls = 0;
  #watches = 0;
  #background = 0;
  /** The poller will ask for that again. */
  #reviewed = false;
  /** The number of the registration with the poller; 0 without one. */
  #registration = 0;
  /** So many of the next operations are the last tries of calls that don't wait. */
  #settled = 0;
  #closed = false;
  /** What the poller has reported last, if nothing has happened since. */
  #news = 0;
  /** A read may find something. */
  readable = true;
  /** A send may find room. */
  writable = true;
  /**
   * The end is behind the unread bytes, or there was urgent data, at which reads
   * stop: no event will tell of what follows.
   */
  ending = false;
  /** Other endpoints of this thread have descriptors of the socket. */
  protected shared = false;

  /** Takes over an open descriptor that doesn't block. */
  constructor(fd: number, family: number, type: number, proto: number) {
    this.fd = settle(fd);
    this.family = family;
    this.type = type;
    this.proto = proto;
    this.isTcp = type === SOCK_STREAM &&
      (family === AF_INET || family === AF_INET6) &&
      (proto === 0 || proto === IPPROTO_TCP);
  }

  /** The events that are true because of what the kernel doesn't know of. */
  abstract readonly held: number;

  /** Whether calls wait in queues of the socket's own. */
  protected abstract readonly queued: boolean;

  /** Has the calls in those queues try again. */
  protected abstract serve(events: number): void;

  /** Raises `EBADF` once the socket is closed. */
  check(): void {
    if (this.#closed) throw new OSError(errno.EBADF);
  }

  get closed(): boolean {
    return this.#closed;
  }

  // Readiness

  get readiness(): number {
    if (this.#closed) return POLLNVAL;
    pollfd[0] = this.fd;
    pollfd[1] = ALL;
    check(() => libc.poll(pollfd, 1, 0));
    const events = pollfd[1]! >>> 16;
    if (events & POLLIN) this.readable = true;
    return events | this.held;
  }

  /**
   * A server that polls would make a system call for each message only to learn
   * that it has read everything. Two things are known without:
   *
   * - The last report of the poller, up to the next operation. It counts once:
   *   whoever has another descriptor of the socket may have read meanwhile.
   * - That a TCP stream is empty ({@linkcode readable}) until there is a report.
   *   Should the report wait in the kernel, so will the caller, who hears of it
   *   from the poller: a wait may begin with old knowledge but can't hang.
   *
   * Whether there is room is never known, as the kernel takes that back with no
   * event before a send fails.
   */
  ready(events: number): number {
    if (this.#closed) return events & POLLNVAL;
    if ((events & ~POLLNVAL) === 0) return 0;
    if (!(events & POLLOUT) && this.held === 0) {
      const news = this.#news;
      this.#news = 0;
      if (news !== 0) return news & events;
      if (this.isTcp && !this.readable && !this.ending) return 0;
    }
    return this.readiness & events;
  }

  /** To be called when an operation may change what the poller has reported. */
  outdate(): void {
    this.#news = 0;
  }

  // Watches

  get busy(): boolean {
    return this.queued || this.#watchers !== null && this.#watchers.calls > 0;
  }

  watch(watch: Watch): void {
    this.register();
    (this.#watchers ??= new Watchers()).add(watch);
    this.demand();
  }

  unwatch(watch: Watch): void {
    this.#watchers?.delete(watch);
    this.demand();
  }

  review(): void {
    this.#reviewed = false;
    this.demand();
  }

  /** Tells the poller what it has to watch the descriptor for. */
  demand(): void {
    const calls = this.busy ? 1 : 0;
    const size = this.#closed ? 0 : this.#watchers?.size ?? 0;
    const watches = calls || size > 0 ? 1 : 0;
    const background = size > 0 && this.#watchers!.background > 0 ? 1 : 0;
    if (
      calls === this.#calls && watches === this.#watches &&
      background === this.#background
    ) return;
    thePoller().demand(
      calls - this.#calls,
      watches - this.#watches,
      background - this.#background,
    );
    this.#calls = calls;
    this.#watches = watches;
    this.#background = background;
  }

  /** Puts a call that has to wait into a queue of the socket's own. */
  enqueue<T>(queue: Calls, call: Call<T>): Promise<T> {
    const promise = new Promise<T>((resolve) => call.resolve = resolve);
    // The poller often still counts the call before.
    const isWatched = this.#calls > 0 && this.#registration !== 0;
    if (!isWatched) this.register();
    queue.add(call);
    if (!isWatched) this.demand();
    return promise;
  }

  /**
   * Has the poller report the events of the descriptor. To be called before a
   * call waits: one that is refused here must not stand in a queue.
   */
  register(): void {
    if (this.#registration !== 0 || this.#closed) return;
    this.#registration = thePoller().add(this);
  }

  /** Ends {@linkcode register}. */
  unregister(): void {
    if (this.#registration !== 0) {
      thePoller().remove(this.fd, this.#registration);
    }
    this.#registration = 0;
    this.readable = this.writable = true;
  }

  onEvents(events: number, fresh: boolean): void {
    if (events & (POLLIN | POLLERR | POLLHUP | POLLRDHUP)) this.readable = true;
    if (events & (POLLOUT | POLLERR | POLLHUP)) this.writable = true;
    if (events & (POLLERR | POLLHUP | POLLRDHUP | POLLPRI)) this.ending = true;
    // While another thread waits for events, what they tell of may be read here.
    // Without a call that waits, it may be long before somebody looks.
    const holds = fresh && !this.shared && thePoller().observed;
    this.#news = holds ? events : 0;
    this.wake(events);
  }

  /** Has the calls that wait try again. */
  retry(): void {
    this.readable = this.writable = true;
    this.#news = 0;
    this.wake(ALL);
  }

  /** Reports events to all that wait for them. */
  wake(events: number): void {
    this.serve(events);
    this.#watchers?.wake(events);
    // A call that has ended is likely to be followed by the next one.
    if (this.#calls > 0 && !this.#reviewed) {
      this.#reviewed = true;
      thePoller().review(this);
    }
  }

  // Operations

  get reactor(): Reactor {
    return thePoller();
  }

  /** Whether calls wait for `events` outside the queues. */
  awaits(events: number): boolean {
    const watchers = this.#watchers;
    return watchers !== null && watchers.calls > 0 &&
      (watchers.events & events) !== 0;
  }

  async settle(events: number): Promise<void> {
    await thePoller().settle();
    // Another holder of the socket may have read first, or put bytes back.
    this.readable = true;
    // The bytes of a call that waits must stay together.
    if (!this.awaits(events & POLLOUT)) this.writable = true;
    // Behind a call that waits, there is no try.
    if (events & POLLIN && !this.queued) this.#settled++;
  }

  /** Whether an operation may be tried now, or has to let others go first. */
  admit(): boolean {
    this.#news = 0;
    if (this.#settled > 0) {
      this.#settled--;
      return true;
    }
    if (thePoller().spend()) return true;
    defer(this);
    return false;
  }

  /**
   * To be called for an operation that has succeeded without
   * {@linkcode admit}: its caller waits for the promise, if there is one, so
   * that others have their turn.
   */
  pace(): Promise<void> | undefined {
    this.#news = 0;
    const poller = thePoller();
    return poller.spend() ? undefined : poller.turn();
  }

  /** To be called when a read has found nothing. */
  blocked(): void {
    // Without a registration no event would tell of what comes next.
    this.readable &&= this.#registration === 0;
  }

  /** To be called when a read has left nothing. */
  emptied(): void {
    this.readable = this.#registration === 0 || this.ending;
  }

  /** Raises the error of the last call, unless that only has to wait. */
  failed(code = lastErrno()): undefined {
    if (code === errno.EAGAIN) return undefined;
    throw new OSError(code);
  }

  // The end

  /** Ends all calls. The descriptor stays open. */
  end(): void {
    this.#closed = true;
    // The next operation is tried, and raises the error.
    this.readable = true;
    forget(this.fd, this);
    deferred.delete(this);
    this.wake(POLLNVAL);
    // A watch that stays must not keep the poller waiting.
    this.demand();
  }

  /** Closes the descriptor, after {@linkcode end}. */
  finish(): void {
    this.unregister();
    close(this.fd);
  }
}
