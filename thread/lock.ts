/**
 * Locks that any thread can take.
 *
 * @module
 */

import {
  type Movable,
  onArrival,
  transfer,
  type TransferRecord,
} from "../socket/link/transfer.ts";
import { patience } from "./acquire.ts";
import { RuntimeError } from "./errors.ts";
import { Held } from "./held.ts";
import { allocate, HEAD, recall, remember } from "./identity.ts";
import { Mutex } from "./mutex.ts";

/**
 * A lock: one holder at a time, over all threads. `allocate_lock()`
 * makes one; given to a thread it is the same lock there.
 *
 * Who waits longest gets it first, whichever thread that is in. It belongs to
 * no thread: any may release it, and a thread that waits for a lock that it
 * holds itself waits for ever. Threads of one worker, and calls of one thread
 * that run at the same time, exclude each other as others do. A thread that is
 * killed while it holds a lock, or in the moment in which it gets it, leaves
 * it locked, as in Python.
 *
 * ```ts
 * import { thread } from "@berkeley/socket";
 * import { assert, assertFalse } from "@std/assert";
 *
 * const lock = thread.allocate_lock();
 * {
 *   using _held = await lock.hold();
 *   assertFalse(await lock.acquire(false));
 * }
 * assert(await lock.acquire(true, 0.5));
 * lock.release();
 * ```
 *
 * Follows Python's
 * [lock objects](https://docs.python.org/3/library/threading.html#lock-objects).
 */
export class Lock implements Movable {
  readonly #memory: SharedArrayBuffer;
  readonly #mutex: Mutex;

  static {
    onArrival(
      "lock",
      (memory: SharedArrayBuffer) => recall(memory, () => new Lock(memory)),
    );
  }

  /**
   * Makes a lock that nobody holds.
   *
   * @param memory What another thread's lock consists of.
   * @internal
   */
  constructor(memory?: SharedArrayBuffer) {
    this.#memory = memory ?? allocate(4);
    this.#mutex = new Mutex(this.#memory, HEAD);
  }

  /**
   * Takes the lock, and waits for it if need be.
   *
   * @param blocking Whether to wait; numbers count as in Python: 0 is false.
   * @param timeout How long to wait at most, in seconds, up to
   * `thread.TIMEOUT_MAX`; -1 for ever. Only together with `blocking`.
   * @returns Whether the lock was taken. A wait that was in vain leaves
   * nothing behind.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `timeout` is out of range, or given for a call
   * that doesn't wait.
   *
   * Follows Python's
   * [`Lock.acquire`](https://docs.python.org/3/library/threading.html#threading.Lock.acquire).
   */
  async acquire(
    blocking: boolean | number = true,
    timeout: number = -1,
  ): Promise<boolean> {
    return await this.#mutex.lock(patience(blocking, timeout));
  }

  /**
   * Takes the lock for a block, as Python's `with` does: what it gives goes
   * into a `using` declaration, and releases the lock where the block ends.
   *
   * ```ts
   * import { thread } from "@berkeley/socket";
   *
   * const printing = thread.allocate_lock();
   * {
   *   using _held = await printing.hold();
   *   console.log("one");
   *   console.log("piece");
   * }
   * ```
   */
  async hold(): Promise<Held> {
    await this.acquire();
    return new Held(() => this.release());
  }

  /**
   * Gives the lock to who waits for it longest, or to nobody.
   *
   * @throws {RuntimeError} If nobody holds it.
   *
   * Follows Python's
   * [`Lock.release`](https://docs.python.org/3/library/threading.html#threading.Lock.release).
   */
  release(): void {
    if (!this.#mutex.unlock()) throw new RuntimeError("release unlocked lock");
  }

  /**
   * Whether somebody holds the lock.
   *
   * Follows Python's
   * [`Lock.locked`](https://docs.python.org/3/library/threading.html#threading.Lock.locked).
   */
  locked(): boolean {
    return this.#mutex.locked;
  }

  /** Lets another thread see the same lock. */
  [transfer](): TransferRecord {
    remember(this.#memory, this);
    return { kind: "lock", message: this.#memory };
  }
}

/**
 * A new lock that nobody holds.
 *
 * ```ts
 * import { thread } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const lock = thread.allocate_lock();
 * await lock.acquire();
 * assertEquals(await lock.acquire(false), false);
 * lock.release();
 * ```
 *
 * Follows Python's
 * [`_thread.allocate_lock`](https://docs.python.org/3/library/_thread.html#thread.allocate_lock).
 */
export function allocate_lock(): Lock {
  return new Lock();
}
