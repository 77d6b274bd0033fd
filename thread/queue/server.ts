/**
 * The server of a queue: its items, and the requests that wait for them.
 *
 * A state machine without I/O: sessions send the replies, and timers are
 * injected. An event during the handling of another one is queued.
 *
 * @module
 */

import type { SharedCounters } from "./counters.ts";
import { Empty, encodeError, Full, ShutDown } from "./errors.ts";
import { createStore, type ItemStore } from "./items.ts";
import type { QueueConfig, Reply, Request } from "./protocol.ts";

/** Calls `expire` after a time; the result cancels that. */
export type StartTimer = (ms: number, expire: () => void) => () => void;

interface Waiter {
  readonly session: QueueSession;
  readonly request: Request & { op: "get" | "put" | "reserve" };
  stopTimer?: () => void;
}

/** One thread that has the queue. */
export class QueueSession {
  /** The ids of requests for which room is reserved. */
  readonly reserved = new Set<number>();
  /** How many items were sent to it. */
  sent = 0;
  /** Copied items that may not have arrived, and could be sent again. */
  readonly inFlight: { readonly number: number; readonly item: unknown }[] = [];
  /** Sends a reply; see the constructor. */
  readonly send: (reply: Reply) => boolean;
  readonly #received: () => number;

  /**
   * @param send Sends a reply. It returns whether the item in it has moved, and
   * can't be sent again; it raises if a part of it can't be sent.
   * @param received How many items have arrived there.
   */
  constructor(send: (reply: Reply) => boolean, received: () => number) {
    this.send = send;
    this.#received = received;
  }

  forgetReceived(): void {
    const { inFlight } = this;
    if (inFlight.length === 0) return;
    const received = this.#received();
    while (inFlight.length > 0 && inFlight[0]!.number <= received) {
      inFlight.shift();
    }
  }
}

export class QueueServer {
  readonly #config: QueueConfig;
  readonly #counters: SharedCounters;
  readonly #startTimer: StartTimer;
  #items: ItemStore;
  readonly #getters = new Set<Waiter>();
  readonly #putters = new Set<Waiter>();
  /** How many items have room reserved for them. */
  #reserved = 0;
  /** Events during the handling of another one. */
  readonly #events: (() => void)[] = [];
  #handling = false;
  sessions = 0;

  constructor(
    config: QueueConfig,
    counters: SharedCounters,
    startTimer: StartTimer,
  ) {
    this.#config = config;
    this.#counters = counters;
    this.#startTimer = startTimer;
    this.#items = createStore(config.kind);
  }

  receive(session: QueueSession, request: Request): void {
    this.#handle(() => this.#receive(session, request));
  }

  /** Ends a session: items in flight to it go to the others. */
  disconnect(session: QueueSession): void {
    this.#handle(() => this.#disconnect(session));
  }

  #handle(event: () => void): void {
    if (this.#handling) {
      this.#events.push(event);
      return;
    }
    this.#handling = true;
    try {
      let next: typeof event | undefined = event;
      for (; next !== undefined; next = this.#events.shift()) {
        next();
        this.#settle();
      }
    } finally {
      this.#handling = false;
    }
  }

  #receive(session: QueueSession, request: Request): void {
    session.forgetReceived();
    switch (request.op) {
      case "get":
        return this.#wait({ session, request }, this.#getters);
      case "put":
      case "reserve":
        return this.#wait({ session, request }, this.#putters);
      case "commit":
        this.#unreserve(session, request.id);
        return this.#add(session, request.id, request.item);
      case "cancel":
        this.#unreserve(session, request.id);
        session.send({ ...request, op: "error" });
        return;
      case "broken":
        this.#unreserve(session, request.id);
        return this.#fail(session, request.id, request.error);
    }
  }

  #wait(waiter: Waiter, queue: Set<Waiter>): void {
    const { session, request } = waiter;
    this.#clear();
    // Requests that wait already couldn't be served: no need to look at them.
    if (this.#serve(waiter)) return;
    queue.add(waiter);
    if (request.timeoutMs === null) return;
    const expire = () => {
      const error = request.op === "get" ? new Empty() : new Full();
      if (queue.delete(waiter)) this.#fail(session, request.id, error);
    };
    if (request.timeoutMs <= 0) return expire();
    const late = () => this.#handle(expire);
    waiter.stopTimer = this.#startTimer(request.timeoutMs, late);
  }

  #unreserve(session: QueueSession, id: number): void {
    if (session.reserved.delete(id)) this.#reserved--;
  }

  #disconnect(session: QueueSession): void {
    this.sessions--;
    for (const queue of [this.#getters, this.#putters]) {
      for (const waiter of queue) {
        if (waiter.session !== session) continue;
        waiter.stopTimer?.();
        queue.delete(waiter);
      }
    }
    for (const id of session.reserved) this.#unreserve(session, id);
    session.forgetReceived();
    for (const { item } of session.inFlight.toReversed()) {
      try {
        this.#items.restore(item);
      } catch {
        // A later item can't be compared with this one.
        this.#counters.finish();
      }
    }
    this.#counters.publish(this.#items.size);
  }

  /** Serves as many of the waiting requests as possible. */
  #settle(): void {
    this.#clear();
    let served: boolean;
    do {
      served = this.#serveFirst(this.#getters) ||
        this.#serveFirst(this.#putters);
    } while (served);
  }

  /** Throws the items away if the queue was shut down at once. */
  #clear(): void {
    if (!this.#counters.cleared || this.#items.size === 0) return;
    this.#counters.finish(this.#items.size);
    this.#items = createStore(this.#config.kind);
    this.#counters.publish(0);
  }

  #serveFirst(queue: Set<Waiter>): boolean {
    if (queue.size === 0) return false;
    const [waiter] = queue;
    if (!this.#serve(waiter!)) return false;
    waiter!.stopTimer?.();
    return queue.delete(waiter!);
  }

  /** Answers a request; `false` if it has to wait. */
  #serve({ session, request }: Waiter): boolean {
    const { op, id } = request;
    const { size } = this.#items;
    if (op === "get" && size > 0) this.#deliver(session, id);
    else if (this.#counters.shut) {
      const mayCome = this.#reserved > 0 && !this.#counters.cleared;
      if (op === "get" && mayCome) return false;
      this.#fail(session, id, new ShutDown());
    } else if (op === "get" || size + this.#reserved >= this.#config.limit) {
      return false;
    } else if (op === "put") this.#add(session, id, request.item);
    else {
      session.reserved.add(id);
      this.#reserved++;
      session.send({ op: "reserved", id });
    }
    return true;
  }

  #add(session: QueueSession, id: number, item: unknown): void {
    try {
      this.#items.add(item);
    } catch (error) {
      return this.#fail(session, id, error);
    }
    this.#counters.addUnfinished();
    this.#counters.publish(this.#items.size);
    session.send({ op: "done", id });
  }

  #deliver(session: QueueSession, id: number): void {
    let item: unknown;
    try {
      item = this.#items.take();
    } catch (error) {
      return this.#fail(session, id, error);
    }
    this.#counters.publish(this.#items.size);
    try {
      const moved = session.send({ op: "item", id, item });
      const number = ++session.sent;
      if (!moved) session.inFlight.push({ number, item });
    } catch (error) {
      // put() didn't check the item, as no other thread had the queue then.
      this.#counters.finish();
      this.#fail(session, id, error);
    }
  }

  #fail(session: QueueSession, id: number, error: unknown): void {
    const failure = encodeError(error as Error);
    session.send({ op: "error", id, error: failure });
  }
}
