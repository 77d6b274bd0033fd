/**
 * A UDP socket of `node:dgram`: datagrams received ahead into a bounded queue,
 * and sent one after the other.
 *
 * @module
 */

import dgram from "node:dgram";
import * as errno from "../../../errno.ts";
import { AF_INET6 } from "../../constants.ts";
import { OSError } from "../../errors.ts";
import type { SocketAddress } from "../transport.ts";
import { oserror } from "./errors.ts";

type Inet = Exclude<SocketAddress, string>;

/** A datagram and who sent it. */
export interface Datagram {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly address: Inet;
}

/** How a socket is opened. */
export interface Opening {
  readonly family: number;
  readonly address: Inet;
  readonly reuseAddress: boolean;
  readonly v6only: boolean;
}

/** What a datagram costs besides its bytes, about as much as on Linux. */
const OVERHEAD = 512;

/** The longest time that a timer can measure, in milliseconds. */
const LONGEST = 0x7fffffff;

interface Sending {
  readonly data: Uint8Array;
  readonly to: Inet;
  done(error: OSError | null): void;
}

/** An open UDP socket. */
export class Datagrams {
  readonly #socket: dgram.Socket;
  readonly #family: number;
  readonly #changed: () => void;
  readonly #received: Datagram[] = [];
  #receivedSize = 0;
  readonly #sending: Sending[] = [];
  #sendingSize = 0;
  #alive: ReturnType<typeof setTimeout> | undefined;

  /** Where it is bound. */
  readonly address: Inet;
  /** Whose datagrams are received; `null` for everybody's. */
  peer: Inet | null = null;
  /** No more than this is received ahead, in bytes. */
  receiveLimit: number;
  /** No more than this waits to be sent, in bytes. */
  sendLimit: number;

  /** Binds at once, or raises an `OSError`. */
  constructor(
    opening: Opening,
    limits: { receive: number; send: number },
    changed: () => void,
  ) {
    const { family, address: [host, port], reuseAddress, v6only } = opening;
    this.#family = family;
    this.#changed = changed;
    this.receiveLimit = limits.receive;
    this.sendLimit = limits.send;
    this.#socket = dgram.createSocket({
      type: family === AF_INET6 ? "udp6" : "udp4",
      reuseAddr: reuseAddress,
      ipv6Only: v6only,
      // Addresses are numeric, or for Deno to resolve: nothing to wait for.
      lookup: (name: string, _options: unknown, found: Found) =>
        found(null, name, family === AF_INET6 ? 6 : 4),
    } as dgram.SocketOptions);
    // Only who waits for datagrams keeps the program alive, not who could.
    this.#socket.unref();
    let failure: unknown = null;
    this.#socket.on("error", (error) => failure = error);
    this.#socket.on("message", (data, from) => this.#onMessage(data, from));
    try {
      this.#socket.bind({ address: host, port });
    } catch (cause) {
      failure = cause;
    }
    if (failure) {
      this.close();
      throw oserror(failure);
    }
    const bound = this.#socket.address();
    this.address = this.#inet(bound.address, bound.port);
  }

  #inet(host: string, port: number): Inet {
    return this.#family === AF_INET6 ? [host, port, 0, 0] : [host, port];
  }

  // Receiving

  #onMessage(data: Uint8Array, from: dgram.RemoteInfo): void {
    const { peer } = this;
    if (peer && (peer[0] !== from.address || peer[1] !== from.port)) return;
    const size = data.length + OVERHEAD;
    if (this.#receivedSize + size > this.receiveLimit) return;
    this.#receivedSize += size;
    this.#received.push({
      // Node's own array is large however little came.
      data: Uint8Array.from(data),
      address: this.#inet(from.address, from.port),
    });
    this.#changed();
  }

  /** The datagram that came first. */
  get first(): Datagram | undefined {
    return this.#received[0];
  }

  /** Gives it up. */
  shift(): void {
    const datagram = this.#received.shift();
    if (datagram) this.#receivedSize -= datagram.data.length + OVERHEAD;
  }

  // Sending

  /** Another datagram can be sent without waiting. */
  get writable(): boolean {
    return this.#sendingSize < this.sendLimit;
  }

  /** Sends a datagram after those that wait already. */
  send(data: Uint8Array, to: Inet): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error: OSError | null) => error ? reject(error) : resolve();
      this.#sending.push({ data, to, done });
      this.#sendingSize += data.length + OVERHEAD;
      // Several at once would overtake each other.
      if (this.#sending.length === 1) this.#next();
    });
  }

  #next(): void {
    const { data, to: [host, port] } = this.#sending[0];
    this.#socket.send(data, port, host, (error) => this.#onSent(error));
  }

  #onSent(error: Error | null): void {
    const { data, to, done } = this.#sending.shift()!;
    const full = !this.writable;
    this.#sendingSize -= data.length + OVERHEAD;
    done(error && sendError(error, data, to));
    if (this.#sending.length > 0) this.#next();
    else if (this.#closing) this.#socket.close();
    if (full) this.#changed();
  }

  #closing = false;

  /** Closes the socket once what waits is sent. */
  close(): void {
    this.waited = false;
    this.#closing = true;
    this.#received.length = 0;
    if (this.#sending.length === 0) this.#socket.close();
  }

  // Options

  /** Somebody waits for datagrams, so the program must go on. */
  set waited(waited: boolean) {
    if (waited) this.#alive ??= setInterval(() => {}, LONGEST);
    else {
      clearInterval(this.#alive);
      this.#alive = undefined;
    }
  }

  /** Calls a method of the socket, with errors mapped. */
  configure(change: (socket: dgram.Socket) => void): void {
    try {
      change(this.#socket);
    } catch (cause) {
      throw oserror(cause);
    }
  }
}

type Found = (error: null, address: string, family: number) => void;

/** Node only tells that the system, or Deno, refused to send. */
function sendError(
  cause: Error,
  data: Uint8Array,
  [host, port]: Inet,
): OSError {
  const { state } = Deno.permissions.querySync({
    name: "net",
    host: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`,
  });
  if (state !== "granted") {
    return new OSError(
      errno.EACCES,
      `Requires net access to "${host}:${port}", run again with the --allow-net flag`,
      { cause },
    );
  }
  if (data.length > 65507) {
    return new OSError(errno.EMSGSIZE, undefined, { cause });
  }
  return new OSError(errno.ENETUNREACH, undefined, { cause });
}
