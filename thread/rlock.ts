/**
 * Locks that their holder can take again.
 *
 * @module
 */

import {
  type Movable,
  onArrival,
  transfer,
  type TransferRecord,
} from "../socket/link/transfer.ts";
import { get_ident } from "./current.ts";
import { RuntimeError } from "./errors.ts";
import { hold, type Holding, refuseUsing, type Write } from "./hold.ts";
import { Mutex } from "./lock.ts";
import { allocate, HEAD, objectOf, setObject } from "./memory.ts";
import { timeoutOfAcquire, within } from "./timeout.ts";

/** The owner of a free lock. */
const NONE = 0n;

/**
 * A lock that the thread which holds it can take again, and must release as
 * often as it took it. Given to a thread it is the same lock there.
 *
 * The holder is a thread, by its `thread.get_ident()`: calls of one thread
 * that run at the same time don't exclude each other. The thread that waits
 * longest gets the lock first. A thread that ends while it holds the lock
 * leaves it locked, as in Python.
 *
 * ```ts
 * import { thread } from "@berkeley/socket";
 *
 * const lock = new thread.RLock();
 *
 * async function outer() {
 *   using _held = await lock.hold();
 *   await inner();
 * }
 *
 * async function inner() {
 *   using _held = await lock.hold();
 * }
 *
 * await outer();
 * ```
 *
 * Follows Python's
 * [RLock objects](https://docs.python.org/3/library/threading.html#rlock-objects).
 */
export class RLock implements Movable {
  /** Raises a `TypeError`: {@linkcode RLock.prototype.hold | hold} holds it. */
  declare readonly [Symbol.dispose]: Write<
    "using _held = await lock.hold();"
  >;
  readonly #memory: SharedArrayBuffer;
  /** The ident of the thread that holds the lock. */
  readonly #owner: BigInt64Array<SharedArrayBuffer>;
  readonly #count: Int32Array<SharedArrayBuffer>;
  readonly #mutex: Mutex;
  /** The waits for the mutex, by the ident of the thread that waits. */
  readonly #waits = new Map<bigint, Promise<void>>();

  static {
    refuseUsing(RLock);
    onArrival(
      "rlock",
      (memory: SharedArrayBuffer) => objectOf(memory, () => new RLock(memory)),
    );
  }

  /**
   * Makes a free lock.
   *
   * @param memory The memory of a lock of another thread.
   * @internal
   */
  constructor(memory?: SharedArrayBuffer) {
    this.#memory = memory ?? allocate(16);
    this.#owner = new BigInt64Array(this.#memory, HEAD, 1);
    this.#count = new Int32Array(this.#memory, HEAD + 8, 1);
    this.#mutex = new Mutex(this.#memory, HEAD + 12);
  }

  /** The answer is certain because only the thread itself can change it. */
  #isMine(ident: bigint): boolean {
    return Atomics.load(this.#owner, 0) === ident;
  }

  /**
   * Takes the lock, at once if this thread holds it, and waits for it if need
   * be.
   *
   * @param blocking Whether to wait; numbers count as in Python: 0 is false.
   * @param timeout How long to wait at most, in seconds, up to
   * `thread.TIMEOUT_MAX`; -1 for ever. Only together with `blocking`.
   * @returns Whether the lock was taken.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `timeout` is out of range, or given for a call
   * that doesn't wait.
   *
   * Follows Python's
   * [`RLock.acquire`](https://docs.python.org/3/library/threading.html#threading.RLock.acquire).
   */
  async acquire(
    blocking: boolean | number = true,
    timeout: number = -1,
  ): Promise<boolean> {
    const limit = timeoutOfAcquire(blocking, timeout);
    const ident = BigInt(get_ident());
    const deadline = performance.now() + limit;
    while (!this.#enter(ident)) {
      const rest = deadline - performance.now();
      if (limit === 0 || rest <= 0) return false;
      await this.#wait(ident, rest);
    }
    return true;
  }

  /** Takes the lock if that needs no waiting. */
  #enter(ident: bigint): boolean {
    if (!this.#isMine(ident)) {
      if (!this.#mutex.take()) return false;
      Atomics.store(this.#owner, 0, ident);
    }
    Atomics.add(this.#count, 0, 1);
    return true;
  }

  /** Waits until the thread has the lock, or for `ms`. */
  async #wait(ident: bigint, ms: number): Promise<void> {
    const pending = this.#waits.get(ident);
    // Calls of one thread share one wait: they must not exclude each other.
    if (pending) return await within(pending, ms);
    const wait = this.#mutex.lock(ms).then((taken) => {
      if (taken) Atomics.store(this.#owner, 0, ident);
      this.#waits.delete(ident);
    });
    this.#waits.set(ident, wait);
    await wait;
  }

  /**
   * Takes the lock for a block, as Python's `with` does: the result goes into
   * a `using` declaration, and releases the lock where the block ends.
   */
  hold(): Holding {
    return hold(() => this.acquire(), () => this.release());
  }

  /**
   * Undoes one {@linkcode RLock.prototype.acquire | acquire}; the last one
   * releases the lock, to the thread that waits for it longest if there is one.
   *
   * @throws {RuntimeError} If this thread doesn't hold it.
   *
   * Follows Python's
   * [`RLock.release`](https://docs.python.org/3/library/threading.html#threading.RLock.release).
   */
  release(): void {
    if (!this.#isMine(BigInt(get_ident()))) {
      throw new RuntimeError("cannot release un-acquired lock");
    }
    if (Atomics.sub(this.#count, 0, 1) > 1) return;
    Atomics.store(this.#owner, 0, NONE);
    this.#mutex.unlock();
  }

  /**
   * Whether the lock is held.
   *
   * Follows Python's
   * [`RLock.locked`](https://docs.python.org/3/library/threading.html#threading.RLock.locked).
   */
  locked(): boolean {
    return this.#mutex.locked;
  }

  /**
   * Whether this thread holds the lock.
   *
   * @internal
   */
  _is_owned(): boolean {
    return this.#isMine(BigInt(get_ident()));
  }

  /**
   * Releases the lock however often it was taken, and returns that number.
   *
   * @internal
   */
  _release_save(): number {
    const count = Atomics.exchange(this.#count, 0, 1);
    this.release();
    return count;
  }

  /**
   * Takes the lock as often as it was released.
   *
   * @internal
   */
  async _acquire_restore(count: number): Promise<void> {
    await this.acquire();
    Atomics.add(this.#count, 0, count - 1);
  }

  /** Lets another thread see the same lock. */
  [transfer](): TransferRecord {
    setObject(this.#memory, this);
    return { kind: "rlock", message: this.#memory };
  }
}
