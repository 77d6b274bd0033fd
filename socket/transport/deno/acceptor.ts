/**
 * A listener: connections accepted ahead while somebody waits for them.
 *
 * @module
 */

import type { OSError } from "../../errors.ts";
import { oserror } from "./errors.ts";

/** The waiting connections of one `Deno.Listener`. */
export class Acceptor {
  readonly #listener: Deno.Listener;
  readonly #changed: () => void;
  #waiting: Deno.Conn | null = null;
  #accepting: Promise<void> | null = null;
  #closed = false;

  /** What went wrong while accepting, until somebody fetches it. */
  error: OSError | null = null;

  constructor(listener: Deno.Listener, changed: () => void) {
    this.#listener = listener;
    this.#changed = changed;
  }

  /** {@linkcode take} has something to give, a connection or an error. */
  get ready(): boolean {
    return this.#waiting !== null || this.error !== null;
  }

  /** An accept is under way. */
  get pending(): boolean {
    return this.#accepting !== null;
  }

  /** The connection that waits, if one does. */
  take(): Deno.Conn | undefined {
    const { error } = this;
    this.error = null;
    if (error) throw error;
    const conn = this.#waiting;
    this.#waiting = null;
    return conn ?? undefined;
  }

  /** Accepts one connection ahead, unless one waits already. */
  fill(): Promise<void> {
    if (this.ready) return Promise.resolve();
    return this.#accepting ??= this.#accept();
  }

  async #accept(): Promise<void> {
    try {
      const conn = await this.#listener.accept();
      if (this.#closed) conn.close();
      else this.#waiting = conn;
    } catch (cause) {
      this.error = oserror(cause);
    }
    this.#accepting = null;
    this.#changed();
  }

  /** Stops listening and drops the connection that nobody took. */
  close(): void {
    this.#closed = true;
    this.#waiting?.close();
    this.#waiting = null;
    this.#listener.close();
  }
}
