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
import { pton4, pton6 } from "../../names/inet.ts";
import { gaiError } from "../../names/lookup_errors.ts";
import {
  fromInternet,
  inScope,
  type InternetAddress,
  scopedHost,
  toInternet,
} from "../../names/numeric.ts";
import { hostPort, permissionError, permitted } from "../../permissions.ts";
import type { SocketAddress } from "../transport.ts";
import { oserror } from "../../oserror.ts";
import { raise } from "../../stack.ts";
import { hold, release } from "../../reactor/alive.ts";
import type { DatagramSettings } from "./datagram_options.ts";
import { recordClosing, takeClosing } from "./ports.ts";
import { isTaken } from "./probe.ts";

/** A datagram and its sender. */
export interface Datagram {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly address: SocketAddress;
}

/** How many milliseconds a new socket waits for an address that is being freed. */
const TRIES = 100;

/** The size of a queued datagram besides its bytes, about as on Linux. */
const OVERHEAD = 512;

interface Sending {
  readonly data: Uint8Array;
  readonly to: InternetAddress;
  done(error: OSError | null): void;
}

/** A UDP socket, which is opened once and then closed. */
export class Datagrams {
  /** `null` before it is open, also while a closed one holds its address. */
  #socket: dgram.Socket | null = null;
  readonly #family: number;
  readonly #settings: Readonly<DatagramSettings>;
  readonly #changed: () => void;
  readonly #failed: (error: OSError) => void;
  readonly #received: Datagram[] = [];
  #receivedSize = 0;
  readonly #sending: Sending[] = [];
  #sendingSize = 0;
  #awaited = false;
  #closing = false;
  /** Changes of the system's socket, to be made once it is open. */
  readonly #changes: ((socket: dgram.Socket) => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The error of opening it. */
  #failure: OSError | null = null;

  /** The address that it is bound to. */
  address: InternetAddress | null = null;
  /** The only sender whose datagrams are received, if there is one. */
  peer: SocketAddress | null = null;

  /**
   * @param changed A datagram has come, or there is room for one.
   * @param failed The socket couldn't be opened after all.
   */
  constructor(
    family: number,
    settings: Readonly<DatagramSettings>,
    changed: () => void,
    failed: (error: OSError) => void,
  ) {
    this.#family = family;
    this.#settings = settings;
    this.#changed = changed;
    this.#failed = failed;
  }

  /** Binds to an address at once, or raises an `OSError`. */
  open(wanted: InternetAddress): void {
    try {
      const { address, port } = this.#bind(wanted).address();
      this.address = inScope(this.#family, address, port, wanted[3]);
    } catch (error) {
      if (!isTaken(error) || !takeClosing(wanted[0], wanted[1])) throw error;
      this.address = wanted;
      this.#retry(TRIES);
    }
  }

  #bind(address: InternetAddress): dgram.Socket {
    const family = this.#family;
    const socket = dgram.createSocket({
      type: family === AF_INET6 ? "udp6" : "udp4",
      reuseAddr: this.#settings.reuseAddress,
      ipv6Only: this.#settings.v6only,
      // Addresses are numeric, or Deno resolves them: no lookup is needed.
      lookup: (name: string, _options: unknown, found: Found) =>
        found(null, name, family === AF_INET6 ? 6 : 4),
    } as dgram.SocketOptions);
    // Only a call that waits keeps the process alive: see `awaited`.
    socket.unref();
    let failure: unknown = null;
    socket.on("error", (error) => failure = error);
    socket.on("message", (data, from) => this.#onMessage(data, from));
    try {
      socket.bind({ address: scopedHost(address), port: address[1] });
      if (failure) throw bindError(failure, address);
      // Deno takes the first address that a name has, of whatever family.
      if (socket.address().address.includes(":") !== (family === AF_INET6)) {
        throw gaiError(EAI_ADDRFAMILY);
      }
      for (const change of this.#changes) change(socket);
    } catch (cause) {
      socket.close();
      throw oserror(cause);
    }
    this.#changes.length = 0;
    return this.#socket = socket;
  }

  /** Opens it once the address is free, which takes a turn of the event loop. */
  #retry(tries: number): void {
    this.#timer = setTimeout(() => {
      try {
        this.#bind(this.address!);
        if (this.#sending.length > 0) this.#next();
        else if (this.#closing) this.#free();
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
    this.#failed(error);
  }

  // Receiving

  #onMessage(data: Uint8Array, from: dgram.RemoteInfo): void {
    const { peer } = this;
    const family = this.#family;
    // The scope of a sender is the one of this socket or of its peer.
    const scope = this.address?.[3] || (peer && toInternet(peer)[3]);
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
    this.#changed();
  }

  /** The datagram that came first. */
  get first(): Datagram | undefined {
    return this.#received[0];
  }

  /** Drops it. */
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
    else if (this.#closing) this.#free();
    if (full) this.#changed();
  }

  /** Node doesn't tell why the system, or Deno, refused to send. */
  #sendError(cause: Error, [host, port]: InternetAddress): OSError {
    if (!permitted(host, port)) {
      return permissionError("net", `"${hostPort(host, port)}"`, cause);
    }
    const { code } = cause as { code?: unknown };
    if (code !== "UNKNOWN") return oserror(cause);
    // Most likely the broadcast address of a network.
    const refused = this.#settings.broadcast === 0 && host.endsWith(".255");
    return new OSError(refused ? errno.EACCES : errno.ENETUNREACH, undefined, {
      cause,
    });
  }

  /** Closes the socket once all datagrams are sent. */
  close(): void {
    this.awaited = false;
    this.#closing = true;
    this.#received.length = 0;
    if (this.#sending.length === 0) this.#free();
  }

  #free(): void {
    if (!this.address) return;
    clearTimeout(this.#timer);
    // Also if it never got the address, so that the next socket waits for it.
    recordClosing(this.address[0], this.address[1]);
    this.#socket?.close();
  }

  // Options

  /** A call waits for datagrams, and keeps the process alive. */
  set awaited(awaited: boolean) {
    if (awaited === this.#awaited) return;
    this.#awaited = awaited;
    if (awaited) hold();
    else release();
  }

  /** Calls a method of the socket, with errors mapped. */
  configure(change: (socket: dgram.Socket) => void): void {
    try {
      if (this.#socket) change(this.#socket);
      else this.#changes.push(change);
    } catch (cause) {
      throw oserror(cause);
    }
  }
}

type Found = (error: null, address: string, family: number) => void;

/** Node has no code for a host, or an interface, that can't be found. */
function bindError(
  cause: unknown,
  [host, , , scope]: InternetAddress,
): OSError {
  const { code } = cause as { code?: unknown };
  if (code !== "UNKNOWN") return oserror(cause);
  const numeric = pton4(host) ?? pton6(host);
  if (numeric === null) return gaiError(EAI_NONAME, cause);
  return scope
    ? new OSError(errno.ENODEV, undefined, { cause })
    : oserror(cause);
}
