/**
 * Counters that threads wait for.
 *
 * @module
 */

import { integer } from "../../socket/bytes.ts";
import {
  type Movable,
  onArrival,
  transfer,
  type TransferRecord,
} from "../../socket/link/transfer.ts";
import { alive } from "../../socket/reactor/alive.ts";
import { hold, type Holding, refuseUsing, type Write } from "../hold.ts";
import { allocate, HEAD, isShared, objectOf, setObject } from "../memory.ts";
import { patience } from "../timeout.ts";

/** The largest counter. */
const MOST = 0x7fffffff;

// The places of the numbers.
const VALUE = 0;
const LIMIT = 1;

/**
 * A counter that `acquire()` counts down, and waits while it is 0, and
 * `release()` counts up. Given to a thread it is the same semaphore there.
 *
 * As in Python, which of those that wait goes on first isn't promised.
 *
 * ```ts
 * import { threading } from "@berkeley/socket";
 *
 * const connections = new threading.Semaphore(2);
 *
 * async function fetchOne(n: number) {
 *   using _held = await connections.hold();
 *   return n;
 * }
 *
 * await Promise.all([1, 2, 3, 4].map(fetchOne));
 * ```
 *
 * Follows Python's
 * [semaphore objects](https://docs.python.org/3/library/threading.html#semaphore-objects).
 */
export class Semaphore implements Movable {
  /** Raises a `TypeError`: `hold()` counts it down for a block. */
  declare readonly [Symbol.dispose]: Write<"using _held = await lock.hold();">;
  readonly #memory: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;

  static {
    refuseUsing(Semaphore);
    onArrival("semaphore", (memory: SharedArrayBuffer) => {
      return objectOf(memory, () => {
        const [, limit] = new Int32Array(memory, HEAD, 2);
        const type = limit === MOST ? Semaphore : BoundedSemaphore;
        return Reflect.construct(Semaphore, [memory], type);
      });
    });
  }

  /**
   * Makes a semaphore.
   *
   * @param value The initial counter, from 0 to 2147483647.
   * @throws {TypeError} If it isn't an integer.
   * @throws {RangeError} If it is out of range.
   */
  constructor(value?: number);
  /** @internal */
  constructor(value: number | SharedArrayBuffer, limit?: number);
  constructor(value: number | SharedArrayBuffer = 1, limit: number = MOST) {
    const arrived = isShared(value);
    if (!arrived) {
      if (integer(value, "value") < 0) {
        throw new RangeError("semaphore initial value must be >= 0");
      }
      if (value > MOST) throw new RangeError("value is too large");
    }
    this.#memory = arrived ? value : allocate(8);
    this.#words = new Int32Array(this.#memory, HEAD, 2);
    if (!arrived) this.#words.set([value, limit]);
  }

  /**
   * Counts down by one, and waits while the counter is 0.
   *
   * @param blocking Whether to wait.
   * @param timeout How long to wait at most, in seconds, up to `TIMEOUT_MAX`;
   * `null` for ever. Only together with `blocking`.
   * @returns Whether it was counted down. If not, nothing has changed.
   * @throws {TypeError} If `timeout` is neither a number nor `null`.
   * @throws {RangeError} If it is out of range, or given for a call that
   * doesn't wait.
   */
  async acquire(
    blocking: boolean | number = true,
    timeout: number | null = null,
  ): Promise<boolean> {
    if (!blocking && timeout !== null) {
      throw new RangeError("can't specify timeout for non-blocking acquire");
    }
    const deadline = performance.now() + (blocking ? patience(timeout) : 0);
    while (!this.#take()) {
      const rest = Math.max(deadline - performance.now(), 0);
      const wait = Atomics.waitAsync(this.#words, VALUE, 0, rest);
      if (wait.async) await alive(wait.value);
      else if (wait.value === "timed-out") return false;
    }
    return true;
  }

  #take(): boolean {
    for (;;) {
      const value = Atomics.load(this.#words, VALUE);
      if (value === 0) return false;
      if (this.#change(value, value - 1)) return true;
    }
  }

  #change(from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, VALUE, from, to) === from;
  }

  /**
   * Counts it down for a block, as Python's `with` does: the result goes into
   * a `using` declaration, and counts it up where the block ends.
   */
  hold(): Holding {
    return hold(() => this.acquire(), () => this.release());
  }

  /**
   * Counts up, so that as many calls of `acquire()` go on.
   *
   * @param n By how much.
   * @throws {TypeError} If it isn't an integer.
   * @throws {RangeError} If it isn't positive, or if the counter would be too
   * large.
   */
  release(n: number = 1): void {
    if (integer(n, "n") < 1) throw new RangeError("n must be one or more");
    let value;
    do {
      value = Atomics.load(this.#words, VALUE);
      if (value + n > this.#words[LIMIT]!) {
        throw new RangeError("Semaphore released too many times");
      }
    } while (!this.#change(value, value + n));
    Atomics.notify(this.#words, VALUE, n);
  }

  /** Lets another thread see the same semaphore. */
  [transfer](): TransferRecord {
    setObject(this.#memory, this);
    return { kind: "semaphore", message: this.#memory };
  }
}

/**
 * A semaphore whose counter is never larger than it was at first: one
 * `release()` too many raises an error.
 *
 * ```ts
 * import { threading } from "@berkeley/socket";
 * import { assertThrows } from "@std/assert";
 *
 * const connections = new threading.BoundedSemaphore(2);
 * assertThrows(() => connections.release(), RangeError);
 * ```
 *
 * Follows Python's
 * [`threading.BoundedSemaphore`](https://docs.python.org/3/library/threading.html#threading.BoundedSemaphore).
 */
export class BoundedSemaphore extends Semaphore {
  /**
   * Makes a semaphore.
   *
   * @param value The initial and largest counter, from 0 to 2147483646.
   * @throws {TypeError} If it isn't an integer.
   * @throws {RangeError} If it is out of range.
   */
  constructor(value: number = 1) {
    if (value === MOST) throw new RangeError("value is too large");
    super(value, value);
  }
}
