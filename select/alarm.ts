/**
 * Sleeping until something happens, the time is over, or the caller gives up.
 *
 * @module
 */

import { hold, release } from "../socket/reactor/alive.ts";
import { LONGEST } from "../socket/reactor/times.ts";

/** Something that {@linkcode sleep} can be ended with. */
export class Alarm {
  #ring: (() => void) | null = null;
  #rung = false;

  /** Ends the sleep, or the next one before it begins. */
  ring(): void {
    this.#rung = true;
    this.#ring?.();
  }

  /**
   * Sleeps until {@linkcode ring} or for `timeout` milliseconds (`null`: for
   * ever); rejects with the reason of `signal` when that aborts.
   */
  async sleep(timeout: number | null, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (!this.#rung) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      if (timeout === null) hold();
      await new Promise<void>((resolve) => {
        this.#ring = resolve;
        signal?.addEventListener("abort", this.#ring);
        if (timeout !== null) {
          // The time may have run out between two looks at the clock.
          const left = Math.max(0, Math.min(timeout, LONGEST));
          timer = setTimeout(resolve, left);
        }
      });
      if (timeout === null) release();
      else clearTimeout(timer);
      signal?.removeEventListener("abort", this.#ring!);
      this.#ring = null;
    }
    this.#rung = false;
    signal?.throwIfAborted();
  }
}
