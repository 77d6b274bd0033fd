/**
 * A stream socket that stays in another thread.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import {
  AF_UNIX,
  MSG_PEEK,
  MSG_WAITALL,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
} from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { checkReceiveFlags, checkSendFlags } from "../flags.ts";
import {
  type Endpoint,
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
import { Incoming } from "./incoming.ts";
import { LONGEST_PAYLOAD } from "./ring.ts";
import type { Lent } from "./line.ts";
import * as r from "./records.ts";
import type { State } from "./state.ts";
import type { Returned, Unread } from "./terms.ts";
import { Writers } from "./writers.ts";

const NONE = new Uint8Array(0);

const EVERYTHING = POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP;

function broken(): OSError {
  return new OSError(errno.EPIPE);
}

/** A stream socket that stays in another thread. */
export class RelayStream extends RelayEndpoint {
  readonly #incoming = new Incoming();
  readonly #accepted: RelayEndpoint[] = [];
  /** Who waits until all was sent. */
  readonly #writers = new Writers(
    (data) => this.#put(data),
    (alive) => this.line.hold(alive),
  );
  /** The end of the stream, behind the bytes that wait. */
  #last: Unread | null = null;
  /** Why what was sent didn't go, if nobody has asked yet. */
  #unsent: OSError | null = null;

  // What the other half tells

  protected override hear(op: number, payload: Uint8Array): void {
    this.#hear(op, payload);
    if (op !== r.DATA || this.watchers.edge) this.replenish();
  }

  #hear(op: number, payload: Uint8Array): void {
    // The end is there when all that came before it was taken.
    if (this.#incoming.length > 0 && (op === r.END || op === r.FAILED)) {
      this.#last = [op, new Uint8Array(payload)];
      return;
    }
    switch (op) {
      case r.DATA:
        return this.#incoming.push(payload);
      case r.END:
        this.state.inEnded = true;
        return;
      case r.UNSENT:
        this.#unsent = r.told(r.decode(payload));
        this.state.outEnded = true;
        return;
      case r.FAILED:
        return this.#fail(r.told(r.decode(payload)));
      case r.CONNECTED: {
        const { sockname, peername } = r.decode<State>(payload);
        Object.assign(this.state, { phase: "stream", sockname, peername });
        return;
      }
      case r.ACCEPTED:
        this.#accepted.push(this.line.borrow(r.decode<Lent>(payload)));
    }
  }

  #took(count: number): void {
    this.took(count);
    if (this.#incoming.length > 0) return;
    const last = this.#last;
    if (last === null) return this.replenish();
    this.#last = null;
    this.#hear(...last);
    this.update();
  }

  #fail(error: OSError): void {
    this.error = error;
    if (this.state.phase === "connecting") this.state.phase = "failed";
    else if (this.state.phase === "stream") {
      this.state.broken = this.state.inEnded = true;
    }
  }

  protected override get asks(): boolean {
    return this.#accepted.length === 0;
  }

  // Readiness

  /** What is true now. */
  override get readiness(): number {
    if (this.closed) return POLLNVAL;
    switch (this.state.phase) {
      case "new":
        return POLLOUT | POLLHUP;
      case "listening":
        return this.#accepted.length > 0 || this.error || this.state.broken
          ? POLLIN
          : 0;
      case "connecting":
        return 0;
      case "failed":
        return POLLIN | POLLOUT | POLLHUP | POLLRDHUP |
          (this.error ? POLLERR : 0);
      default:
        return this.#connectedReadiness;
    }
  }

  get #connectedReadiness(): number {
    // As where it stays: to those who want to know of what is behind.
    const inEnded = this.state.inEnded ||
      this.watchers.edge && this.#last?.[0] === r.END;
    let events = 0;
    if (this.#incoming.length > 0) events |= POLLIN;
    if (inEnded) events |= POLLIN | POLLRDHUP;
    if (this.#room > 0 || this.#finished) events |= POLLOUT;
    if (inEnded && this.#finished) events |= POLLHUP;
    return this.#failure || this.#lastFailed ? events | EVERYTHING : events;
  }

  /** The connection has failed behind the bytes that wait. */
  get #lastFailed(): boolean {
    return this.#last?.[0] === r.FAILED;
  }

  /** What went wrong, once there is nothing to read before it. */
  get #failure(): OSError | null {
    return this.error ?? (this.state.inEnded ? this.#unsent : null);
  }

  /** Nothing more may be sent. A connection that failed is gone both ways. */
  get #finished(): boolean {
    return this.state.outEnded || this.state.broken;
  }

  // Listening and connecting

  override lost(): void {
    if (this.state.phase === "connecting") this.state.phase = "failed";
    super.lost();
  }

  /** Gives the endpoint a name of its own. */
  override bind(address: SocketAddress): void {
    this.check();
    if (this.state.phase !== "new" && this.state.phase !== "failed") {
      throw new OSError(errno.EINVAL);
    }
    super.bind(address);
  }

  /** Lets connections wait. */
  override listen(backlog: number): void {
    this.check();
    const { phase } = this.state;
    if (phase === "stream" || phase === "connecting") {
      throw new OSError(errno.EINVAL);
    }
    super.listen(backlog);
    this.replenish();
  }

  /** The next connection that waits. */
  override accept(): Endpoint | undefined {
    this.check();
    if (this.state.phase !== "listening") throw new OSError(errno.EINVAL);
    const error = this.takeError();
    if (error) throw error;
    const accepted = this.#accepted.shift();
    if (!accepted && this.state.broken) throw new OSError(errno.ECONNRESET);
    if (accepted) this.replenish();
    return accepted;
  }

  /** Starts to connect. */
  override connect(address: SocketAddress, name?: string): boolean {
    this.check();
    const { phase, broken } = this.state;
    if (phase === "stream" || phase === "listening") {
      throw new OSError(errno.EISCONN);
    }
    if (phase === "connecting") throw new OSError(errno.EALREADY);
    if (broken) throw this.takeError() ?? new OSError(errno.ECONNRESET);
    this.state.phase = "new";
    const error = this.takeError();
    if (error) throw error;
    this.state.phase = "connecting";
    this.line.send(r.CONNECT, 0, r.encode([address, name]));
    return false;
  }

  // Receiving

  /** Takes up to `count` of the bytes that came. */
  override recv(
    count: number,
    flags: number,
  ): Uint8Array<ArrayBuffer> | undefined {
    if (!this.#readable(count, flags)) return undefined;
    if (flags & MSG_PEEK) return this.#incoming.peek(count);
    const bytes = this.#incoming.take(count);
    this.#took(bytes.length);
    return bytes;
  }

  /** Takes them into `buffer`. */
  override recvInto(
    buffer: Uint8Array<ArrayBuffer>,
    flags: number,
  ): number | undefined {
    if (!this.#readable(buffer.length, flags)) return undefined;
    const count = this.#incoming.copy(buffer);
    if (!(flags & MSG_PEEK)) {
      this.#incoming.skip(count);
      this.#took(count);
    }
    return count;
  }

  /** Puts bytes back that were taken in vain. */
  putBack(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.closed || bytes.length === 0) return;
    this.#incoming.unshift(bytes);
    // The other half counts them as taken: what is taken next is no news.
    this.took(-bytes.length);
    this.update();
  }

  /** There are bytes, or the end of the stream. */
  #readable(count: number, flags: number): boolean {
    checkReceiveFlags(flags);
    this.check();
    if (!this.#connected(errno.ENOTCONN)) {
      return this.state.phase === "failed" && this.error === null;
    }
    if (flags & MSG_PEEK && this.#more && this.#incoming.length < count) {
      // What comes behind it can be seen the next time, or now if it is here.
      this.want();
      const most = Math.min(count, this.state.receive);
      if (flags & MSG_WAITALL && this.#more && this.#incoming.length < most) {
        this.confirm();
        return false;
      }
    }
    if (this.#incoming.length > 0) return true;
    // Sending behind the peer's end is no concern of those who receive.
    const failure = this.#failure;
    if (failure && failure.errno !== errno.EPIPE) throw this.#fetch();
    return this.state.inEnded || count === 0;
  }

  /** More may come. */
  get #more(): boolean {
    return !this.state.inEnded && this.#last === null;
  }

  /** Whether there is a connection; `false` if it may come yet or has failed to. */
  #connected(otherwise: number): boolean {
    switch (this.state.phase) {
      case "stream":
        return true;
      case "connecting":
        return false;
      case "failed":
        if (this.error) throw this.takeError();
        if (otherwise === errno.ENOTCONN) return false;
    }
    throw new OSError(otherwise);
  }

  /** Fetches the error, which was the end of the connection. */
  #fetch(): OSError | null {
    const ended = this.error !== null || this.#lastFailed;
    const error = this.takeError();
    if (ended) this.state.inEnded = this.state.outEnded = true;
    return error;
  }

  /** Fetches the error that nobody has seen yet. */
  override takeError(): OSError | null {
    let error = super.takeError();
    if (this.#lastFailed) {
      error = r.told(r.decode(this.#last![1]));
      this.#last = [r.END, NONE];
    }
    error ??= this.#unsent;
    this.#unsent = null;
    return error;
  }

  /** As {@linkcode recv}: TCP has no more to tell, AF_UNIX its peer's name. */
  override receiveMessage(count: number, flags: number): Message | undefined {
    const data = this.recv(count, flags);
    if (!data) return undefined;
    const named = this.family === AF_UNIX && this.state.peername;
    return { data, address: named || null, flags: 0 };
  }

  // Sending

  /** Sends the front of `data`. */
  override send(
    data: Uint8Array<ArrayBuffer>,
    flags: number,
  ): number | undefined {
    checkSendFlags(flags);
    this.check();
    if (!this.#connected(errno.EPIPE)) return undefined;
    const error = this.#fetch();
    if (error) throw error;
    if (this.#finished) throw new OSError(errno.EPIPE);
    const room = this.#room;
    if (room <= 0) return undefined;
    if (this.#writers.empty) return this.#put(data);
    const rest = data.slice(0, room);
    this.#writers.queue(rest);
    return rest.length;
  }

  /** What may be sent without waiting, in bytes. */
  get #room(): number {
    const { room, send } = this.state;
    return this.#writers.empty ? room : send - this.#writers.queued;
  }

  /** Sends as much as may be under way; how much. */
  #put(data: Uint8Array): number {
    const count = Math.max(0, Math.min(this.state.room, data.length));
    this.state.room -= count;
    if (count === data.length && count <= LONGEST_PAYLOAD) {
      this.line.send(r.SEND, 0, data);
      return count;
    }
    for (let at = 0; at < count; at += LONGEST_PAYLOAD) {
      const end = Math.min(at + LONGEST_PAYLOAD, count);
      this.line.send(r.SEND, 0, data.subarray(at, end));
    }
    return count;
  }

  /** Sends all of `data`, as soon as it may. */
  write(data: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    if (this.closed || this.state.phase !== "stream") return undefined;
    if (this.#unable || this.#finished) return undefined;
    return this.#writers.write(data);
  }

  /** Sending raises something that nobody has seen yet. */
  get #unable(): boolean {
    return this.error !== null || this.#unsent !== null || this.#lastFailed;
  }

  /** Somebody waits for it. */
  override get busy(): boolean {
    return !this.#writers.empty || super.busy;
  }

  /** Wakes those who wait for what is true now. */
  protected override update(): void {
    this.#writers.advance();
    if (this.#unable) {
      this.#writers.refuse(() => this.#fetch() ?? broken());
    }
    super.update();
  }

  /** As {@linkcode send}: a stream has only one place to send to. */
  override sendMessage(
    data: Uint8Array<ArrayBuffer>,
    flags: number,
  ): number | undefined {
    return this.send(data, flags);
  }

  /** Closes one way or both. */
  override shutdown(how: number): void {
    this.check();
    const { phase } = this.state;
    if (phase === "listening") {
      if (how === SHUT_WR) return;
      this.state.phase = "new";
    } else if (phase !== "stream") throw new OSError(errno.ENOTCONN);
    this.line.send(r.SHUT, how);
    if (phase === "stream") {
      if (how === SHUT_WR || how === SHUT_RDWR) this.state.outEnded = true;
      if (how === SHUT_RD || how === SHUT_RDWR) this.state.inEnded = true;
    }
    this.update();
  }

  /** Closes the endpoint, and the connections that nobody took. */
  override close(): void {
    this.#writers.refuse(() => new OSError(errno.EBADF));
    super.close();
    for (const accepted of this.#accepted.splice(0)) accepted.close();
  }

  // Back to where it stays

  protected override unread(): Unread[] {
    const { length } = this.#incoming;
    const unread: Unread[] = [];
    const bytes = this.#incoming.peek(length);
    for (let at = 0; at < length; at += LONGEST_PAYLOAD) {
      unread.push([r.DATA, bytes.slice(at, at + LONGEST_PAYLOAD)]);
    }
    if (this.#last) unread.push(this.#last);
    if (this.#unsent) {
      unread.push([r.UNSENT, r.encode(r.tell(this.#unsent))]);
    }
    return unread;
  }

  protected override accepted(): Returned[] {
    return this.#accepted.map((each) => each.returned());
  }

  /** Lets go of it, once it was given back. */
  override leave(): void {
    super.leave();
    for (const accepted of this.#accepted.splice(0)) accepted.leave();
  }
}
