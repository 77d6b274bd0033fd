/**
 * Locks that any thread can take, and the mutex behind them.
 *
 * @module
 */

import {
  type Movable,
  onArrival,
  transfer,
  type TransferRecord,
} from "../socket/link/transfer.ts";
import { alive } from "../socket/reactor/alive.ts";
import { RuntimeError } from "./errors.ts";
import { hold, type Holding, refuseUsing, type Write } from "./hold.ts";
import { allocate, HEAD, objectOf, setObject } from "./memory.ts";
import { timeoutOfAcquire } from "./timeout.ts";

/**
 * A lock: one holder at a time, over all threads. `allocate_lock()`
 * makes one; given to a thread it is the same lock there.
 *
 * The call that waits longest gets it first, whichever thread it is in. It
 * belongs to no thread: any may release it, and a thread that waits for a lock
 * that it holds itself waits for ever. Threads of one worker, and concurrent
 * calls of one thread, exclude each other as others do. A thread that is killed
 * while it holds a lock, or in the moment in which it gets it, leaves it
 * locked, as in Python.
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
  /** Raises a `TypeError`: {@linkcode Lock.prototype.hold | hold} holds it. */
  declare readonly [Symbol.dispose]: Write<
    "using _held = await lock.hold();"
  >;
  readonly #memory: SharedArrayBuffer;
  readonly #mutex: Mutex;

  static {
    refuseUsing(Lock);
    onArrival(
      "lock",
      (memory: SharedArrayBuffer) => objectOf(memory, () => new Lock(memory)),
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
  hold(): Holding {
    return hold(() => this.acquire(), () => this.release());
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
    setObject(this.#memory, this);
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

const FREE = 0;
/** Held, without waiters. */
const HELD = 1;
/** Held; a waiter waits for as long as the word is this. */
const CONTESTED = 2;
/**
 * Held, perhaps by a waiter that was handed it just now. There may be other
 * waiters, but none since the last release: a new one makes it CONTESTED.
 */
const PASSED = 3;

/**
 * Mutual exclusion by one word of shared memory.
 *
 * The waiters are queued by the engine, behind `Atomics.waitAsync`: first come,
 * first served over all threads, without those that time out or die. Releasing
 * hands the word to the first waiter without freeing it, so that no other
 * thread can take it in between.
 */
export class Mutex {
  readonly #words: Int32Array<SharedArrayBuffer>;

  /** Uses the word at `offset` bytes; it must be 0 at first. */
  constructor(memory: SharedArrayBuffer, offset: number) {
    this.#words = new Int32Array(memory, offset, 1);
  }

  get locked(): boolean {
    return Atomics.load(this.#words, 0) !== FREE;
  }

  #change(from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, 0, from, to) === from;
  }

  /** Takes it if it is free. */
  take(): boolean {
    return this.#change(FREE, HELD);
  }

  /**
   * Takes it.
   *
   * @param timeout The longest wait, in milliseconds; may be infinite.
   * @returns Whether it was taken in that time.
   */
  async lock(timeout: number): Promise<boolean> {
    const deadline = performance.now() + timeout;
    while (!this.take()) {
      const rest = deadline - performance.now();
      if (timeout === 0 || rest <= 0) return false;
      if (!this.#contest()) continue;
      const wait = Atomics.waitAsync(this.#words, 0, CONTESTED, rest);
      if (wait.async) return await alive(wait.value) === "ok";
    }
    return true;
  }

  /** Makes the release look for waiters; `false` if it was released already. */
  #contest(): boolean {
    return this.#change(HELD, CONTESTED) || this.#change(PASSED, CONTESTED) ||
      Atomics.load(this.#words, 0) === CONTESTED;
  }

  /** Hands it to the longest waiter, or frees it; `false` if it was free. */
  unlock(): boolean {
    while (!this.#change(HELD, FREE)) {
      if (!this.#change(CONTESTED, PASSED) && !this.locked) return false;
      if (Atomics.notify(this.#words, 0, 1) === 1) return true;
      // A waiter that came after that has made it CONTESTED.
      if (this.#change(PASSED, FREE)) return true;
    }
    return true;
  }
}
