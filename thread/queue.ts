/**
 * Queues that any thread can put to and get from.
 *
 * @module
 */

import { type Pollable, readiness, type Source } from "../socket/readiness.ts";
import {
  type Movable,
  onArrival,
  type Parcel,
  transfer,
  type Way,
} from "../socket/transfer.ts";
import { Core } from "./queue/core.ts";
import { traced } from "./queue/errors.ts";
import type { Order } from "./queue/shelf.ts";
import type { Ticket } from "./queue/store.ts";
import { SimpleQueue } from "./simple_queue.ts";

export { Empty, Full, ShutDown } from "./queue/errors.ts";
export { SimpleQueue };

/**
 * A queue: what was put first is got first. Given to a thread it is the same
 * queue there, and who waits longest is served first, whichever thread that is
 * in.
 *
 * An item may be anything that may be an argument of a thread, sockets and
 * other queues among it. What another thread gets is what it would get as an
 * argument, a copy or something taken from where it was; within the main
 * thread, which keeps the items, it is the item itself. So a socket belongs to
 * the queue from the moment it was put: whoever gets it may take it away.
 *
 * Nothing is lost when a `get()` comes to its time-out, or when the thread is
 * killed that waits in one: what it would have got goes to the next, in its
 * old place. Only sockets, which had already left, are closed then.
 *
 * `select()` and `poll()` take a queue: it is readable when there is something
 * to get, writable when there is room to put something, and both when it is
 * shut down.
 *
 * ```ts
 * import { thread } from "@berkeley/socket";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const queue = new thread.Queue<string>(2);
 * await queue.put("one");
 * await queue.put("two");
 * await assertRejects(() => queue.put_nowait("three"), thread.Full);
 * assertEquals(await queue.get(), "one");
 * assertEquals(queue.qsize(), 1);
 * ```
 *
 * Follows Python's
 * [`queue.Queue`](https://docs.python.org/3/library/queue.html#queue.Queue),
 * with the {@linkcode Queue.prototype.shutdown | shutdown} of 3.13.
 */
export class Queue<T = unknown> implements Movable, Pollable {
  readonly #core: Core;

  /**
   * Makes an empty queue.
   *
   * @param maxsize How many items it takes at most; any number of them if this
   * isn't positive.
   * @throws {TypeError} If it isn't a number.
   */
  constructor(maxsize?: number);
  /** @internal */
  constructor(maxsize: number, order: Order | Core);
  constructor(maxsize = 0, order: Order | Core = "fifo") {
    this.#core = order instanceof Core
      ? order
      : Core.create(order, false, maxsize);
    this.#core.serve(this);
  }

  /** How many items the queue was made for; 0 or less for any number. */
  get maxsize(): number {
    return this.#core.plan.maxsize;
  }

  /** What becomes ready, for `select()` and `poll()`. */
  get [readiness](): Source {
    return this.#core.gauge;
  }

  /**
   * Puts an item into the queue.
   *
   * @param item The item. It isn't in the queue before the promise resolves,
   * and isn't taken from here if that rejects.
   * @param block Whether to wait for room if the queue is full.
   * @param timeout How long to wait at most, in seconds, up to
   * `thread.TIMEOUT_MAX`; `null` for ever. Ignored where there is no waiting.
   * @throws {Full} If there was no room in that time.
   * @throws {ShutDown} If the queue is shut down.
   * @throws {TypeError} If there is something in the item that can't be given
   * to a thread, or that can't be compared in a {@linkcode PriorityQueue}; if
   * `timeout` is neither a number nor `null`.
   * @throws {OSError} `EBADF` if a socket in the item is closed, as far as it
   * goes to another thread.
   * @throws {RangeError} If `timeout` is out of range.
   *
   * Follows Python's
   * [`Queue.put`](https://docs.python.org/3/library/queue.html#queue.Queue.put).
   */
  async put(
    item: T,
    block: boolean | number = true,
    timeout: number | null = null,
  ): Promise<void> {
    try {
      await this.#core.put(item, block, timeout);
    } catch (error) {
      throw traced(error);
    }
  }

  /**
   * Puts an item into the queue if there is room: `put(item, false)`.
   *
   * @throws {Full} If there is none.
   * @throws {ShutDown} If the queue is shut down.
   * @throws {TypeError} As {@linkcode Queue.prototype.put | put}.
   * @throws {OSError} As {@linkcode Queue.prototype.put | put}.
   *
   * Follows Python's
   * [`Queue.put_nowait`](https://docs.python.org/3/library/queue.html#queue.Queue.put_nowait).
   */
  async put_nowait(item: T): Promise<void> {
    await this.put(item, false);
  }

  /**
   * Takes the next item out of the queue.
   *
   * @param block Whether to wait for one if the queue is empty.
   * @param timeout How long to wait at most, in seconds, up to
   * `thread.TIMEOUT_MAX`; `null` for ever. Ignored where there is no waiting.
   * @throws {Empty} If there was none in that time.
   * @throws {ShutDown} If the queue is shut down and empty, whatever `timeout`
   * is.
   * @throws {TypeError} If `timeout` is neither a number nor `null`, or if the
   * item, put before another thread had the queue, can't be given to this one.
   * @throws {RangeError} If `timeout` is out of range.
   * @throws {RuntimeError} If the thread that has the items ends.
   *
   * Follows Python's
   * [`Queue.get`](https://docs.python.org/3/library/queue.html#queue.Queue.get).
   */
  async get(
    block: boolean | number = true,
    timeout: number | null = null,
  ): Promise<T> {
    try {
      return await this.#core.get(block, timeout) as T;
    } catch (error) {
      throw traced(error);
    }
  }

  /**
   * Takes the next item if there is one: `get(false)`.
   *
   * @throws {Empty} If there is none.
   * @throws {ShutDown} If the queue is shut down and empty.
   *
   * Follows Python's
   * [`Queue.get_nowait`](https://docs.python.org/3/library/queue.html#queue.Queue.get_nowait).
   */
  async get_nowait(): Promise<T> {
    return await this.get(false);
  }

  /**
   * How many items there are. Other threads may change that at any time.
   *
   * Follows Python's
   * [`Queue.qsize`](https://docs.python.org/3/library/queue.html#queue.Queue.qsize).
   */
  qsize(): number {
    return this.#core.ledger.size;
  }

  /**
   * Whether there are no items.
   *
   * Follows Python's
   * [`Queue.empty`](https://docs.python.org/3/library/queue.html#queue.Queue.empty).
   */
  empty(): boolean {
    return this.qsize() === 0;
  }

  /**
   * Whether there is no room for another item.
   *
   * Follows Python's
   * [`Queue.full`](https://docs.python.org/3/library/queue.html#queue.Queue.full).
   */
  full(): boolean {
    return this.qsize() >= this.#core.plan.limit;
  }

  /**
   * Says that the work on an item that was got is done. Each item counts as
   * unfinished from its `put()` on.
   *
   * @throws {RangeError} If no item is unfinished.
   *
   * Follows Python's
   * [`Queue.task_done`](https://docs.python.org/3/library/queue.html#queue.Queue.task_done).
   */
  task_done(): void {
    if (!this.#core.ledger.finish()) {
      throw new RangeError("task_done() called too many times");
    }
  }

  /**
   * Waits until no item is unfinished.
   *
   * ```ts
   * import { thread } from "@berkeley/socket";
   *
   * const tasks = new thread.Queue<string>();
   * await tasks.put("wash up");
   * console.log("I", await tasks.get());
   * tasks.task_done();
   * await tasks.join(); // Nothing is left to do.
   * ```
   *
   * Follows Python's
   * [`Queue.join`](https://docs.python.org/3/library/queue.html#queue.Queue.join).
   */
  async join(): Promise<void> {
    await this.#core.ledger.finished();
  }

  /**
   * Shuts the queue down: nothing can be put any more, and once it is empty
   * {@linkcode Queue.prototype.get | get} raises {@linkcode ShutDown}, for
   * those who wait in it too.
   *
   * ```ts
   * import { thread } from "@berkeley/socket";
   * import { assertRejects } from "@std/assert";
   *
   * const tasks = new thread.Queue<string>();
   * await tasks.put("the last one");
   * tasks.shutdown();
   * await tasks.get();
   * await assertRejects(() => tasks.get(), thread.ShutDown);
   * ```
   *
   * @param immediate Whether the items are thrown away. They count as
   * finished then.
   *
   * Follows Python's
   * [`Queue.shutdown`](https://docs.python.org/3/library/queue.html#queue.Queue.shutdown).
   */
  shutdown(immediate: boolean = false): void {
    this.#core.shutdown(immediate);
  }

  /** Lets another thread see the same queue. */
  [transfer](way: Way): Parcel {
    return this.#core.pack(this, way);
  }
}

/**
 * A queue in which what was put last is got first.
 *
 * ```ts
 * import { thread } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const stack = new thread.LifoQueue<string>();
 * await stack.put("first");
 * await stack.put("last");
 * assertEquals(await stack.get(), "last");
 * ```
 *
 * Follows Python's
 * [`queue.LifoQueue`](https://docs.python.org/3/library/queue.html#queue.LifoQueue).
 */
export class LifoQueue<T = unknown> extends Queue<T> {
  /**
   * Makes an empty queue.
   *
   * @param maxsize As for a {@linkcode Queue}.
   */
  constructor(maxsize?: number);
  /** @internal */
  constructor(maxsize: number, core: Core);
  constructor(maxsize = 0, core?: Core) {
    super(maxsize, core ?? "lifo");
  }
}

/**
 * A queue in which the smallest item is got first.
 *
 * Items are compared as in Python: numbers by value, strings by code point,
 * `Uint8Array`s and arrays by their first difference, dates by time. Others
 * can't be compared; an array's later elements needn't be where the first ones
 * differ.
 *
 * Sockets can't be compared either, so put something before them in the array
 * that no two items share: with an item of another thread that turns out not to
 * be comparable, its sockets are gone.
 *
 * ```ts
 * import { thread } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new thread.PriorityQueue<[priority: number, task: string]>();
 * await queue.put([10, "later"]);
 * await queue.put([9, "sooner"]);
 * assertEquals(await queue.get(), [9, "sooner"]);
 * ```
 *
 * Follows Python's
 * [`queue.PriorityQueue`](https://docs.python.org/3/library/queue.html#queue.PriorityQueue),
 * except that an item that can't be compared isn't put.
 */
export class PriorityQueue<T = unknown> extends Queue<T> {
  /**
   * Makes an empty queue.
   *
   * @param maxsize As for a {@linkcode Queue}.
   */
  constructor(maxsize?: number);
  /** @internal */
  constructor(maxsize: number, core: Core);
  constructor(maxsize = 0, core?: Core) {
    super(maxsize, core ?? "priority");
  }
}

/** The object that stands for a queue of another thread. */
function build(core: Core): object {
  const { maxsize, order, simple } = core.plan;
  if (simple) return new SimpleQueue(core);
  if (order === "lifo") return new LifoQueue(maxsize, core);
  if (order === "priority") return new PriorityQueue(maxsize, core);
  return new Queue(maxsize, core);
}

onArrival(
  "queue",
  (ticket: Ticket, way) => Core.arrive(ticket, way, build),
);

onArrival(
  "queue, founded",
  (ticket: Ticket, way) => Core.found(ticket, way, build),
);
