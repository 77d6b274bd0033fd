/**
 * Waiting for the end of a thread.
 *
 * @module
 */

import { kind } from "../socket/bytes.ts";
import { TIMEOUT_MAX } from "./acquire.ts";
import { RuntimeError } from "./errors.ts";
import { get_ident } from "./ident.ts";

/** The longest time that a timer can measure, in milliseconds. */
const LONGEST = 0x7fffffff;

/** A thread that can be waited for; made by `start_joinable_thread()`. */
export class ThreadHandle {
  /** The ident of the thread, as {@linkcode get_ident} gives it there. */
  readonly ident: number;
  readonly #ended = Promise.withResolvers<void>();
  #done = false;

  /** @internal */
  constructor(ident: number) {
    this.ident = ident;
  }

  /** Whether the thread has ended. */
  is_done(): boolean {
    return this.#done;
  }

  /**
   * Waits until the thread has ended.
   *
   * @param timeout How long to wait at most, in seconds; `null` or a negative
   * number for ever. {@linkcode is_done} tells whether it was long enough.
   * @throws {RuntimeError} In the thread itself, which would wait for ever.
   */
  async join(timeout: number | null = null): Promise<void> {
    const seconds = check(timeout);
    if (this.#done) return;
    if (this.ident === get_ident()) {
      throw new RuntimeError("Cannot join current thread");
    }
    if (seconds === null) return await this.#ended.promise;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(seconds * 1000, LONGEST));
    });
    await Promise.race([this.#ended.promise, over]);
    clearTimeout(timer);
  }

  /**
   * The thread has ended.
   *
   * @internal
   */
  set_done(): void {
    this.#done = true;
    this.#ended.resolve();
  }
}

function check(timeout: unknown): number | null {
  if (timeout === null) return null;
  if (typeof timeout !== "number") {
    throw new TypeError(
      `timeout must be a number or null, not ${kind(timeout)}`,
    );
  }
  if (Number.isNaN(timeout)) {
    throw new RangeError("Invalid value NaN (not a number)");
  }
  if (timeout > TIMEOUT_MAX) throw new RangeError("timeout value is too large");
  return timeout < 0 ? null : timeout;
}
