/**
 * Waiting, under a lock, for what other threads do under it.
 *
 * @module
 */

import { integer, kind } from "../../socket/bytes.ts";
import {
  type Movable,
  onArrival,
  type ThreadLink,
  transfer,
  type TransferRecord,
} from "../../socket/link/transfer.ts";
import { alive } from "../../socket/reactor/alive.ts";
import { RuntimeError } from "../errors.ts";
import { type Holding, refuseUsing, type Write } from "../hold.ts";
import { Lock } from "../lock.ts";
import { allocate, HEAD, objectOf, setObject } from "../memory.ts";
import { RLock } from "../rlock.ts";
import { patience } from "../timeout.ts";

interface Message {
  readonly memory: SharedArrayBuffer;
  readonly lock: unknown;
}

/**
 * A condition: threads that hold its lock wait for others to notify them. Given
 * to a thread it is the same condition there, with the same lock.
 *
 * Those that wait longest are notified first. The initial lock is an `RLock`,
 * which belongs to a thread: for several concurrent calls of one thread, give
 * it a `Lock`. A notification that has reached a worker which is killed then is
 * lost, as a lock that it held would be.
 *
 * ```ts
 * import { threading } from "@berkeley/socket";
 *
 * const items: number[] = [];
 * const cv = new threading.Condition(new threading.Lock());
 *
 * async function consume() {
 *   using _held = await cv.hold();
 *   await cv.wait_for(() => items.length > 0);
 *   return items.pop();
 * }
 *
 * async function produce(item: number) {
 *   using _held = await cv.hold();
 *   items.push(item);
 *   cv.notify();
 * }
 *
 * await Promise.all([consume(), produce(1)]);
 * ```
 *
 * Follows Python's
 * [condition objects](https://docs.python.org/3/library/threading.html#condition-objects).
 */
export class Condition implements Movable {
  /** Raises a `TypeError`: `hold()` holds its lock. */
  declare readonly [Symbol.dispose]: Write<"using _held = await lock.hold();">;
  readonly #memory: SharedArrayBuffer;
  /** A word that never changes: the engine queues the waiters behind it. */
  readonly #waiters: Int32Array<SharedArrayBuffer>;
  readonly #lock: Lock | RLock;

  static {
    refuseUsing(Condition);
    onArrival("condition", ({ memory, lock }: Message, link) => {
      const own = link.unpack(lock) as Lock | RLock;
      return objectOf(memory, () => new Condition(own, memory));
    });
  }

  /**
   * Makes a condition.
   *
   * @param lock Its lock, which others may use too; `null` for a new `RLock`.
   * @throws {TypeError} If it isn't a lock.
   */
  constructor(lock?: Lock | RLock | null);
  /** @internal */
  constructor(lock: Lock | RLock | null, memory: SharedArrayBuffer);
  constructor(lock: Lock | RLock | null = null, memory?: SharedArrayBuffer) {
    if (lock !== null && !(lock instanceof Lock || lock instanceof RLock)) {
      throw new TypeError(`lock must be a Lock or an RLock, not ${kind(lock)}`);
    }
    this.#lock = lock ?? new RLock();
    this.#memory = memory ?? allocate(4);
    this.#waiters = new Int32Array(this.#memory, HEAD, 1);
  }

  /** Takes the lock: its `acquire()`, with the same arguments. */
  acquire(
    blocking: boolean | number = true,
    timeout: number = -1,
  ): Promise<boolean> {
    return this.#lock.acquire(blocking, timeout);
  }

  /** Releases the lock: its `release()`. */
  release(): void {
    this.#lock.release();
  }

  /**
   * Takes the lock for a block, as Python's `with` does: the result goes into
   * a `using` declaration, and releases the lock where the block ends.
   */
  hold(): Holding {
    return this.#lock.hold();
  }

  /** A `Lock` belongs to no thread: if it is held, that is taken for right. */
  #isOwned(): boolean {
    const lock = this.#lock;
    return lock instanceof RLock ? lock._is_owned() : lock.locked();
  }

  /** Releases the lock; the result takes it again as often as it was taken. */
  #releaseAll(): () => Promise<unknown> {
    const lock = this.#lock;
    if (lock instanceof RLock) {
      const count = lock._release_save();
      return () => lock._acquire_restore(count);
    }
    lock.release();
    return () => lock.acquire();
  }

  /**
   * Releases the lock, waits to be notified, and takes the lock again.
   *
   * @param timeout How long to wait at most to be notified, in seconds, up to
   * `TIMEOUT_MAX`; `null` for ever.
   * @returns Whether it was notified in that time.
   * @throws {RuntimeError} If the lock isn't held.
   * @throws {TypeError} If `timeout` is neither a number nor `null`.
   * @throws {RangeError} If it is `NaN` or too large.
   */
  async wait(timeout: number | null = null): Promise<boolean> {
    const limit = patience(timeout);
    if (!this.#isOwned()) {
      throw new RuntimeError("cannot wait on un-acquired lock");
    }
    // It waits from here on, before anybody else can have the lock.
    const wait = Atomics.waitAsync(this.#waiters, 0, 0, limit);
    const takeAgain = this.#releaseAll();
    try {
      return (wait.async ? await alive(wait.value) : wait.value) === "ok";
    } finally {
      await takeAgain();
    }
  }

  /**
   * Waits until a predicate holds, which is asked under the lock: at once, and
   * each time when this is notified.
   *
   * @param predicate A function whose result counts as true or false.
   * @param timeout How long to wait at most, as in `wait()`.
   * @returns The predicate's last result.
   * @throws {RuntimeError} If the lock isn't held and it has to wait.
   * @throws {TypeError} If `timeout` is neither a number nor `null`.
   * @throws {RangeError} If it is `NaN` or too large.
   */
  async wait_for<T>(
    predicate: () => T | Promise<T>,
    timeout: number | null = null,
  ): Promise<T> {
    const deadline = performance.now() + patience(timeout);
    let result = await predicate();
    for (let first = true; !result; first = false) {
      const rest = (deadline - performance.now()) / 1000;
      if (rest <= 0 && !first) break;
      await this.wait(rest === Infinity ? null : rest);
      result = await predicate();
    }
    return result;
  }

  /**
   * Notifies some of those that wait: they go on, one after the other, once
   * the lock is released.
   *
   * @param n How many of them at most.
   * @throws {RuntimeError} If the lock isn't held.
   * @throws {TypeError} If `n` isn't an integer.
   */
  notify(n: number = 1): void {
    const most = Math.max(integer(n, "n"), 0);
    if (!this.#isOwned()) {
      throw new RuntimeError("cannot notify on un-acquired lock");
    }
    Atomics.notify(this.#waiters, 0, most);
  }

  /**
   * Notifies all that wait.
   *
   * @throws {RuntimeError} If the lock isn't held.
   */
  notify_all(): void {
    this.notify(Number.MAX_SAFE_INTEGER);
  }

  /** Notifies all that wait; an older name of `notify_all()`. */
  notifyAll(): void {
    this.notify_all();
  }

  /** Lets another thread see the same condition. */
  [transfer](link: ThreadLink): TransferRecord {
    setObject(this.#memory, this);
    const message: Message = {
      memory: this.#memory,
      lock: link.pack(this.#lock),
    };
    return { kind: "condition", message };
  }
}
