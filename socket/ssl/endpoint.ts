/**
 * An endpoint with TLS over another endpoint.
 *
 * What is above knows nothing of TLS: this endpoint has readiness, watches and
 * operations like any other. Until its connection is made it is the endpoint
 * below, and again after the TLS layer was taken off.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import { MSG_PEEK, MSG_WAITALL, SHUT_RD, SHUT_WR } from "../constants.ts";
import { OSError } from "../errors.ts";
import {
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLRDHUP,
} from "../reactor/events.ts";
import type { Watch } from "../reactor/readiness.ts";
import { Watchers } from "../reactor/watchers.ts";
import type {
  Accepted,
  Endpoint,
  Leftovers,
  Message,
  Snapshot,
  SocketAddress,
} from "../transport/transport.ts";
import { endOfFile, sslError } from "./errors.ts";
import type { Role } from "./profile.ts";
import { type Owner, Session } from "./session.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The flags that a call that receives may have. */
const RECEIVE_FLAGS = MSG_PEEK | MSG_WAITALL;

/** An endpoint with TLS. */
export class TlsEndpoint implements Endpoint, Owner {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  readonly #below: Endpoint;
  readonly #closeBelow: () => void;
  readonly role: Role;
  readonly #watchers = new Watchers();
  readonly #watch: Watch;
  #watching = false;
  #session: Session | null = null;
  #accepted: Accepted[] = [];
  /** The TLS layer was taken off. */
  #plain = false;
  /** Nobody has heard yet that the handshake is over. */
  #news = false;
  #told = false;
  #readEnded = false;
  #closed = false;

  /**
   * @param closeBelow Closes the endpoint below, or a share in it.
   */
  constructor(below: Endpoint, closeBelow: () => void, role: Role) {
    const { family, type, proto } = below;
    this.family = family;
    this.type = type;
    this.proto = proto;
    this.#below = below;
    this.#closeBelow = closeBelow;
    this.role = role;
    this.#watch = { events: 0, wake: () => this.changed() };
  }

  #check(): void {
    if (this.#closed) throw new OSError(errno.EBADF);
  }

  /** The TLS layer, once there is one. */
  get session(): Session | null {
    return this.#session;
  }

  /** There is a TLS layer, or the next operation begins one. */
  get secured(): boolean {
    return this.#session !== null ||
      !this.#plain && this.#below.snapshot().phase === "connected";
  }

  #start(): Session | null {
    this.#check();
    if (this.#session || this.#plain) return this.#session;
    if (this.#below.snapshot().phase !== "connected") return null;
    this.#unwatchBelow();
    const { server, hostname } = this.role;
    const side = { profile: this.role.profile(), server, hostname };
    this.#session = new Session(this.#below, side, this);
    this.#demand();
    return this.#session;
  }

  // Readiness

  get readiness(): number {
    if (this.#closed) return POLLNVAL;
    const session = this.#session;
    if (!session) {
      return this.#below.readiness | (this.#accepted.length > 0 ? POLLIN : 0);
    }
    const writable = session.room > 0 || session.finished || session.sendError;
    let events = writable ? POLLOUT : 0;
    if (session.inbox.length > 0 || this.#news) events |= POLLIN;
    if (session.state === "failed") return events | POLLIN | POLLOUT;
    if (session.ended !== null || this.#readEnded) events |= POLLIN | POLLRDHUP;
    if (session.ended !== null && session.finished) events |= POLLHUP;
    return events;
  }

  get reactor(): { settle(): Promise<void> } | undefined {
    return this.#below.reactor;
  }

  get busy(): boolean {
    return this.#watchers.calls > 0;
  }

  watch(watch: Watch): void {
    this.#watchers.add(watch);
    this.#demand();
  }

  unwatch(watch: Watch): void {
    this.#watchers.delete(watch);
    this.#demand();
  }

  changed(): void {
    if (this.#session?.state !== "handshaking") this.#settleHandshake();
    if (this.#watchers.size > 0) this.#watchers.wake(this.readiness);
  }

  /** The first time that the handshake is over, that is an event. */
  #settleHandshake(): void {
    if (!this.#session || this.#told) return;
    this.#told = true;
    this.#news = true;
  }

  /** Has the endpoint below waited for as this one is. */
  #demand(): void {
    if (this.#closed) return;
    const { calls, background, size, events, edge } = this.#watchers;
    if (this.#session) {
      this.#session.demand(calls > 0, background > 0);
      return;
    }
    this.#unwatchBelow();
    if (size === 0) return;
    const watch = {
      events,
      lasting: calls === 0,
      background: background > 0,
      edge,
    };
    Object.assign(this.#watch, watch);
    this.#watching = true;
    this.#below.watch(this.#watch);
  }

  #unwatchBelow(): void {
    if (this.#watching) this.#below.unwatch(this.#watch);
    this.#watching = false;
  }

  async settle(events: number): Promise<void> {
    const session = this.#session;
    if (!session) return await this.#below.settle?.(events);
    await this.#below.settle?.(session.sending ? POLLIN | POLLOUT : POLLIN);
    session.pump();
  }

  // The connection

  bind(address: SocketAddress): void {
    this.#below.bind(address);
  }

  listen(backlog: number): void {
    this.#below.listen(backlog);
  }

  accept(): Accepted | undefined {
    this.#check();
    const before = this.#accepted.shift();
    if (before) return before;
    const accepted = this.#below.accept();
    if (!accepted) return undefined;
    const { endpoint: below, address } = accepted;
    const close = () => below.close();
    return { endpoint: new TlsEndpoint(below, close, this.role), address };
  }

  connect(address: SocketAddress, name?: string): boolean {
    this.#check();
    if (this.#session) throw new OSError(errno.EISCONN);
    return this.#below.connect(address, name);
  }

  /** Makes the handshake: `true` once it is done. */
  handshake(): true | undefined {
    const session = this.#start();
    if (!session) {
      // As for every call on a connection that there is not.
      this.#below.getpeername();
      return this.#plain ? true : undefined;
    }
    if (session.state === "handshaking") {
      session.pump();
      if (session.state === "handshaking") return undefined;
    }
    this.#news = false;
    if (session.error) throw session.error;
    return true;
  }

  /** Takes the TLS layer off: `true` once the peer has done so too. */
  unwrap(): true | undefined {
    this.#check();
    const session = this.#session;
    if (!session || !session.unwrap()) return undefined;
    this.#session = null;
    this.#plain = true;
    const rest = session.release();
    if (rest.length > 0) this.#below.putBack?.(rest);
    this.#demand();
    return true;
  }

  // Receiving

  recv(count: number, flags: number): Bytes | undefined {
    const session = this.#start();
    if (!session) return this.#below.recv(count, flags);
    if (!this.#readable(session, count, flags)) return undefined;
    const bytes = session.inbox.peek(count);
    this.#skip(session, bytes.length, flags);
    return bytes;
  }

  recvInto(buffer: Bytes, flags: number): number | undefined {
    const session = this.#start();
    if (!session) return this.#below.recvInto(buffer, flags);
    if (!this.#readable(session, buffer.length, flags)) return undefined;
    const count = session.inbox.copy(buffer);
    this.#skip(session, count, flags);
    return count;
  }

  /** Whether a call for `count` bytes need not wait. */
  #readable(session: Session, count: number, flags: number): boolean {
    if (flags & ~RECEIVE_FLAGS) throw new OSError(errno.EOPNOTSUPP);
    const { inbox } = session;
    const wanted = flags & MSG_WAITALL ? count : 1;
    if (inbox.length < wanted) session.pump();
    this.#news = false;
    const over = session.state === "failed" || session.ended !== null ||
      this.#readEnded;
    if (inbox.length > 0) {
      return over || inbox.length >= wanted || session.full;
    }
    if (this.#readEnded) return true;
    if (session.error) throw session.error;
    if (session.ended === "ragged" && !this.role.suppressRaggedEofs) {
      throw endOfFile();
    }
    return over || count === 0;
  }

  #skip(session: Session, count: number, flags: number): void {
    if (flags & MSG_PEEK) return;
    session.skip(count);
  }

  putBack(bytes: Bytes): void {
    if (this.#session) this.#session.inbox.unshift(bytes);
    else this.#below.putBack?.(bytes);
    this.changed();
  }

  receiveMessage(count: number, flags: number): Message | undefined {
    const data = this.recv(count, flags);
    return data && { data, address: null, flags: 0 };
  }

  // Sending

  send(data: Bytes, flags: number): number | undefined {
    const session = this.#start();
    if (!session) return this.#below.send(data, flags);
    if (flags !== 0) throw new OSError(errno.EOPNOTSUPP);
    this.#checkWritable(session);
    if (session.state === "handshaking") return undefined;
    if (data.length === 0) return 0;
    return session.send(data) || undefined;
  }

  #checkWritable(session: Session): void {
    this.#news = false;
    const error = session.error ?? session.sendError;
    if (error) throw error;
    if (session.finished) throw sslError("PROTOCOL_IS_SHUTDOWN");
  }

  sendMessage(data: Bytes, flags: number): number | undefined {
    return this.send(data, flags);
  }

  flush(): Promise<void> | undefined {
    const session = this.#session;
    if (!session) return this.#below.flush?.();
    if (!session.sending) return undefined;
    return session.flushed().then(() => this.#below.flush?.());
  }

  // Other threads

  snapshot(): Snapshot {
    const snapshot = this.#below.snapshot();
    return this.#session
      ? { ...snapshot, writeEnded: this.#session.finished }
      : snapshot;
  }

  resume(leftovers: Leftovers): void {
    const session = this.#session;
    const { bytes, accepted, error, unsent } = leftovers;
    this.#accepted = [...accepted, ...this.#accepted];
    if (!session) {
      this.#below.resume({ ...leftovers, accepted: [] });
      return this.changed();
    }
    session.inbox.unshift(bytes);
    if (error instanceof OSError) session.error ??= error;
    for (const item of unsent) {
      if ("how" in item) this.#shut(session, item.how);
      else session.enqueue(item.data);
    }
    this.changed();
  }

  // The end

  shutdown(how: number): void {
    this.#check();
    const session = this.#session;
    if (!session || session.state !== "open") return this.#below.shutdown(how);
    this.#shut(session, how);
    this.changed();
  }

  #shut(session: Session, how: number): void {
    if (how !== SHUT_WR) this.#readEnded = true;
    if (how !== SHUT_RD) session.finish(() => this.#shutBelow());
  }

  #shutBelow(): void {
    try {
      this.#below.shutdown(SHUT_WR);
    } catch {
      // The peer is gone, which the next call reports.
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unwatchBelow();
    for (const { endpoint } of this.#accepted) endpoint.close();
    this.#watchers.wake(POLLNVAL);
    if (this.#session) this.#session.close(this.#closeBelow);
    else this.#closeBelow();
  }

  // What TLS has nothing to do with

  takeError(): Error | null {
    return this.#below.takeError();
  }

  getsockname(): SocketAddress {
    this.#check();
    return this.#below.getsockname();
  }

  getpeername(): SocketAddress {
    this.#check();
    return this.#below.getpeername();
  }

  getsockopt(level: number, name: number, size: number): number | Bytes {
    this.#check();
    return this.#below.getsockopt(level, name, size);
  }

  setsockopt(level: number, name: number, value: number | Bytes): void {
    this.#check();
    this.#below.setsockopt(level, name, value);
  }
}
