/**
 * A point at which threads wait for each other.
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
import { RuntimeError } from "../errors.ts";
import { type Callable, checkCallable, moduleOf, named } from "../function.ts";
import { find } from "../load.ts";
import { Lock } from "../lock.ts";
import { allocate, HEAD, objectOf, setObject } from "../memory.ts";
import type { Named } from "../messages.ts";
import { patience } from "../timeout.ts";
import { Condition } from "./condition.ts";

/**
 * A barrier was reset or aborted while a thread waited, or is broken.
 *
 * Follows Python's
 * [`threading.BrokenBarrierError`](https://docs.python.org/3/library/threading.html#threading.BrokenBarrierError).
 */
export class BrokenBarrierError extends RuntimeError {
  /** The name of the class. */
  override name = "BrokenBarrierError";
}

// The places of the numbers.
const COUNT = 0;
const STATE = 1;

// The states.
const FILLING = 0;
const DRAINING = 1;
const RESETTING = 2;
const BROKEN = 3;

type Action = () => unknown;

/** What the threads of a barrier share. */
interface Shared {
  readonly memory: SharedArrayBuffer;
  readonly parties: number;
  readonly timeout: number | null;
}

interface Message extends Shared {
  readonly condition: unknown;
  readonly action: Named | null;
}

/** What a barrier of another thread is made of here. */
class Arrived {
  readonly shared: Shared;
  readonly condition: Condition;
  readonly action: Named | null;

  constructor(shared: Shared, condition: Condition, action: Named | null) {
    this.shared = shared;
    this.condition = condition;
    this.action = action;
  }
}

/**
 * A barrier: threads wait until as many of them do as there are parties, and go
 * on together, any number of times. Given to a thread it is the same barrier
 * there.
 *
 * ```ts
 * import { threading } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const start = new threading.Barrier(2);
 * const places = await Promise.all([start.wait(), start.wait()]);
 * assertEquals(places.toSorted(), [0, 1]);
 * ```
 *
 * Follows Python's
 * [barrier objects](https://docs.python.org/3/library/threading.html#barrier-objects).
 */
export class Barrier implements Movable {
  readonly #shared: Shared;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #condition: Condition;
  readonly #action: Action | null;
  /** How another worker finds the action; it throws if it can't. */
  readonly #named: () => Named | null;

  static {
    onArrival("barrier", ({ condition, action, ...shared }: Message, link) => {
      const own = link.unpack(condition) as Condition;
      return objectOf(shared.memory, () => {
        const call = action && (async () => (await find(action))());
        return new Barrier(new Arrived(shared, own, action), call);
      });
    });
  }

  /**
   * Makes a barrier.
   *
   * @param parties How many threads wait for each other, 1 or more.
   * @param action A function that one of them calls before they go on; if the
   * barrier is given to threads, one that its module exports.
   * @param timeout The time-out of `wait()` unless that is given one, in
   * seconds; `null` for none.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `parties` or `timeout` is out of range.
   */
  constructor(
    parties: number,
    action?: (() => unknown) | null,
    timeout?: number | null,
  );
  /** @internal */
  constructor(arrived: Arrived, action: (() => unknown) | null);
  constructor(
    parties: number | Arrived,
    action: (() => unknown) | null = null,
    timeout: number | null = null,
  ) {
    this.#action = action;
    if (parties instanceof Arrived) {
      this.#shared = parties.shared;
      this.#condition = parties.condition;
      this.#named = () => parties.action;
    } else {
      if (integer(parties, "parties") < 1) {
        throw new RangeError("parties must be > 0");
      }
      if (action !== null && typeof action !== "function") {
        throw new TypeError(`action must be callable, not ${kind(action)}`);
      }
      patience(timeout);
      this.#shared = { memory: allocate(8), parties, timeout };
      this.#condition = new Condition(new Lock());
      const module = action && moduleOf(action, Barrier);
      this.#named = () => action && nameOf(action, module);
    }
    this.#words = new Int32Array(this.#shared.memory, HEAD, 2);
  }

  // Both are only changed under the lock.

  get #count(): number {
    return Atomics.load(this.#words, COUNT);
  }

  get #state(): number {
    return Atomics.load(this.#words, STATE);
  }

  set #state(state: number) {
    Atomics.store(this.#words, STATE, state);
    this.#condition.notify_all();
  }

  /** How many threads have to wait before they go on. */
  get parties(): number {
    return this.#shared.parties;
  }

  /** How many threads wait now. */
  get n_waiting(): number {
    return this.#state === FILLING ? this.#count : 0;
  }

  /** Whether it is broken: only `reset()` makes it usable again. */
  get broken(): boolean {
    return this.#state === BROKEN;
  }

  /**
   * Waits until all parties do. If the time is over before, the barrier is
   * broken, for all of them.
   *
   * @param timeout How long to wait at most, in seconds, up to `TIMEOUT_MAX`;
   * `null` for what the barrier was made with.
   * @returns A number from 0 to `parties - 1`, another one for each of them.
   * @throws {BrokenBarrierError} If it is broken, or is reset meanwhile.
   * @throws {TypeError} If `timeout` is neither a number nor `null`.
   * @throws {RangeError} If it is `NaN` or too large.
   */
  async wait(timeout: number | null = null): Promise<number> {
    timeout ??= this.#shared.timeout;
    patience(timeout);
    using _held = await this.#condition.hold();
    // Those of the round before have to leave first.
    await this.#condition.wait_for(() =>
      this.#state !== DRAINING && this.#state !== RESETTING
    );
    if (this.#state === BROKEN) throw new BrokenBarrierError();
    const index = Atomics.add(this.#words, COUNT, 1);
    try {
      if (index + 1 === this.parties) await this.#release();
      else await this.#wait(timeout);
      return index;
    } finally {
      const left = Atomics.sub(this.#words, COUNT, 1) - 1;
      if (left === 0 && this.#state !== BROKEN) this.#state = FILLING;
    }
  }

  async #release(): Promise<void> {
    try {
      await this.#action?.();
      this.#state = DRAINING;
    } catch (error) {
      this.#state = BROKEN;
      throw error;
    }
  }

  async #wait(timeout: number | null): Promise<void> {
    const over = () => this.#state !== FILLING;
    if (!await this.#condition.wait_for(over, timeout)) this.#state = BROKEN;
    if (this.#state !== DRAINING) throw new BrokenBarrierError();
  }

  /** Empties it: `wait()` of those that wait raises `BrokenBarrierError`. */
  async reset(): Promise<void> {
    using _held = await this.#condition.hold();
    if (this.#count === 0) this.#state = FILLING;
    else if (this.#state !== DRAINING) this.#state = RESETTING;
  }

  /** Breaks it: `wait()` raises `BrokenBarrierError` until it is reset. */
  async abort(): Promise<void> {
    using _held = await this.#condition.hold();
    this.#state = BROKEN;
  }

  /** Lets another thread see the same barrier. */
  [transfer](link: ThreadLink): TransferRecord {
    const message: Message = {
      ...this.#shared,
      condition: link.pack(this.#condition),
      action: this.#named(),
    };
    setObject(this.#shared.memory, this);
    return { kind: "barrier", message };
  }
}

function nameOf(action: Callable, module: string | null): Named {
  try {
    checkCallable(action, "its action");
    return named(action.name, module);
  } catch (error) {
    // The path of the barrier comes before it.
    throw new TypeError(
      `can't be given to a thread: ${(error as Error).message}`,
    );
  }
}
