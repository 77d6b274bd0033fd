/**
 * What the main thread has to know of another thread when that has ended.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { isParked } from "./parking.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

// The places of the numbers.
/** The thread's number in the system, 0 before it has begun; or {@linkcode NEVER}. */
const THREAD = 0;
/** It was ended before it began. */
const NEVER = -1;
/** The eventfd that ends the wait of its poller, 0 without one. */
const WAKEUP = 1;
/** Its poller's {@linkcode Parking.address}, 0 without one; in 64 bits. */
const PARKING = 1;

const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);

/** One thread's numbers, in memory that it shares with the main thread. */
export class Status {
  readonly #numbers: Int32Array<SharedArrayBuffer>;
  readonly #addresses: BigUint64Array<SharedArrayBuffer>;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(16)) {
    this.#numbers = new Int32Array(memory);
    this.#addresses = new BigUint64Array(memory);
  }

  /** To be called by the thread. */
  begin(): void {
    const path = new Uint8Array(64);
    const link = encoder.encode("/proc/thread-self\0");
    const length = libc.readlink(link, path, path.length);
    const [, thread] = /(\d+)$/.exec(decoder.decode(path.subarray(0, length)))!;
    const before = Atomics.compareExchange(
      this.#numbers,
      THREAD,
      0,
      Number(thread),
    );
    // What it would open, nobody would close.
    if (before === NEVER) throw new Error("the thread was ended");
  }

  /** To be called by the thread, before its poller waits. */
  publishPoller(wakeup: number, parking: bigint): void {
    this.#numbers[WAKEUP] = wakeup;
    this.#addresses[PARKING] = parking;
  }

  /** Ends the wait of the thread's poller, which the thread itself can't do any more. */
  wakePoller(): void {
    const fd = this.#numbers[WAKEUP]!;
    if (fd !== 0) libc.write(fd, ONE, ONE.length);
  }

  /** Has a thread that hasn't begun never do so. */
  end(): void {
    Atomics.compareExchange(this.#numbers, THREAD, 0, NEVER);
  }

  /** Whether the system still has the thread, which may be within a call of it. */
  get isRunning(): boolean {
    const thread = this.#numbers[THREAD]!;
    const path = encoder.encode(`/proc/self/task/${thread}\0`);
    return thread > 0 && libc.access(path, 0) === 0;
  }

  /** Whether its poller waits, on another thread of the system's. */
  get isParked(): boolean {
    const address = this.#addresses[PARKING]!;
    return address !== 0n && isParked(address);
  }
}
