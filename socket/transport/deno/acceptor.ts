/**
 * A listener that accepts one connection ahead.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { oserror } from "../../oserror.ts";
import type { Accepted, Endpoint } from "../transport.ts";
import type { Listener } from "./domain.ts";
import { ReadAhead } from "./read_ahead.ts";

/** The accepted connections of one `Deno.Listener`. */
export class Acceptor extends ReadAhead {
  readonly #listener: Listener;
  readonly #wrap: (conn: Deno.Conn) => Endpoint;
  readonly #accepted: Accepted[] = [];
  #closed = false;

  /** @param wrap Makes an endpoint of a connection. */
  constructor(
    listener: Listener,
    wrap: (conn: Deno.Conn) => Endpoint,
    changed: () => void,
  ) {
    super(listener, changed);
    this.#listener = listener;
    this.#wrap = wrap;
  }

  /** {@linkcode shift} has something to give, a connection or an error. */
  get ready(): boolean {
    return this.#accepted.length > 0 || this.error !== null;
  }

  /** Takes the next connection, if there is one, or raises the error. */
  shift(): Accepted | undefined {
    const { error } = this;
    this.error = null;
    if (error) throw error;
    return this.#accepted.shift();
  }

  /** Puts connections in front of all others. */
  unshift(accepted: readonly Accepted[]): void {
    this.#accepted.unshift(...accepted);
  }

  fill(): void {
    if (this.pending || this.ready) return;
    this.pending = true;
    this.keepAlive();
    this.#listener.accept().then(this.#onAccept, this.#onFailure);
  }

  readonly #onAccept = (conn: Deno.Conn): void => {
    this.pending = false;
    if (this.#closed) return conn.close();
    const endpoint = this.#wrap(conn);
    this.#accepted.push({ endpoint, address: endpoint.getpeername() });
    this.changed();
  };

  readonly #onFailure = (cause: unknown): void => {
    this.pending = false;
    if (this.#closed) return;
    const error = oserror(cause);
    // Deno drops a connection that was reset in the backlog, as it can't name
    // its peer. The next one may be good.
    if (error.errno === errno.ENOTCONN) return this.fill();
    this.error = error;
    this.changed();
  };

  /** Stops listening and closes the connections that were not taken. */
  close(): void {
    this.#closed = true;
    for (const { endpoint } of this.#accepted.splice(0)) endpoint.close();
    this.#listener.close();
  }
}
