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
import { RuntimeError } from "./errors.ts";
import { allocate, HEAD, recall, remember } from "./memory.ts";
import { Mutex } from "./mutex.ts";
import { timeoutOfAcquire } from "./timeout.ts";

/** The result of `hold()`: releases the lock, once, at the end of a block. */
export class Held implements Disposable {
  #release: (() => void) | null;

  /** @internal */
  constructor(release: () => void) {
    this.#release = release;
  }

  /** Releases the lock; a second call does nothing. */
  [Symbol.dispose](): void {
    const release = this.#release;
    this.#release = null;
    release?.();
  }
}

/**
 * A lock: one holder at a time, over all threads. `allocate_lock()`
 * makes one; given to a thread it is the same lock there.
 *
 * The call that waits longest gets it first, whichever thread it is in. It
 * belongs to no thread: any may release it, and a thread that waits for a lock
 * that it holds itself waits for ever. Threads of one worker, and calls of one thread
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
   * Makes a free lock.
   *
   * @param memory The memory of a lock of another thread.
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
   * @returns Whether the lock was taken. If not, nothing has changed.
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
    return await this.#mutex.lock(timeoutOfAcquire(blocking, timeout));
  }

  /**
   * Takes the lock for a block, as Python's `with` does: the result goes into
   * a `using` declaration, and releases the lock where the block ends.
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
   * Releases the lock, to the call that waits for it longest if there is one.
   *
   * @throws {RuntimeError} If it is free.
   *
   * Follows Python's
   * [`Lock.release`](https://docs.python.org/3/library/threading.html#threading.Lock.release).
   */
  release(): void {
    if (!this.#mutex.unlock()) throw new RuntimeError("release unlocked lock");
  }

  /**
   * Whether the lock is held.
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
 * A new, free lock.
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
