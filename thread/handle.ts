/**
 * Waiting for the end of a thread.
 *
 * @module
 */

import { RuntimeError } from "./errors.ts";
import { get_ident } from "./ident.ts";
import { seconds, within } from "./timeout.ts";

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
   * @param timeout How long to wait at most, in seconds, up to
   * `thread.TIMEOUT_MAX`; `null` or a negative number for ever.
   * {@linkcode ThreadHandle.prototype.is_done | is_done} tells whether it was
   * long enough.
   * @throws {TypeError} If `timeout` is neither a number nor `null`.
   * @throws {RangeError} If it is `NaN` or too large.
   * @throws {RuntimeError} In the thread itself, which would wait for ever.
   */
  async join(timeout: number | null = null): Promise<void> {
    const most = timeout === null ? -1 : seconds(timeout, " or null");
    if (this.#done) return;
    if (this.ident === get_ident()) {
      throw new RuntimeError("Cannot join current thread");
    }
    await within(this.#ended.promise, most < 0 ? Infinity : most * 1000);
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
