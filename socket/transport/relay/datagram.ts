/**
 * A datagram socket that stays in another thread.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { MSG_PEEK, MSG_TRUNC, SHUT_RD, SHUT_WR } from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { checkReceiveFlags, checkSendFlags } from "../flags.ts";
import {
  type Message,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLRDHUP,
  type SocketAddress,
} from "../transport.ts";
import { RelayEndpoint } from "./base.ts";
import * as r from "./records.ts";
import type { State } from "./state.ts";
import type { Returned, Unread } from "./terms.ts";

/** What fits into one datagram. */
const LARGEST = 65507;

interface Waiting {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly address: SocketAddress | null;
  /** What it takes on its way, in bytes. */
  readonly size: number;
}

/** A datagram socket that stays in another thread. */
export class RelayDatagrams extends RelayEndpoint {
  readonly #waiting: Waiting[] = [];
  /** A peer was named, and the other half hasn't said yet that it is the peer. */
  #connecting = false;

  protected override hear(op: number, payload: Uint8Array): void {
    if (op === r.DATAGRAM) {
      const [address, data] = r.decodeDatagram(payload);
      this.#waiting.push({ data, address, size: payload.length });
    } else if (op === r.CONNECTED) {
      const { sockname, peername } = r.decode<State>(payload);
      Object.assign(this.state, { sockname, peername });
      this.#connecting = false;
    } else if (op === r.END) this.state.inEnded = true;
    else if (op === r.FAILED) {
      this.error = r.told(r.decode(payload));
      this.replenish();
    }
  }

  /** Only what others might want too. */
  protected override get asks(): boolean {
    return this.state.shared;
  }

  /** What is true now. */
  override get readiness(): number {
    if (this.closed) return POLLNVAL;
    const { inEnded, outEnded, room } = this.state;
    let events = 0;
    if (this.#waiting.length > 0) events |= POLLIN;
    if (room > 0 && !this.#connecting) events |= POLLOUT;
    if (this.error) events |= POLLERR;
    if (inEnded) events |= POLLIN | POLLRDHUP;
    if (inEnded && outEnded) events |= POLLHUP;
    return events;
  }

  /** Datagrams don't listen. */
  override listen(): never {
    this.check();
    throw new OSError(errno.EOPNOTSUPP);
  }

  /** Nor do they accept. */
  override accept(): never {
    return this.listen();
  }

  /** Names the only peer. */
  override connect(address: SocketAddress, name?: string): boolean {
    this.check();
    if (this.line.call) {
      this.call("connect", [address, name]);
      return true;
    }
    if (this.#connecting) throw new OSError(errno.EALREADY);
    this.#raise();
    if (this.state.broken) throw new OSError(errno.ECONNRESET);
    this.#connecting = true;
    this.line.send(r.CONNECT, 0, r.encode([address, name]));
    return false;
  }

  override lost(): void {
    this.#connecting = false;
    super.lost();
  }

  /** The next datagram, cut to `count` bytes. */
  override receiveMessage(count: number, flags: number): Message | undefined {
    checkReceiveFlags(flags);
    this.check();
    this.#raise();
    const [first] = this.#waiting;
    if (!first) return this.state.inEnded ? NOTHING : undefined;
    if (!(flags & MSG_PEEK)) {
      this.#waiting.shift();
      this.took(first.size);
      this.replenish();
    }
    const { data, address } = first;
    return data.length > count
      ? { data: data.slice(0, count), address, flags: MSG_TRUNC }
      : { data: flags & MSG_PEEK ? data.slice() : data, address, flags: 0 };
  }

  /** The bytes of the next datagram. */
  override recv(
    count: number,
    flags: number,
  ): Uint8Array<ArrayBuffer> | undefined {
    return this.receiveMessage(count, flags)?.data;
  }

  /** Puts them into `buffer`. */
  override recvInto(
    buffer: Uint8Array<ArrayBuffer>,
    flags: number,
  ): number | undefined {
    const message = this.receiveMessage(buffer.length, flags);
    if (!message) return undefined;
    buffer.set(message.data);
    return message.data.length;
  }

  /** Sends a datagram to the peer. */
  override send(
    data: Uint8Array<ArrayBuffer>,
    flags: number,
  ): number | undefined {
    this.check();
    const { peername } = this.state;
    if (peername === null) throw new OSError(errno.EDESTADDRREQ);
    return this.sendMessage(data, flags, peername);
  }

  /** Sends a datagram; how it ended, a later call tells. */
  override sendMessage(
    data: Uint8Array<ArrayBuffer>,
    flags: number,
    address: SocketAddress,
  ): number | undefined {
    checkSendFlags(flags);
    this.check();
    this.#raise();
    if (this.state.outEnded) throw new OSError(errno.EPIPE);
    if (data.length > LARGEST) throw new OSError(errno.EMSGSIZE);
    if (this.state.room <= 0) return undefined;
    this.state.room -= data.length;
    // Sending gives it a port.
    if (this.state.sockname?.[1] === 0) this.state.sockname = null;
    this.line.send(r.SENDTO, 0, r.encodeDatagram(address, data));
    return data.length;
  }

  /** Closes one way or both, as far as there is a peer. */
  override shutdown(how: number): void {
    this.check();
    if (this.state.peername === null) throw new OSError(errno.ENOTCONN);
    this.line.send(r.SHUT, how);
    if (how !== SHUT_WR) this.state.inEnded = true;
    if (how !== SHUT_RD) this.state.outEnded = true;
    this.update();
  }

  #raise(): void {
    const error = this.takeError();
    if (error) throw error;
  }

  protected override unread(): Unread[] {
    return this.#waiting.map((
      { data, address },
    ) => [r.DATAGRAM, r.encodeDatagram(address, data)]);
  }

  protected override accepted(): Returned[] {
    return [];
  }
}

const NOTHING: Message = { data: new Uint8Array(0), address: null, flags: 0 };
