/**
 * The class of queues without a size.
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

/**
 * A queue of any number of items, first in, first out, without the counting of
 * tasks and without a shutdown; in all else it is a `Queue`.
 *
 * ```ts
 * import { thread } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new thread.SimpleQueue<string>();
 * await queue.put("Hello, world");
 * assertEquals(await queue.get(), "Hello, world");
 * assertEquals(queue.empty(), true);
 * ```
 *
 * Follows Python's
 * [`queue.SimpleQueue`](https://docs.python.org/3/library/queue.html#queue.SimpleQueue).
 */
export class SimpleQueue<T = unknown> implements Movable, Pollable {
  readonly #client: QueueClient;

  /** Makes an empty queue. */
  constructor();
  /** @internal */
  constructor(client: QueueClient);
  constructor(client?: QueueClient) {
    this.#client = client instanceof QueueClient ? client : create("simple", 0);
    this.#client.attach(this);
  }

  /** The readiness for `select()` and `poll()`. */
  get [readiness](): Source {
    return this.#client.counters;
  }

  /**
   * Puts an item into the queue; there is always room.
   *
   * @param item The item.
   * @param _block Ignored.
   * @param _timeout Ignored.
   * @throws {TypeError} If a part of the item can't be sent to a thread.
   * @throws {OSError} `EBADF` if a socket in the item is closed, as far as it
   * goes to another thread.
   *
   * Follows Python's
   * [`SimpleQueue.put`](https://docs.python.org/3/library/queue.html#queue.SimpleQueue.put).
   */
  put(
    item: T,
    _block: boolean | number = true,
    _timeout: number | null = null,
  ): Promise<void> {
    return this.#client.put(item, true, null);
  }

  /**
   * Puts an item into the queue: the same as
   * {@linkcode SimpleQueue.prototype.put | put}.
   *
   * Follows Python's
   * [`SimpleQueue.put_nowait`](https://docs.python.org/3/library/queue.html#queue.SimpleQueue.put_nowait).
   */
  put_nowait(item: T): Promise<void> {
    return this.put(item);
  }

  /**
   * Takes the next item out of the queue.
   *
   * @param block Whether to wait for one if the queue is empty.
   * @param timeout How long to wait at most, in seconds, up to
   * `thread.TIMEOUT_MAX`; `null` for ever. Ignored where there is no waiting.
   * @throws {Empty} If there was none in that time.
   * @throws {RangeError} If `timeout` is out of range.
   *
   * Follows Python's
   * [`SimpleQueue.get`](https://docs.python.org/3/library/queue.html#queue.SimpleQueue.get).
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
   *
   * Follows Python's
   * [`SimpleQueue.get_nowait`](https://docs.python.org/3/library/queue.html#queue.SimpleQueue.get_nowait).
   */
  get_nowait(): Promise<T> {
    return this.get(false);
  }

  /**
   * How many items there are. Other threads may change that at any time.
   *
   * Follows Python's
   * [`SimpleQueue.qsize`](https://docs.python.org/3/library/queue.html#queue.SimpleQueue.qsize).
   */
  qsize(): number {
    return this.#client.counters.size;
  }

  /**
   * Whether there are no items.
   *
   * Follows Python's
   * [`SimpleQueue.empty`](https://docs.python.org/3/library/queue.html#queue.SimpleQueue.empty).
   */
  empty(): boolean {
    return this.qsize() === 0;
  }

  /** Lets another thread see the same queue. */
  [transfer](link: ThreadLink): TransferRecord {
    return this.#client.pack(this, link);
  }
}
