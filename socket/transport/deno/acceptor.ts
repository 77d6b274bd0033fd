/**
 * A listener: connections accepted ahead while somebody waits for them.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import type { OSError } from "../../errors.ts";
import type { Listener } from "./domain.ts";
import { oserror } from "../../oserror.ts";
import type { Accepted, Endpoint } from "../transport.ts";

/** The waiting connections of one `Deno.Listener`. */
export class Acceptor {
  readonly #listener: Listener;
  readonly #wrap: (conn: Deno.Conn) => Endpoint;
  readonly #changed: () => void;
  readonly #waiting: Accepted[] = [];
  #pending = false;
  /** Somebody waits who will come to take what is accepted. */
  #awaited = false;
  /** An accept keeps the process alive. */
  #alive = true;
  #closed = false;

  /** What went wrong while accepting, until somebody fetches it. */
  error: OSError | null = null;

  /** @param wrap Makes an endpoint of a connection. */
  constructor(
    listener: Listener,
    wrap: (conn: Deno.Conn) => Endpoint,
    changed: () => void,
  ) {
    this.#listener = listener;
    this.#wrap = wrap;
    this.#changed = changed;
  }

  /** {@linkcode take} has something to give, a connection or an error. */
  get ready(): boolean {
    return this.#waiting.length > 0 || this.error !== null;
  }

  /** An accept is under way. */
  get pending(): boolean {
    return this.#pending;
  }

  /** The connection that waits, if one does. */
  take(): Accepted | undefined {
    const { error } = this;
    this.error = null;
    if (error) throw error;
    return this.#waiting.shift();
  }

  /** Puts connections in front of all others. */
  unshift(accepted: readonly Accepted[]): void {
    this.#waiting.unshift(...accepted);
  }

  /** Begins to accept one connection ahead, unless one waits already. */
  fill(): void {
    if (this.#pending || this.ready) return;
    this.#pending = true;
    this.#keepAlive();
    this.#listener.accept().then(this.#onAccept, this.#onFailure);
  }

  readonly #onAccept = (conn: Deno.Conn): void => {
    this.#pending = false;
    if (this.#closed) return conn.close();
    const endpoint = this.#wrap(conn);
    this.#waiting.push({ endpoint, address: endpoint.getpeername() });
    this.#changed();
  };

  readonly #onFailure = (cause: unknown): void => {
    this.#pending = false;
    if (this.#closed) return;
    const error = oserror(cause);
    // Deno can't name the peer of a connection that was reset while it waited,
    // and drops it: the next one may be better.
    if (error.errno === errno.ENOTCONN) return this.fill();
    this.error = error;
    this.#changed();
  };

  /** Somebody waits who will come to take what is accepted. */
  set awaited(awaited: boolean) {
    this.#awaited = awaited;
    if (this.#pending) this.#keepAlive();
  }

  /** An accept that nobody waits for lets the process end. */
  #keepAlive(): void {
    if (this.#awaited === this.#alive) return;
    this.#alive = this.#awaited;
    if (this.#alive) this.#listener.ref();
    else this.#listener.unref();
  }

  /** Stops listening and drops the connections that nobody took. */
  close(): void {
    this.#closed = true;
    for (const { endpoint } of this.#waiting.splice(0)) endpoint.close();
    this.#listener.close();
  }
}
