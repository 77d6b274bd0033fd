/**
 * A UDP socket of `node:dgram`: datagrams received ahead into a bounded queue,
 * and sent one after the other.
 *
 * @module
 */

import dgram from "node:dgram";
import * as errno from "../../../errno.ts";
import { AF_INET6, EAI_ADDRFAMILY, EAI_NONAME } from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { addressFamily } from "../../names/families.ts";
import { pton4 } from "../../names/inet.ts";
import { gaiError } from "../../names/lookup_errors.ts";
import {
  fromInternet,
  inScope,
  type InternetAddress,
  scopedHost,
  toInternet,
} from "../../names/numeric.ts";
import type { SocketAddress } from "../transport.ts";
import { oserror } from "../../oserror.ts";
import { raise } from "../../stack.ts";
import { hold, release } from "../../reactor/alive.ts";
import { leave, succeed } from "./leaving.ts";
import { hostPort, permissionError, permitted } from "../../permissions.ts";

/** A datagram and its sender. */
export interface Datagram {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly address: SocketAddress;
}

/** The settings of a socket. The first two count when it is opened. */
export interface Settings {
  /** Others may bind to the same address. */
  readonly reuseAddress: boolean;
  /** IPv4 stays out of an IPv6 socket. */
  readonly v6only: boolean;
  /** No more than this is received ahead, in bytes. */
  readonly receive: number;
  /** No more than this waits to be sent, in bytes. */
  readonly send: number;
  /** Datagrams may go to whole networks, unless it is 0. */
  readonly broadcast: number;
}

/** The user of an open socket. */
export interface Listener {
  /** A datagram has come, or there is room for one. */
  changed(): void;
  /** The socket couldn't be opened after all. */
  failed(error: OSError): void;
}

/** Attempts to bind to the address of a socket that closes, one a millisecond. */
const TRIES = 100;

/** Bytes that count for a datagram besides its own, about as on Linux. */
const OVERHEAD = 512;

interface Sending {
  readonly data: Uint8Array;
  readonly to: InternetAddress;
  done(error: OSError | null): void;
}

/** An open UDP socket. */
export class Datagrams {
  /** `null` as long as another one that closes has the address. */
  #socket: dgram.Socket | null = null;
  readonly #family: number;
  readonly #settings: Settings;
  readonly #listener: Listener;
  readonly #received: Datagram[] = [];
  #receivedSize = 0;
  readonly #sending: Sending[] = [];
  #sendingSize = 0;
  #awaited = false;
  #closing = false;
  /** To be applied once the socket is open. */
  #changes: ((socket: dgram.Socket) => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Why it couldn't be opened. */
  #failure: OSError | null = null;

  /** The address that it is bound to. */
  readonly address: InternetAddress;
  /** The only sender whose datagrams are received; `null` for all. */
  peer: SocketAddress | null = null;

  /** Binds at once, or raises an `OSError`. */
  constructor(
    family: number,
    wanted: InternetAddress,
    settings: Settings,
    listener: Listener,
  ) {
    this.#family = family;
    this.#settings = settings;
    this.#listener = listener;
    try {
      this.#socket = this.#bind(wanted);
      const { address, port } = this.#socket.address();
      this.address = inScope(family, address, port, wanted[3]);
    } catch (error) {
      if (!isTaken(error) || !succeed(wanted[0], wanted[1])) throw error;
      this.address = wanted;
      this.#retry(TRIES);
    }
  }

  /** A new socket, bound to an address. */
  #bind(address: InternetAddress): dgram.Socket {
    const family = this.#family;
    const [host, port] = address;
    const socket = dgram.createSocket({
      type: family === AF_INET6 ? "udp6" : "udp4",
      reuseAddr: this.#settings.reuseAddress,
      ipv6Only: this.#settings.v6only,
      // Addresses are numeric, or for Deno to resolve: nothing to wait for.
      lookup: (name: string, _options: unknown, found: Found) =>
        found(null, name, family === AF_INET6 ? 6 : 4),
    } as dgram.SocketOptions);
    // Only a call that waits for datagrams keeps the program alive.
    socket.unref();
    let failure: unknown = null;
    socket.on("error", (error) => failure = error);
    socket.on("message", (data, from) => this.#onMessage(data, from));
    try {
      socket.bind({ address: scopedHost(address), port });
      if (failure) throw bindError(failure, host);
      // Deno takes the first address that a name has, of whatever family.
      if (socket.address().address.includes(":") !== (family === AF_INET6)) {
        throw gaiError(EAI_ADDRFAMILY);
      }
      return socket;
    } catch (cause) {
      socket.close();
      throw oserror(cause);
    }
  }

  /** Opens it once the event loop has turned, and the address is free. */
  #retry(tries: number): void {
    this.#timer = setTimeout(() => {
      try {
        const socket = this.#bind(this.address);
        this.#socket = socket;
        for (const change of this.#changes.splice(0)) change(socket);
        if (this.#sending.length > 0) this.#next();
        else if (this.#closing) this.#leave();
      } catch (error) {
        if (isTaken(error) && tries > 0) this.#retry(tries - 1);
        else this.#fail(oserror(error));
      }
    }, 1);
  }

  #fail(error: OSError): void {
    this.#failure = error;
    for (const { done } of this.#sending.splice(0)) done(error);
    this.#sendingSize = 0;
    this.#listener.failed(error);
  }

  // Receiving

  #onMessage(data: Uint8Array, from: dgram.RemoteInfo): void {
    const { peer } = this;
    const family = this.#family;
    // The scope of a sender is the one of this socket or of its peer.
    const scope = this.address[3] || (peer && toInternet(peer)[3]);
    const address = fromInternet(
      inScope(family, from.address, from.port, scope),
    );
    if (peer && !addressFamily(family).equals(peer, address)) return;
    // The last one may be too large, or it would never fit.
    if (this.#receivedSize > this.#settings.receive) return;
    this.#receivedSize += data.length + OVERHEAD;
    this.#received.push({
      // Node's own array is large however little came.
      data: new Uint8Array(data),
      address,
    });
    this.#listener.changed();
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

  /** Puts datagrams in front of all others. */
  unshift(datagrams: readonly Datagram[]): void {
    this.#received.unshift(...datagrams);
    for (const { data } of datagrams) {
      this.#receivedSize += data.length + OVERHEAD;
    }
  }

  // Sending

  /** Another datagram can be sent without waiting. */
  get writable(): boolean {
    return this.#sendingSize < this.#settings.send;
  }

  /** Sends a datagram after those that wait already. */
  send(data: Uint8Array, to: InternetAddress): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve) => {
      const done = (error: OSError | null) =>
        resolve(error ? raise(error) : undefined);
      // Several at once would overtake each other. Node looks at the bytes
      // after the call only, when the caller may have changed or detached them.
      const first = this.#sending.length === 0;
      this.#sending.push({ data: data.slice(), to, done });
      this.#sendingSize += data.length + OVERHEAD;
      if (first && this.#socket) this.#next();
    });
  }

  #next(): void {
    const { data, to } = this.#sending[0]!;
    const host = scopedHost(to);
    this.#socket!.send(data, to[1], host, (error) => this.#onSent(error));
  }

  #onSent(error: Error | null): void {
    const { data, to, done } = this.#sending.shift()!;
    const full = !this.writable;
    this.#sendingSize -= data.length + OVERHEAD;
    done(error && this.#sendError(error, to));
    if (this.#sending.length > 0) this.#next();
    else if (this.#closing) this.#leave();
    if (full) this.#listener.changed();
  }

  /** Node only tells that the system, or Deno, refused to send. */
  #sendError(cause: Error, [host, port]: InternetAddress): OSError {
    if (!permitted(host, port)) {
      return permissionError("net", `"${hostPort(host, port)}"`, cause);
    }
    const { code } = cause as { code?: unknown };
    if (code !== "UNKNOWN") return oserror(cause);
    // The last address of a network stands for all of it.
    const refused = this.#settings.broadcast === 0 && host.endsWith(".255");
    return new OSError(refused ? errno.EACCES : errno.ENETUNREACH, undefined, {
      cause,
    });
  }

  /** Closes the socket once what waits is sent. */
  close(): void {
    this.awaited = false;
    this.#closing = true;
    this.#received.length = 0;
    if (this.#sending.length === 0) this.#leave();
  }

  #leave(): void {
    clearTimeout(this.#timer);
    const [host, port] = this.address;
    leave(host, port);
    this.#socket?.close();
  }

  // Options

  /** A call waits for datagrams, so the program must go on. */
  set awaited(awaited: boolean) {
    if (awaited === this.#awaited) return;
    this.#awaited = awaited;
    if (awaited) hold();
    else release();
  }

  /** Calls a method of the socket, with errors mapped. */
  configure(change: (socket: dgram.Socket) => void): void {
    if (!this.#socket) {
      this.#changes.push(change);
      return;
    }
    try {
      change(this.#socket);
    } catch (cause) {
      throw oserror(cause);
    }
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof OSError && error.errno === errno.EADDRINUSE;
}

type Found = (error: null, address: string, family: number) => void;

/** Node has no code for a host that can't be found. */
function bindError(cause: unknown, host: string): OSError {
  const { code } = cause as { code?: unknown };
  const named = !host.includes(":") && !pton4(host);
  return code === "UNKNOWN" && named
    ? gaiError(EAI_NONAME, cause)
    : oserror(cause);
}
