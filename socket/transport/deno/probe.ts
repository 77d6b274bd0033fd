/**
 * Addresses that were tried and given up again, to be opened later: Deno binds
 * and listens in one step, so `bind()` can only ask whether it could.
 *
 * Another thread may start a program at that moment. Until that runs, it has a
 * copy of each descriptor, so that the address stays in use behind the close.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { OSError } from "../../errors.ts";
import { turn } from "../../reactor/turn.ts";

/** Milliseconds that a program takes to start, also on a busy machine. */
const FORK_TIME = 200;

/** The trial of an address. */
export class Probe {
  readonly #end = performance.now() + FORK_TIME;

  /** Whether a failure may be due to the trial itself. */
  #explains(error: unknown): boolean {
    return isTaken(error) && performance.now() < this.#end;
  }

  /** Opens the address, though the trial may still hold it for a moment. */
  open<T>(open: () => T): T {
    for (;;) {
      try {
        return open();
      } catch (error) {
        if (!this.#explains(error)) throw error;
      }
    }
  }

  /** The same for what takes turns of the event loop. */
  async openLater<T>(open: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await open();
      } catch (error) {
        if (!this.#explains(error)) throw error;
        await turn();
      }
    }
  }
}

/** Whether an address is in use. */
export function isTaken(error: unknown): boolean {
  return error instanceof OSError && error.errno === errno.EADDRINUSE;
}
