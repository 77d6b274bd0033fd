/**
 * A UDP socket over `node:dgram`, which needs no unstable flag.
 *
 * @module
 */

import type dgram from "node:dgram";
import * as errno from "../../../errno.ts";
import * as c from "../../constants.ts";
import { gaierror, OSError } from "../../errors.ts";
import { addressFamily } from "../../names/families.ts";
import {
  fromInternet,
  type InternetAddress,
  localhost,
  loopback,
  toInternet,
  withHost,
} from "../../names/numeric.ts";
import { permitted } from "../../permissions.ts";
import { turn } from "../../reactor/turn.ts";
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLRDHUP,
} from "../../reactor/events.ts";
import type {
  ControlMessage,
  Endpoint,
  Leftovers,
  Message,
  Snapshot,
  SocketAddress,
} from "../transport.ts";
import {
  DATAGRAM_DEFAULTS,
  datagramOptions,
  type DatagramSettings,
} from "./datagram_options.ts";
import { type Datagram, Datagrams } from "./datagrams.ts";
import { checkAncillary, checkReceiveFlags, checkSendFlags } from "./flags.ts";
import { DenoEndpoint } from "./endpoint.ts";
import { Memberships } from "./memberships.ts";
import type { OptionTable } from "./option_table.ts";

/** The longest datagram, in bytes. */
const LONGEST = 65507;
/** IPv6 doesn't count its header. */
const LONGEST_V6 = 65527;

/** The message of a socket that was shut down. */
const NOTHING: Message = {
  data: new Uint8Array(0),
  address: null,
  flags: 0,
  end: true,
};

/** A UDP socket over Node's module. */
export class DatagramEndpoint extends DenoEndpoint implements Endpoint {
  readonly settings: DatagramSettings = { ...DATAGRAM_DEFAULTS };
  readonly memberships = new Memberships();
  readonly #socket = new Datagrams(
    this.family,
    this.settings,
    () => this.#update(),
    (error) => this.#fail(error),
  );
  /** The system's socket was changed, or will be. */
  #configured = false;
  #readable = true;
  #writable = true;

  // Readiness

  get readiness(): number {
    if (this.closed) return POLLNVAL;
    let events = 0;
    if (this.#socket.first) events |= POLLIN;
    if (this.#socket.writable) events |= POLLOUT;
    if (this.error) events |= POLLERR;
    if (!this.#readable) events |= POLLIN | POLLRDHUP;
    if (!this.#readable && !this.#writable) events |= POLLHUP;
    return events;
  }

  /** Also without an address, which `sendto()` may still give it. */
  protected get ahead(): Datagrams | null {
    return this.closed ? null : this.#socket;
  }

  settle(): Promise<void> {
    return turn();
  }

  #update(): void {
    if (this.watchers.size > 0) this.watchers.wake(this.readiness);
  }

  #fail(error: OSError): void {
    this.error = error;
    this.#update();
  }

  // Addresses

  bind(address: SocketAddress): void {
    this.check();
    if (this.bound) throw new OSError(errno.EINVAL);
    this.#open(toInternet(address));
  }

  /** The socket, bound to a port that the system chooses if it isn't yet. */
  #opened(to: SocketAddress): Datagrams {
    if (!this.bound) this.#open(this.#origin(to));
    return this.#socket;
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

  #open(address: InternetAddress): void {
    try {
      this.#socket.open(address);
    } catch (error) {
      // Deno takes the first address that a name has, of whatever family.
      const named = address[0] === "localhost" && error instanceof gaierror;
      if (!named) throw error;
      this.#socket.open(withHost(address, localhost(this.family)));
    }
  }

  connect(address: SocketAddress): boolean {
    this.check();
    const to = toInternet(address);
    // No socket has the wildcard address: Linux takes the loopback instead.
    const peer = to[0] === this.#unbound[0]
      ? fromInternet(withHost(to, localhost(this.family)))
      : address;
    this.#checkBroadcast(peer);
    this.#opened(peer).peer = peer;
    return true;
  }

  listen(): never {
    return this.accept();
  }

  accept(): never {
    this.check();
    throw new OSError(errno.EOPNOTSUPP);
  }

  getsockname(): SocketAddress {
    this.check();
    const any = this.#unbound;
    const { peer } = this.#socket;
    const address = this.#socket.address ?? any;
    // A connected socket has one address, though Deno doesn't always tell it.
    const own = peer && address[0] === any[0]
      ? loopback(toInternet(peer)[0])
      : null;
    return fromInternet(own === null ? address : withHost(address, own));
  }

  getpeername(): SocketAddress {
    this.check();
    if (!this.#socket.peer) throw new OSError(errno.ENOTCONN);
    return this.#socket.peer;
  }

  // Receiving

  receiveMessage(count: number, flags: number): Message | undefined {
    checkReceiveFlags(flags);
    this.check();
    this.#raise();
    const datagram = this.#socket.first;
    if (!datagram) return this.#readable ? undefined : NOTHING;
    const { data, address } = datagram;
    if (!(flags & c.MSG_PEEK)) this.#socket.shift();
    return data.length > count
      ? { data: data.slice(0, count), address, flags: c.MSG_TRUNC }
      : { data: flags & c.MSG_PEEK ? data.slice() : data, address, flags: 0 };
  }

  recv(count: number, flags: number): Uint8Array<ArrayBuffer> | undefined {
    return this.receiveMessage(count, flags)?.data;
  }

  recvInto(buffer: Uint8Array<ArrayBuffer>, flags: number): number | undefined {
    const message = this.receiveMessage(buffer.length, flags);
    if (!message) return undefined;
    buffer.set(message.data);
    return message.data.length;
  }

  // Sending

  send(data: Uint8Array<ArrayBuffer>, flags: number): number | undefined {
    return this.sendMessage(data, flags, null);
  }

  /** Sends a datagram; the next call raises the error if that fails. */
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

  write(data: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.writeMessage(data, this.#destination());
  }

  async writeMessage(
    data: Uint8Array<ArrayBuffer>,
    address: SocketAddress,
  ): Promise<void> {
    this.#checkSend(data, address);
    await this.#opened(address).send(data, toInternet(address));
  }

  get #longest(): number {
    return this.family === c.AF_INET6 ? LONGEST_V6 : LONGEST;
  }

  #destination(): SocketAddress {
    this.check();
    if (!this.#socket.peer) throw new OSError(errno.EDESTADDRREQ);
    return this.#socket.peer;
  }

  #checkSend(data: Uint8Array, to: SocketAddress): void {
    this.check();
    this.#raise();
    if (!this.#writable) throw new OSError(errno.EPIPE);
    if (data.length > this.#longest) throw new OSError(errno.EMSGSIZE);
    if (toInternet(to)[1] === 0) throw new OSError(errno.EINVAL);
    this.#checkBroadcast(to);
  }

  /** Checked here because Node's error doesn't name the reason. */
  #checkBroadcast(to: SocketAddress): void {
    const everywhere = toInternet(to)[0] === "255.255.255.255";
    if (everywhere && this.settings.broadcast === 0) {
      throw new OSError(errno.EACCES);
    }
  }

  // Other threads

  snapshot(): Snapshot {
    return {
      phase: "new",
      sockname: this.getsockname(),
      peername: this.#socket.peer,
      writeEnded: !this.#writable,
      longest: this.#longest,
    };
  }

  protected get used(): boolean {
    return this.bound || this.#configured;
  }

  resume({ messages, error, unsent }: Leftovers): void {
    this.error ??= error as OSError | null;
    this.#socket.unshift(messages as readonly Datagram[]);
    for (const item of unsent) {
      if ("how" in item) this.shutdown(item.how);
      else this.#resend(item.data, item.address);
    }
    this.#update();
  }

  #resend(data: Uint8Array, address: SocketAddress | null): void {
    const to = address ?? this.#socket.peer;
    if (to === null) return;
    this.#opened(to).send(data, toInternet(to)).catch((error) =>
      this.error = error
    );
  }

  // The end

  shutdown(how: number): void {
    this.check();
    if (!this.#socket.peer) throw new OSError(errno.ENOTCONN);
    if (how !== c.SHUT_WR) this.#readable = false;
    if (how !== c.SHUT_RD) this.#writable = false;
    this.#update();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#socket.close();
    this.#update();
  }

  // Options

  protected get options(): OptionTable<this> {
    return datagramOptions(this.family);
  }

  /** It has an address. */
  get bound(): boolean {
    return this.#socket.address !== null;
  }

  /** Changes the socket now, or as soon as it is open. */
  configure(change: (socket: dgram.Socket) => void): void {
    this.#socket.configure(change);
    this.#configured = true;
  }

  /** A larger limit may have made room. */
  applySettings(): void {
    this.#update();
  }

  #raise(): void {
    const error = this.takeError();
    if (error) throw error;
  }
}
