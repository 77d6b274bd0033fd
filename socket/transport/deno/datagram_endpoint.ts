/**
 * A UDP socket over `node:dgram`, which needs no unstable flag.
 *
 * @module
 */

import type dgram from "node:dgram";
import * as errno from "../../../errno.ts";
import {
  AF_INET6,
  MSG_PEEK,
  MSG_TRUNC,
  SHUT_RD,
  SHUT_WR,
} from "../../constants.ts";
import { gaierror, OSError } from "../../errors.ts";
import { addressFamily } from "../../names/families.ts";
import {
  closeDescriptor,
  openDescriptor,
  sharesOf,
} from "../../descriptors.ts";
import { type Departure, onHandOver } from "../handover.ts";
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLRDHUP,
} from "../../reactor/events.ts";
import type { Watch } from "../../reactor/readiness.ts";
import type {
  ControlMessage,
  Endpoint,
  Leftovers,
  Message,
  Snapshot,
  SocketAddress,
} from "../transport.ts";
import { turn } from "../../reactor/turn.ts";
import { Watchers } from "../../reactor/watchers.ts";
import {
  DATAGRAM_DEFAULTS,
  datagramOptions,
  type DatagramSettings,
} from "./datagram_options.ts";
import { type Datagram, Datagrams } from "./datagrams.ts";
import { checkAncillary, checkReceiveFlags, checkSendFlags } from "./flags.ts";
import { Memberships } from "./memberships.ts";
import {
  fromInternet,
  type InternetAddress,
  localhost,
  loopback,
  toInternet,
  withHost,
} from "../../names/numeric.ts";
import { permitted } from "../../permissions.ts";

/** The most bytes in one datagram over IPv4. */
const LARGEST = 65507;
/** The same over IPv6, whose header doesn't count. */
const LARGEST_V6 = 65527;

/** A UDP socket over Node's module. */
export class DatagramEndpoint implements Endpoint {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  readonly settings: DatagramSettings;
  readonly memberships = new Memberships();
  readonly #watchers = new Watchers();
  #socket: Datagrams | null = null;
  #peer: SocketAddress | null = null;
  /** To be applied as soon as the socket is open. */
  #changes: ((socket: dgram.Socket) => void)[] = [];
  #error: OSError | null = null;
  #closed = false;
  #readable = true;
  #writable = true;

  constructor(
    family: number,
    type: number,
    proto: number,
    settings: Readonly<DatagramSettings> = DATAGRAM_DEFAULTS,
  ) {
    this.family = family;
    this.type = type;
    this.proto = proto;
    this.settings = { ...settings };
  }

  // Readiness

  /** As {@linkcode Endpoint.readiness}. */
  get readiness(): number {
    if (this.#closed) return POLLNVAL;
    let events = 0;
    if (this.#socket?.first) events |= POLLIN;
    if (this.#socket?.writable ?? true) events |= POLLOUT;
    if (this.#error) events |= POLLERR;
    if (!this.#readable) events |= POLLIN | POLLRDHUP;
    if (!this.#readable && !this.#writable) events |= POLLHUP;
    return events;
  }

  /** A call waits for it. */
  get busy(): boolean {
    return this.#watchers.calls > 0;
  }

  /** Begins to wake a watch. */
  watch(watch: Watch): void {
    this.#watchers.add(watch);
    this.#keepAlive();
  }

  /** Stops to wake a watch. */
  unwatch(watch: Watch): void {
    this.#watchers.delete(watch);
    this.#keepAlive();
  }

  /** Receiving ahead keeps the process alive only while a call waits. */
  #keepAlive(): void {
    if (!this.#socket || this.#closed) return;
    this.#socket.awaited = this.#watchers.calls > 0;
  }

  /** Gives the system one turn to bring what it has. */
  settle(): Promise<void> {
    return turn();
  }

  #update(): void {
    if (this.#watchers.size > 0) this.#watchers.wake(this.readiness);
  }

  /** Keeps an error for the next call. */
  #fail(error: OSError): void {
    this.#error = error;
    this.#update();
  }

  // Addresses

  /** Binds to an address. */
  bind(address: SocketAddress): void {
    this.#check();
    if (this.#socket) throw new OSError(errno.EINVAL);
    this.#open(toInternet(address));
  }

  /** The socket, bound to a port that the system chooses if it isn't yet. */
  #opened(to: SocketAddress): Datagrams {
    return this.#socket ?? this.#open(this.#origin(to));
  }

  /** The address to send from: a permission may be for the loopback only. */
  #origin(to: SocketAddress): InternetAddress {
    const any = this.#unbound;
    const own = loopback(toInternet(to)[0]);
    const least = own !== null && !permitted(any[0], 0) && permitted(own, 0);
    return least ? withHost(any, own) : any;
  }

  get #unbound(): InternetAddress {
    return toInternet(addressFamily(this.family).unbound);
  }

  #open(address: InternetAddress): Datagrams {
    const socket = this.#bound(address);
    try {
      for (const change of this.#changes) socket.configure(change);
    } catch (error) {
      socket.close();
      throw error;
    }
    this.#changes = [];
    this.#socket = socket;
    this.#keepAlive();
    return socket;
  }

  #bound(address: InternetAddress): Datagrams {
    const { family, settings } = this;
    try {
      return new Datagrams(
        family,
        address,
        settings,
        { changed: () => this.#update(), failed: (error) => this.#fail(error) },
      );
    } catch (error) {
      // Deno takes the first address that a name has, of whatever family.
      const named = address[0] === "localhost" && error instanceof gaierror;
      if (!named) throw error;
      return this.#bound(withHost(address, localhost(family)));
    }
  }

  /** Names the only peer; that is all there is to do. */
  connect(address: SocketAddress): boolean {
    this.#check();
    const to = toInternet(address);
    // No socket has the wildcard address: Linux takes the loopback instead.
    const peer = to[0] === this.#unbound[0]
      ? fromInternet(withHost(to, localhost(this.family)))
      : address;
    this.#checkBroadcast(peer);
    this.#opened(peer).peer = this.#peer = peer;
    return true;
  }

  /** Datagrams don't listen. */
  listen(): never {
    this.#check();
    throw new OSError(errno.EOPNOTSUPP);
  }

  /** Nor do they accept. */
  accept(): never {
    this.#check();
    throw new OSError(errno.EOPNOTSUPP);
  }

  /** The own address. */
  getsockname(): SocketAddress {
    this.#check();
    const any = this.#unbound;
    const address = this.#socket?.address ?? any;
    // A connected socket has one address, though Deno doesn't always tell it.
    const own = this.#peer && address[0] === any[0]
      ? loopback(toInternet(this.#peer)[0])
      : null;
    return fromInternet(own === null ? address : withHost(address, own));
  }

  /** The peer's address. */
  getpeername(): SocketAddress {
    this.#check();
    if (!this.#peer) throw new OSError(errno.ENOTCONN);
    return this.#peer;
  }

  // Receiving

  /** The next datagram, cut to `count` bytes. */
  receiveMessage(count: number, flags: number): Message | undefined {
    checkReceiveFlags(flags);
    this.#check();
    this.#raise();
    const datagram = this.#socket?.first;
    if (!datagram) {
      return this.#readable ? undefined : NOTHING;
    }
    const { data, address } = datagram;
    if (!(flags & MSG_PEEK)) this.#socket!.shift();
    return data.length > count
      ? { data: data.slice(0, count), address, flags: MSG_TRUNC }
      : { data: flags & MSG_PEEK ? data.slice() : data, address, flags: 0 };
  }

  /** The bytes of the next datagram. */
  recv(count: number, flags: number): Uint8Array<ArrayBuffer> | undefined {
    return this.receiveMessage(count, flags)?.data;
  }

  /** Puts them into `buffer`. */
  recvInto(buffer: Uint8Array<ArrayBuffer>, flags: number): number | undefined {
    const message = this.receiveMessage(buffer.length, flags);
    if (!message) return undefined;
    buffer.set(message.data);
    return message.data.length;
  }

  // Sending

  /** Sends a datagram to the peer. */
  send(data: Uint8Array<ArrayBuffer>, flags: number): number | undefined {
    return this.sendMessage(data, flags, null);
  }

  /** Sends a datagram; how it ended, the next call tells. */
  sendMessage(
    data: Uint8Array<ArrayBuffer>,
    flags: number,
    address: SocketAddress | null,
    ancillary: readonly ControlMessage[] = [],
  ): number | undefined {
    checkSendFlags(flags);
    checkAncillary(ancillary);
    const to = address ?? this.#destination();
    this.#checkSend(data, to);
    const socket = this.#opened(to);
    if (!socket.writable) return undefined;
    socket.send(data, toInternet(to)).catch((error) => this.#fail(error));
    return data.length;
  }

  /** Sends a datagram to the peer, and waits until the system took it. */
  write(data: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.writeMessage(data, this.#destination());
  }

  /** Sends a datagram, and waits until the system took it. */
  async writeMessage(
    data: Uint8Array<ArrayBuffer>,
    address: SocketAddress,
  ): Promise<void> {
    this.#checkSend(data, address);
    await this.#opened(address).send(data, toInternet(address));
  }

  get #longest(): number {
    return this.family === AF_INET6 ? LARGEST_V6 : LARGEST;
  }

  #destination(): SocketAddress {
    this.#check();
    if (!this.#peer) throw new OSError(errno.EDESTADDRREQ);
    return this.#peer;
  }

  #checkSend(data: Uint8Array, to: SocketAddress): void {
    this.#check();
    this.#raise();
    if (!this.#writable) throw new OSError(errno.EPIPE);
    if (data.length > this.#longest) throw new OSError(errno.EMSGSIZE);
    if (toInternet(to)[1] === 0) throw new OSError(errno.EINVAL);
    this.#checkBroadcast(to);
  }

  /** Node would only tell that the call failed. */
  #checkBroadcast(to: SocketAddress): void {
    const everywhere = toInternet(to)[0] === "255.255.255.255";
    if (everywhere && this.settings.broadcast === 0) {
      throw new OSError(errno.EACCES);
    }
  }

  // Other threads

  /** As {@linkcode Endpoint.snapshot}. */
  snapshot(): Snapshot {
    return {
      phase: "new",
      sockname: this.getsockname(),
      peername: this.#peer,
      writeEnded: !this.#writable,
      longest: this.#longest,
    };
  }

  /** A socket that nothing was done with is made anew. */
  depart(fd: number): Departure | null {
    const used = this.#socket !== null || this.#peer !== null ||
      this.#changes.length > 0;
    if (used || sharesOf(fd) > 1) return null;
    const { family, type, proto, settings } = this;
    return {
      kind: "datagrams",
      message: [family, type, proto, settings],
      send: () => closeDescriptor(fd),
    };
  }

  static {
    onHandOver(
      "datagrams",
      (made: ConstructorParameters<typeof DatagramEndpoint>) =>
        openDescriptor(new DatagramEndpoint(...made)),
    );
  }

  /** Takes over what a thread left that had borrowed it. */
  resume({ messages, error, unsent }: Leftovers): void {
    this.#error ??= error as OSError | null;
    this.#socket?.unshift(messages as readonly Datagram[]);
    for (const item of unsent) {
      if ("how" in item) this.shutdown(item.how);
      else this.#resend(item.data, item.address);
    }
    this.#update();
  }

  #resend(data: Uint8Array, address: SocketAddress | null): void {
    const to = address ?? this.#peer;
    if (to === null) return;
    this.#opened(to).send(data, toInternet(to))
      .catch((error) => this.#error = error);
  }

  // The end

  /** Closes one way or both, as far as there is a peer. */
  shutdown(how: number): void {
    this.#check();
    if (!this.#peer) throw new OSError(errno.ENOTCONN);
    if (how !== SHUT_WR) this.#readable = false;
    if (how !== SHUT_RD) this.#writable = false;
    this.#update();
  }

  /** Closes the socket; what was sent still leaves. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket?.close();
    this.#update();
  }

  #check(): void {
    if (this.#closed) throw new OSError(errno.EBADF);
  }

  // Options

  /** Reads an option. */
  getsockopt(
    level: number,
    name: number,
    _size: number,
  ): number | Uint8Array<ArrayBuffer> {
    this.#check();
    return datagramOptions(this.family).get(this, level, name);
  }

  /** Sets an option. */
  setsockopt(
    level: number,
    name: number,
    value: number | Uint8Array<ArrayBuffer>,
  ): void {
    this.#check();
    datagramOptions(this.family).set(this, level, name, value);
  }

  /** It has an address. */
  get bound(): boolean {
    return this.#socket !== null;
  }

  /** Changes the socket, or keeps the change for later. */
  configure(change: (socket: dgram.Socket) => void): void {
    if (this.#socket) this.#socket.configure(change);
    else this.#changes.push(change);
  }

  /** Has changed limits noticed: there may be room now. */
  applyLimits(): void {
    this.#update();
  }

  /** Fetches the error that no call has reported yet. */
  takeError(): OSError | null {
    const error = this.#error;
    this.#error = null;
    return error;
  }

  #raise(): void {
    const error = this.takeError();
    if (error) throw error;
  }
}

const NOTHING: Message = {
  data: new Uint8Array(0),
  address: null,
  flags: 0,
  end: true,
};
