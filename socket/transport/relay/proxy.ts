/**
 * The half of a lent endpoint that is in the thread which uses it.
 *
 * It sends records to its stub and keeps what the stub sends until it is read.
 * A record changes the state and wakes those who wait; it never starts an
 * operation of a user's.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import {
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SHUT_RD,
  SHUT_WR,
  SO_ACCEPTCONN,
  SO_DOMAIN,
  SO_ERROR,
  SO_TYPE,
  SOCK_STREAM,
  SOL_SOCKET,
} from "../../constants.ts";
import { forgetDescriptor, sharesOf } from "../../descriptors.ts";
import { OSError } from "../../errors.ts";
import { decode, encode } from "../../link/json.ts";
import { Op } from "../../link/records.ts";
import { LONGEST_PAYLOAD } from "../../link/ring.ts";
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLRDHUP,
} from "../../reactor/events.ts";
import type { Watch } from "../../reactor/readiness.ts";
import {
  type Accepted,
  type ControlMessage,
  type Endpoint,
  isConnectionless,
  type Leftovers,
  type Message,
  type Phase,
  type Snapshot,
  type SocketAddress,
} from "../transport.ts";
import type { Carrier, Departure } from "../handover.ts";
import { addressFamily } from "../../names/families.ts";
import { POLLINCOMING, Watchers } from "../../reactor/watchers.ts";
import type { Request } from "./calls.ts";
import { decodeMessage, errorOf, reportOf } from "./codec.ts";
import { Inbox } from "./inbox.ts";
import type { Lent, LentSnapshot, ProxyLine, Returned } from "./lending.ts";
import { Outbox } from "./outbox.ts";

const NONE = new Uint8Array(0);
const EVERYTHING = POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP;
const NO_MESSAGE: Message = { data: NONE, address: null, flags: 0, end: true };

/** Flags that the proxy obeys itself; the owner is asked for all others. */
const RECEIVE_FLAGS = MSG_PEEK | MSG_WAITALL | MSG_DONTWAIT;
const SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL;

/** The half of a lent endpoint that is where it is used. */
export class EndpointProxy implements Endpoint {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  readonly #line: ProxyLine;
  readonly #shared: boolean;
  readonly #watchers = new Watchers();
  #phase: Phase;
  #sockname: SocketAddress | null;
  #peername: SocketAddress | null;
  #closed = false;

  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  /** The longest record that can be sent, in bytes. */
  readonly #longest: number;

  /** The connection has failed. */
  #failed = false;
  /** An error that nobody has fetched. */
  #error: OSError | null = null;
  /** Why what was sent was not delivered, if nobody has fetched it. */
  #unsent: OSError | null = null;
  /** How many errors the stub has told. */
  #errors = 0;
  #settling: PromiseWithResolvers<void> | null = null;

  /** The proxy of what was lent over a line. */
  constructor(line: ProxyLine, snapshot: LentSnapshot) {
    this.#line = line;
    this.family = snapshot.family;
    this.type = snapshot.type;
    this.proto = snapshot.proto;
    this.#shared = snapshot.shared;
    this.#phase = snapshot.phase;
    this.#sockname = snapshot.sockname;
    this.#peername = snapshot.peername;
    const { shared, phase, window, sendWindow, credit } = snapshot;
    this.#inbox = new Inbox(line, shared || phase === "listening", window);
    this.#outbox = new Outbox(line, sendWindow, credit, snapshot.writeEnded);
    this.#longest = snapshot.longest ?? LONGEST_PAYLOAD;
  }

  get #connectionless(): boolean {
    return isConnectionless(this);
  }

  get #connected(): boolean {
    return this.#phase === "connected" || this.#connectionless;
  }

  // Records from the stub

  /** Takes a record. The payload is only there during the call. */
  onRecord(op: Op, a: number, payload: Uint8Array): void {
    switch (op) {
      case Op.Credit:
        this.#outbox.credit = a;
        break;
      case Op.Settled:
        this.#endSettling();
        break;
      case Op.Data:
        this.#inbox.count(payload.length);
        this.#inbox.bytes.push(new Uint8Array(payload));
        // Others ask when they have read what is here.
        if (this.#watchers.edge) this.#replenish();
        return this.#update();
      case Op.Datagram:
        this.#inbox.count(payload.length);
        this.#inbox.records.push(decodeMessage(payload), payload.length);
        break;
      case Op.Accepted:
        this.#inbox.count(1);
        this.#offer(decode(payload));
        break;
      default:
        this.#inbox.answered();
        this.#change(op, payload);
    }
    this.#replenish();
    this.#update();
  }

  #offer([lent, address]: [Lent, SocketAddress]): void {
    // The owner keeps those that come too late for a listener.
    if (this.#phase !== "listening") return;
    const endpoint = this.#line.borrow(lent);
    this.#inbox.accepted.push({ endpoint, address });
  }

  #change(op: Op, payload: Uint8Array): void {
    switch (op) {
      case Op.End:
        this.#inbox.ended = true;
        return;
      case Op.Unsent:
        this.#errors++;
        this.#unsent = errorOf(decode(payload));
        this.#outbox.shut = true;
        return;
      case Op.Connected:
        this.#learn(decode(payload));
        return;
      case Op.Failed:
        this.#errors++;
        this.#fail(errorOf(decode(payload)));
    }
  }

  #fail(error: OSError): void {
    this.#error = error;
    if (this.#phase === "connecting") this.#phase = "failed";
    else if (this.#phase === "connected" && !this.#connectionless) {
      this.#failed = this.#inbox.ended = true;
    }
  }

  #learn(snapshot: LentSnapshot): void {
    this.#phase = snapshot.phase;
    this.#sockname = snapshot.sockname;
    this.#peername = snapshot.peername;
    this.#inbox.window = snapshot.window;
    this.#outbox.credit = snapshot.credit;
  }

  /** The thread of the stub is gone. */
  lost(): void {
    const text = "the thread that opened the socket is gone";
    this.#error = new OSError(errno.ECONNRESET, text);
    if (this.#phase === "connecting") this.#phase = "failed";
    this.#failed = this.#inbox.ended = this.#outbox.shut = true;
    this.#endSettling();
    this.#update();
  }

  #update(): void {
    if (!this.#outbox.empty) this.#write();
    if (this.#watchers.size > 0) this.#watchers.wake(this.readiness);
  }

  /** Lets the calls that wait go on, or fail. */
  #write(): void {
    if (!this.#error && !this.#unsent && !this.#finished) {
      return this.#outbox.advance();
    }
    this.#outbox.refuse(() => this.#fetch() ?? new OSError(errno.EPIPE));
  }

  // Readiness

  /** What is true now. */
  get readiness(): number {
    if (this.#closed) return POLLNVAL;
    if (this.#connectionless) return this.#datagramReadiness;
    switch (this.#phase) {
      case "new":
        return POLLOUT | POLLHUP;
      case "listening": {
        const ready = this.#inbox.accepted.length > 0 || this.#error !== null;
        return ready || this.#failed ? POLLIN : 0;
      }
      case "connecting":
        return 0;
      case "failed":
        return POLLIN | POLLOUT | POLLHUP | POLLRDHUP |
          (this.#error ? POLLERR : 0);
    }
    return this.#connectedReadiness;
  }

  get #connectedReadiness(): number {
    // Edge watches have to see the end behind unread bytes, too.
    const atEnd = this.#inbox.atEnd ||
      this.#watchers.edge && this.#inbox.ended && !this.#failed;
    let events = this.#inbox.unread > 0 ? POLLIN : 0;
    if (atEnd) events |= POLLIN | POLLRDHUP;
    if (this.#finished || this.#outbox.room > 0) events |= POLLOUT;
    if (atEnd && this.#finished) events |= POLLHUP;
    return this.#error || atEnd && this.#unsent ? events | EVERYTHING : events;
  }

  get #datagramReadiness(): number {
    const atEnd = this.#inbox.shut || this.#inbox.ended;
    let events = this.#inbox.records.length > 0 ? POLLIN : 0;
    if (this.#outbox.room > 0 && this.#phase !== "connecting") {
      events |= POLLOUT;
    }
    if (this.#error) events |= POLLERR;
    if (atEnd) events |= POLLIN | POLLRDHUP;
    if (atEnd && this.#outbox.shut) events |= POLLHUP;
    return events;
  }

  /** Nothing more may be sent. A connection that failed is gone both ways. */
  get #finished(): boolean {
    return this.#outbox.shut || this.#failed;
  }

  /** Somebody waits for it. */
  get busy(): boolean {
    return this.#watchers.calls > 0 || !this.#outbox.empty;
  }

  /** Begins to wake a watch. */
  watch(watch: Watch): void {
    const before = this.#watchers.calls;
    this.#watchers.add(watch);
    if (before === 0 && this.#watchers.calls > 0) this.#line.hold(true);
    this.#replenish();
  }

  /** Stops to wake a watch. */
  unwatch(watch: Watch): void {
    const before = this.#watchers.calls;
    this.#watchers.delete(watch);
    this.#withdraw();
    if (before > 0 && this.#watchers.calls === 0) this.#line.hold(false);
  }

  /** The thread of the stub brings the news of all that it lends. */
  get reactor(): Endpoint["reactor"] {
    return this.#line.carrier;
  }

  /** Lets the stub bring what the system has. */
  async settle(events: number): Promise<void> {
    if (this.#closed || this.#failed) return;
    if (events & POLLIN) this.#inbox.ask();
    if (!this.#settling) {
      this.#settling = Promise.withResolvers();
      this.#line.send(Op.Settle, events);
    }
    this.#line.hold(true);
    try {
      await this.#settling.promise;
      this.#withdraw();
    } finally {
      this.#line.hold(false);
    }
  }

  #endSettling(): void {
    this.#settling?.resolve();
    this.#settling = null;
  }

  // Flow control

  /** Asks for more if somebody waits for it. */
  #replenish(): void {
    // Others may want what a user who only writes has no need for.
    const events = this.#shared ? POLLIN : POLLINCOMING;
    if (this.#watchers.events & events && !this.#closed) this.#inbox.ask();
  }

  /** Leaves to others what nobody waits for here. */
  #withdraw(): void {
    if (!this.#shared || this.#closed) return;
    if (!(this.#watchers.events & POLLIN)) this.#inbox.withdraw();
  }

  #consume(units: number): void {
    this.#inbox.consume(units);
    if (this.#inbox.unread === 0) this.#replenish();
  }

  // Listening and connecting

  /** Gives the endpoint a name of its own. */
  bind(address: SocketAddress): void {
    this.#check();
    if (
      !this.#connectionless && this.#phase !== "new" && this.#phase !== "failed"
    ) throw new OSError(errno.EINVAL);
    this.#call(["bind", address]);
    this.#sockname = null;
  }

  /** Lets connections wait. */
  listen(backlog: number): void {
    this.#check();
    if (this.#phase === "connected" || this.#phase === "connecting") {
      if (!this.#connectionless) throw new OSError(errno.EINVAL);
    }
    const listening = this.#phase === "listening";
    this.#call(["listen", backlog]);
    if (!listening) this.#recount("listening");
    this.#replenish();
  }

  /** Both halves count anew when the endpoint becomes another kind. */
  #recount(phase: Phase): void {
    this.#phase = phase;
    this.#inbox.reset(this.#shared || phase === "listening");
  }

  /** The next connection that waits. */
  accept(): Accepted | undefined {
    this.#check();
    if (this.#phase !== "listening") {
      throw new OSError(this.#connectionless ? errno.EOPNOTSUPP : errno.EINVAL);
    }
    const error = this.takeError();
    if (error) throw error;
    const accepted = this.#inbox.accepted.shift();
    if (!accepted && this.#failed) throw new OSError(errno.ECONNRESET);
    if (accepted) this.#consume(1);
    return accepted;
  }

  /** Starts to connect. */
  connect(address: SocketAddress, name?: string): boolean {
    this.#check();
    if (this.#connectionless && this.#line.blocks) {
      this.#call(["connect", address, name]);
      return true;
    }
    switch (this.#phase) {
      case "connected":
      case "listening":
        throw new OSError(errno.EISCONN);
      case "connecting":
        throw new OSError(errno.EALREADY);
    }
    if (this.#phase === "failed") this.#phase = "new";
    const error = this.takeError();
    if (error) throw error;
    if (this.#failed) throw new OSError(errno.ECONNRESET);
    if (this.#connectionless) this.#phase = "connecting";
    else this.#recount("connecting");
    this.#line.send(Op.Connect, 0, 0, encode([address, name]));
    return false;
  }

  // Receiving

  /** Takes up to `count` of the bytes that came. */
  recv(count: number, flags: number): Uint8Array<ArrayBuffer> | undefined {
    if (flags & ~RECEIVE_FLAGS) return this.#recvAtOwner(count, flags);
    if (this.type !== SOCK_STREAM) {
      return this.receiveMessage(count, flags)?.data;
    }
    if (!this.#readable(count, flags)) return undefined;
    if (flags & MSG_PEEK) return this.#inbox.bytes.peek(count);
    const bytes = this.#inbox.bytes.take(count);
    this.#consume(bytes.length);
    return bytes;
  }

  /** Takes them into `buffer`. */
  recvInto(buffer: Uint8Array<ArrayBuffer>, flags: number): number | undefined {
    if (flags & ~RECEIVE_FLAGS || this.type !== SOCK_STREAM) {
      const bytes = this.recv(buffer.length, flags);
      if (bytes) buffer.set(bytes);
      return bytes?.length;
    }
    if (!this.#readable(buffer.length, flags)) return undefined;
    const count = this.#inbox.bytes.copy(buffer);
    if (!(flags & MSG_PEEK)) {
      this.#inbox.bytes.skip(count);
      this.#consume(count);
    }
    return count;
  }

  /** Puts bytes back before those that wait. */
  putBack(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#closed) return;
    this.#inbox.unshift(bytes);
    this.#update();
  }

  #recvAtOwner(
    count: number,
    flags: number,
  ): Uint8Array<ArrayBuffer> | undefined {
    this.#check();
    const bytes = this.#call(["recv", count, flags]);
    return bytes === null ? undefined : Uint8Array.from(bytes as number[]);
  }

  /** There is something to read, or the end. */
  #readable(count: number, flags: number): boolean {
    this.#check();
    if (!this.#hasConnection(errno.ENOTCONN)) return this.#phase === "failed";
    if (flags & MSG_PEEK && this.#inbox.unread < count && !this.#inbox.atEnd) {
      if (this.#more(count, flags)) return false;
    }
    if (this.#inbox.unread > 0) return true;
    const failure = this.#error ?? (this.#inbox.atEnd ? this.#unsent : null);
    // Sending behind the peer's end is no concern of those who receive.
    if (failure && failure.errno !== errno.EPIPE) throw this.#fetch();
    return this.#inbox.atEnd || count === 0;
  }

  /** Asks for what can be seen behind what has come; whether to wait for it. */
  #more(count: number, flags: number): boolean {
    if (this.#inbox.ended || this.#inbox.shut) return false;
    this.#inbox.ask();
    return (flags & MSG_WAITALL) !== 0 &&
      this.#inbox.unread < Math.min(count, this.#inbox.window);
  }

  /** Whether there is a connection; `false` if it may come yet or has failed to. */
  #hasConnection(otherwise: number): boolean {
    if (this.#connected) return true;
    if (this.#phase === "connecting") return false;
    if (this.#phase === "failed") {
      if (this.#error) throw this.takeError();
      if (otherwise === errno.ENOTCONN) return false;
    }
    throw new OSError(otherwise);
  }

  /** Fetches the error, which was the end of the connection. */
  #fetch(): OSError | null {
    if (this.#error) this.#inbox.ended = this.#outbox.shut = true;
    return this.takeError();
  }

  /** The next record, cut to `count` bytes; of a stream, bytes. */
  receiveMessage(count: number, flags: number): Message | undefined {
    if (this.type === SOCK_STREAM || flags & ~RECEIVE_FLAGS) {
      const data = this.recv(count, flags);
      const { streamSender } = addressFamily(this.family);
      const address = this.#peername === null
        ? null
        : streamSender?.(this.#peername) ?? null;
      return data && { data, address, flags: 0 };
    }
    this.#check();
    if (this.#connectionless) this.#raise();
    else if (!this.#readable(count, flags & ~MSG_PEEK)) return undefined;
    const { first } = this.#inbox.records;
    if (!first) return this.#inbox.atEnd ? NO_MESSAGE : undefined;
    if (!(flags & MSG_PEEK)) this.#consume(this.#inbox.records.shift());
    const { data, address } = first;
    return data.length > count
      ? { data: data.slice(0, count), address, flags: MSG_TRUNC }
      : { data: flags & MSG_PEEK ? data.slice() : data, address, flags: 0 };
  }

  // Sending

  /** Sends the front of `data`, or a record. */
  send(data: Uint8Array<ArrayBuffer>, flags: number): number | undefined {
    if (flags & ~SEND_FLAGS) return this.#sendAtOwner(data, flags);
    if (this.type !== SOCK_STREAM) return this.#sendRecord(data, null);
    this.#check();
    if (!this.#hasConnection(errno.EPIPE)) return undefined;
    this.#raise();
    if (this.#finished) throw new OSError(errno.EPIPE);
    if (this.#outbox.room <= 0 && data.length > 0) return undefined;
    return this.#outbox.send(data);
  }

  /** Sends all of `data`, as soon as there is credit for it. */
  write(data: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    if (this.#closed || this.type !== SOCK_STREAM) return undefined;
    const able = this.#phase === "connected" && !this.#error &&
      !this.#unsent && !this.#finished;
    return able ? this.#outbox.write(data) : undefined;
  }

  #sendAtOwner(data: Uint8Array, flags: number): number | undefined {
    this.#check();
    return this.#call(["send", [...data], flags]) as number ?? undefined;
  }

  #sendRecord(
    data: Uint8Array,
    address: SocketAddress | null,
  ): number | undefined {
    this.#check();
    this.#raise();
    if (this.#outbox.shut) throw new OSError(errno.EPIPE);
    if (!this.#connectionless && !this.#hasConnection(errno.EPIPE)) {
      return undefined;
    }
    if (address === null && this.#peername === null) {
      throw new OSError(errno.EDESTADDRREQ);
    }
    if (data.length > this.#longest) throw new OSError(errno.EMSGSIZE);
    if (this.#outbox.room <= 0) return undefined;
    this.#outbox.putRecord(data, address);
    // Sending gives a socket its port.
    if (this.#sockname !== null) {
      const { equals, unbound } = addressFamily(this.family);
      if (equals(this.#sockname, unbound)) this.#sockname = null;
    }
    return data.length;
  }

  /** As {@linkcode send}, to an address. */
  sendMessage(
    data: Uint8Array<ArrayBuffer>,
    flags: number,
    address: SocketAddress | null,
    ancillary: readonly ControlMessage[] = [],
  ): number | undefined {
    if (ancillary.length > 0) {
      const text = "ancillary data can't reach a socket of another thread";
      throw new OSError(errno.EOPNOTSUPP, text);
    }
    if (this.type === SOCK_STREAM) return this.send(data, flags);
    if (flags & ~SEND_FLAGS) return this.#sendAtOwner(data, flags);
    return this.#sendRecord(data, address);
  }

  #raise(): void {
    const error = this.#fetch();
    if (error) throw error;
  }

  /** Fetches the error that nobody has seen yet. */
  takeError(): OSError | null {
    const error = this.#error ?? this.#unsent;
    this.#error = this.#unsent = null;
    return error;
  }

  // Names and options

  /** The own address. */
  getsockname(): SocketAddress {
    this.#check();
    if (this.#sockname === null) this.#call(["getsockname"]);
    return this.#sockname!;
  }

  /** The peer's address. */
  getpeername(): SocketAddress {
    this.#check();
    if (this.#peername === null) throw new OSError(errno.ENOTCONN);
    return this.#peername;
  }

  /** Reads an option. */
  getsockopt(
    level: number,
    name: number,
    size: number,
  ): number | Uint8Array<ArrayBuffer> {
    this.#check();
    if (level === SOL_SOCKET) {
      switch (name) {
        case SO_ERROR:
          return this.takeError()?.errno ?? 0;
        case SO_TYPE:
          return this.type;
        case SO_DOMAIN:
          return this.family;
        case SO_ACCEPTCONN:
          return Number(this.#phase === "listening");
      }
    }
    const value = this.#call(["getsockopt", level, name, size]);
    return Array.isArray(value) ? Uint8Array.from(value) : value ?? 0;
  }

  /** Sets an option. */
  setsockopt(
    level: number,
    name: number,
    value: number | Uint8Array<ArrayBuffer>,
  ): void {
    this.#check();
    const plain = typeof value === "number" ? value : [...value];
    this.#call(["setsockopt", level, name, plain]);
  }

  #call(request: Request): number | number[] | null {
    if (this.#failed) throw new OSError(errno.ENOTCONN);
    const answer = this.#line.call(request);
    if ("error" in answer) throw errorOf(answer.error);
    if (answer.snapshot) {
      const phase = this.#phase;
      this.#learn(answer.snapshot);
      this.#phase = phase;
      this.#update();
    }
    return answer.value;
  }

  // The end

  #check(): void {
    if (this.#closed) throw new OSError(errno.EBADF);
  }

  /** Shuts one direction down or both. */
  shutdown(how: number): void {
    this.#check();
    if (this.#phase === "listening") {
      if (how === SHUT_WR) return;
      this.#line.send(Op.Shutdown, how, this.#inbox.consumed);
      this.#drop();
      this.#recount("new");
    } else {
      const connected = this.#connectionless
        ? this.#peername !== null
        : this.#phase === "connected";
      if (!connected) throw new OSError(errno.ENOTCONN);
      this.#line.send(Op.Shutdown, how);
      if (how !== SHUT_RD) this.#outbox.shut = true;
      if (how !== SHUT_WR) this.#inbox.shut = true;
    }
    this.#update();
  }

  /** Closes the endpoint; what was sent is still delivered. */
  close(): void {
    if (this.#closed) return;
    this.#line.send(Op.Close, 0, this.#inbox.consumed);
    this.leave();
  }

  /** Lets go of it: it was closed, or has returned to its owner. */
  leave(): void {
    this.#closed = true;
    this.#outbox.refuse(() => new OSError(errno.EBADF));
    this.#line.end();
    this.#drop();
    this.#endSettling();
    this.#watchers.wake(POLLNVAL);
  }

  /** The owner keeps the connections that nobody accepted. */
  #drop(): void {
    for (const { endpoint } of this.#inbox.accepted.splice(0)) endpoint.leave();
  }

  // Handing over

  /** Over the channel that leads to its owner, the endpoint returns. */
  depart(fd: number, carrier: Carrier): Departure | null {
    if (carrier !== this.#line.carrier || sharesOf(fd) > 1) return null;
    const send = () => {
      forgetDescriptor(fd);
      this.leave();
    };
    return { kind: "back", message: this.#returned, send };
  }

  /** What the owner has to know when the endpoint returns. */
  get #returned(): Returned {
    const [bytes, accepted] = this.#inbox.returned;
    const error = this.#error ?? this.#unsent;
    return {
      id: this.#line.id,
      consumed: this.#inbox.consumed,
      bytes,
      messages: this.#inbox.records.putBack,
      accepted: accepted.map(({ endpoint, address }) => ({
        returned: endpoint.#returned,
        address,
      })),
      error: error && reportOf(error),
      errors: this.#errors,
    };
  }

  /** What there is to know of the endpoint. */
  snapshot(): Snapshot {
    return {
      phase: this.#phase,
      sockname: this.#sockname ?? this.getsockname(),
      peername: this.#peername,
      writeEnded: this.#finished,
    };
  }

  /** Takes over what somebody left who had borrowed it from here. */
  resume({ bytes, messages, accepted, error, unsent }: Leftovers): void {
    this.#inbox.resume(bytes, messages, accepted);
    this.#error ??= error as OSError | null;
    for (const item of unsent) {
      if ("how" in item) this.#line.send(Op.Shutdown, item.how);
      else if (this.type === SOCK_STREAM) this.#outbox.put(item.data);
      else this.#outbox.putRecord(item.data, item.address);
    }
    this.#update();
  }
}
