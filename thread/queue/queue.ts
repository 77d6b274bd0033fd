/**
 * The classes of queues with a size, in three orders.
 *
 * @module
 */

import {
  type Pollable,
  readiness,
  type Source,
} from "../../socket/reactor/readiness.ts";
import {
  type Movable,
  type ThreadLink,
  transfer,
  type TransferRecord,
} from "../../socket/link/transfer.ts";
import { QueueClient } from "./client.ts";
import { create } from "./local.ts";
import type { QueueKind } from "./protocol.ts";

/**
 * A queue: the first item that was put is got first. Given to a thread it is
 * the same queue there, and the call that waits longest is served first,
 * whichever thread it is in.
 *
 * An item may be anything that may be an argument of a thread, also sockets and
 * other queues. It reaches another thread as an argument does: as a copy, or
 * moved. Within the main thread, which keeps the items, it is the item itself.
 * So a socket belongs to the queue as soon as it was put: any thread may get
 * it and take it away.
 *
 * No item is lost when a `get()` times out, or when the thread is killed that
 * waits in one: the item keeps its place for the next call. Only sockets that
 * were on their way to a killed thread are closed.
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
  readonly #client: QueueClient;

  /**
   * Makes an empty queue.
   *
   * @param maxsize How many items it takes at most; any number of them if this
   * isn't positive.
   * @throws {TypeError} If it isn't a number.
   */
  constructor(maxsize?: number);
  /** @internal */
  constructor(maxsize: number, kind: QueueKind | QueueClient);
  constructor(maxsize = 0, kind: QueueKind | QueueClient = "fifo") {
    this.#client = kind instanceof QueueClient ? kind : create(kind, maxsize);
    this.#client.attach(this);
  }

  /** How many items the queue was made for; 0 or less for any number. */
  get maxsize(): number {
    return this.#client.config.maxsize;
  }

  /** The readiness for `select()` and `poll()`. */
  get [readiness](): Source {
    return this.#client.counters;
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
   * @throws {TypeError} If a part of the item can't be sent to a thread, or
   * can't be compared in a {@linkcode PriorityQueue}; if `timeout` is neither a
   * number nor `null`.
   * @throws {OSError} `EBADF` if a socket in the item is closed, as far as it
   * goes to another thread.
   * @throws {RangeError} If `timeout` is out of range.
   *
   * Follows Python's
   * [`Queue.put`](https://docs.python.org/3/library/queue.html#queue.Queue.put).
   */
  put(
    item: T,
    block: boolean | number = true,
    timeout: number | null = null,
  ): Promise<void> {
    return this.#client.put(item, block, timeout);
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
  put_nowait(item: T): Promise<void> {
    return this.put(item, false);
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
  get(
    block: boolean | number = true,
    timeout: number | null = null,
  ): Promise<T> {
    return this.#client.get(block, timeout) as Promise<T>;
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
  get_nowait(): Promise<T> {
    return this.get(false);
  }

  /**
   * How many items there are. Other threads may change that at any time.
   *
   * Follows Python's
   * [`Queue.qsize`](https://docs.python.org/3/library/queue.html#queue.Queue.qsize).
   */
  qsize(): number {
    return this.#client.counters.size;
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
    return this.qsize() >= this.#client.config.limit;
  }

  /**
   * Reports that the work on an item that was got is done. Each item counts as
   * unfinished from its `put()` on.
   *
   * @throws {RangeError} If no item is unfinished.
   *
   * Follows Python's
   * [`Queue.task_done`](https://docs.python.org/3/library/queue.html#queue.Queue.task_done).
   */
  task_done(): void {
    if (!this.#client.counters.finish()) {
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
    await this.#client.counters.finished();
  }

  /**
   * Shuts the queue down: nothing can be put any more, and once it is empty
   * {@linkcode Queue.prototype.get | get} raises {@linkcode ShutDown}, also
   * in calls that wait already.
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
   * @param immediate Whether the items are thrown away; they count as finished.
   *
   * Follows Python's
   * [`Queue.shutdown`](https://docs.python.org/3/library/queue.html#queue.Queue.shutdown).
   */
  shutdown(immediate: boolean = false): void {
    this.#client.shutdown(immediate);
  }

  /** Lets another thread see the same queue. */
  [transfer](link: ThreadLink): TransferRecord {
    return this.#client.pack(this, link);
  }
}

/**
 * A queue in which the last item that was put is got first.
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
  constructor(maxsize: number = 0) {
    super(maxsize, "lifo");
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
 * Sockets can't be compared either: put something before them in the array that
 * no two items share. If an item of another thread can't be compared, its
 * sockets are lost.
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
  constructor(maxsize: number = 0) {
    super(maxsize, "priority");
  }
}
