/**
 * A flag that threads wait for.
 *
 * @module
 */

import {
  type Movable,
  onArrival,
  transfer,
  type TransferRecord,
} from "../../socket/link/transfer.ts";
import { alive } from "../../socket/reactor/alive.ts";
import { allocate, HEAD, objectOf, setObject } from "../memory.ts";
import { patience } from "../timeout.ts";

/**
 * A flag that is set or not, over all threads: given to a thread it is the same
 * event there.
 *
 * ```ts
 * import { threading } from "@berkeley/socket";
 * import { assert, assertFalse } from "@std/assert";
 *
 * const stop = new threading.Event();
 * assertFalse(await stop.wait(0.01));
 * stop.set();
 * assert(await stop.wait());
 * ```
 *
 * Follows Python's
 * [event objects](https://docs.python.org/3/library/threading.html#event-objects).
 */
export class Event implements Movable {
  readonly #memory: SharedArrayBuffer;
  /** 1 if it is set. */
  readonly #flag: Int32Array<SharedArrayBuffer>;

  static {
    onArrival(
      "event",
      (memory: SharedArrayBuffer) => objectOf(memory, () => new Event(memory)),
    );
  }

  /**
   * Makes an event that isn't set.
   *
   * @param memory The memory of an event of another thread.
   * @internal
   */
  constructor(memory?: SharedArrayBuffer) {
    this.#memory = memory ?? allocate(4);
    this.#flag = new Int32Array(this.#memory, HEAD, 1);
  }

  /** Whether it is set. */
  is_set(): boolean {
    return Atomics.load(this.#flag, 0) !== 0;
  }

  /** Whether it is set; an older name of `is_set()`. */
  isSet(): boolean {
    return this.is_set();
  }

  /** Sets it: all that wait for it go on. */
  set(): void {
    Atomics.store(this.#flag, 0, 1);
    Atomics.notify(this.#flag, 0);
  }

  /** Takes that back: calls of `wait()` wait until it is set again. */
  clear(): void {
    Atomics.store(this.#flag, 0, 0);
  }

  /**
   * Waits until it is set. A call that waits sees each `set()`, even if
   * `clear()` follows at once.
   *
   * @param timeout How long to wait at most, in seconds, up to `TIMEOUT_MAX`;
   * `null` for ever.
   * @returns Whether it was set in that time.
   * @throws {TypeError} If `timeout` is neither a number nor `null`.
   * @throws {RangeError} If it is `NaN` or too large.
   */
  async wait(timeout: number | null = null): Promise<boolean> {
    const wait = Atomics.waitAsync(this.#flag, 0, 0, patience(timeout));
    if (!wait.async) return wait.value === "not-equal";
    return await alive(wait.value) === "ok";
  }

  /** Lets another thread see the same event. */
  [transfer](): TransferRecord {
    setObject(this.#memory, this);
    return { kind: "event", message: this.#memory };
  }
}
