/**
 * The half of a lent endpoint that is in the thread which uses it.
 *
 * It sends records to its stub and keeps what the stub sends until it is read.
 * A record changes the state and wakes the calls that wait; it never starts an
 * operation of the user's.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import {
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_PEEK,
  MSG_WAITALL,
  SHUT_WR,
  SOCK_STREAM,
  SOL_SOCKET,
} from "../../constants.ts";
import { forgetDescriptor, sharesOf } from "../../descriptors.ts";
import { OSError } from "../../errors.ts";
import { Op } from "../../link/records.ts";
import { addressFamily } from "../../names/families.ts";
import { Watchers } from "../../reactor/watchers.ts";
import { POLLIN } from "../../reactor/events.ts";
import type { Watch } from "../../reactor/readiness.ts";
import type {
  Accepted,
  Carrier,
  ControlMessage,
  Departure,
  Endpoint,
  Leftovers,
  Message,
  Snapshot,
  SocketAddress,
} from "../transport.ts";
import { Inbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import {
  type Borrower,
  decode,
  encode,
  errorOf,
  type Lent,
  type Proxy,
  reportOf,
  type Request,
  type Returned,
} from "./protocol.ts";
import { ProxyState } from "./proxy_state.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Flags that read-ahead data can obey; the owner is asked for all others. */
const RECEIVE_FLAGS = MSG_PEEK | MSG_WAITALL | MSG_DONTWAIT;
const SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL;

/** The most data that the answer to a call can hold, in bytes. */
const LONGEST_ANSWER = 1024;

/** The half of a lent endpoint that is where it is used. */
export class EndpointProxy implements Proxy {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  readonly #id: number;
  readonly #borrower: Borrower;
  readonly #state: ProxyState;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #watchers = new Watchers();
  #settling: PromiseWithResolvers<void> | null = null;

  /** The proxy of a lent endpoint. */
  constructor(lent: Lent, borrower: Borrower) {
    const { id, snapshot } = lent;
    this.family = snapshot.family;
    this.type = snapshot.type;
    this.proto = snapshot.proto;
    this.#id = id;
    this.#borrower = borrower;
    this.#state = new ProxyState(lent, borrower);
    this.#inbox = new Inbox(this.#state);
    this.#outbox = new Outbox(this.#state);
  }

  // Records

  /** Takes a record. The payload is only there during the call. */
  onRecord(op: Op, taken: number, payload: Uint8Array): void {
    this.#state.outgoing.acknowledge(taken);
    switch (op) {
      case Op.Credit:
        break;
      case Op.Settled:
        this.#endSettling();
        break;
      default:
        if (op === Op.Connected) this.#state.learn(decode(payload));
        else if (op === Op.End || op === Op.Failed || op === Op.Unsent) {
          this.#state.onRecord(op, payload);
        }
        this.#inbox.onRecord(op, payload);
        this.#inbox.want(this.#watchers);
    }
    this.#update();
  }

  /** The thread of the stub is gone. */
  lost(): void {
    this.#state.lose();
    this.#endSettling();
    this.#update();
  }

  /** Resumes the calls and watches that the new state concerns. */
  #update(): void {
    this.#inbox.serve();
    this.#outbox.serve();
    if (this.#watchers.size > 0) this.#watchers.wake(this.readiness);
  }

  // Readiness

  get readiness(): number {
    const { atEnd, unread } = this.#inbox;
    const { ended, failed } = this.#state;
    // Edge watches have to see the end behind unread bytes, too.
    const seen = atEnd || this.#watchers.edge && ended && !failed;
    return this.#state.readiness(unread > 0, seen, this.#outbox.room > 0);
  }

  get reactor(): Endpoint["reactor"] {
    return this.#borrower;
  }

  get busy(): boolean {
    const calls = this.#inbox.reading || !this.#outbox.empty;
    return calls || this.#watchers.calls > 0;
  }

  watch(watch: Watch): void {
    const before = this.#watchers.calls;
    this.#watchers.add(watch);
    if (before === 0 && this.#watchers.calls > 0) this.#borrower.hold(true);
    this.#inbox.want(this.#watchers);
  }

  unwatch(watch: Watch): void {
    const before = this.#watchers.calls;
    this.#watchers.delete(watch);
    this.#inbox.want(this.#watchers);
    if (before > 0 && this.#watchers.calls === 0) this.#borrower.hold(false);
  }

  async settle(events: number): Promise<void> {
    if (this.#state.closed || this.#state.failed) return;
    if (events & POLLIN) this.#inbox.ask(false);
    if (!this.#settling) {
      this.#settling = Promise.withResolvers();
      this.#state.tell(Op.Settle, events);
    }
    this.#borrower.hold(true);
    await this.#settling.promise;
    this.#borrower.hold(false);
    this.#inbox.want(this.#watchers);
  }

  #endSettling(): void {
    this.#settling?.resolve();
    this.#settling = null;
  }

  // Listening and connecting

  bind(address: SocketAddress): void {
    const state = this.#state;
    state.check();
    state.checkUnused();
    this.#call(["bind", address]);
    state.sockname = null;
  }

  listen(backlog: number): void {
    const state = this.#state;
    state.check();
    if (state.phase !== "listening") state.checkUnused();
    this.#call(["listen", backlog]);
    if (state.phase !== "listening") {
      // Both halves count anew when the endpoint becomes another kind.
      state.phase = "listening";
      this.#inbox.reset();
    }
    this.#inbox.want(this.#watchers);
  }

  accept(): Accepted | undefined {
    return this.#inbox.accept();
  }

  connect(address: SocketAddress, name?: string): boolean {
    const state = this.#state;
    state.check();
    if (state.connectionless && this.#borrower.blocks) {
      this.#call(["connect", address, name]);
      return true;
    }
    state.connect();
    if (!state.connectionless) this.#inbox.reset();
    this.#state.tell(Op.Connect, 0, encode([address, name]));
    return false;
  }

  // Receiving

  recv(count: number, flags: number): Bytes | undefined {
    const bytes = this.type === SOCK_STREAM && !(flags & ~RECEIVE_FLAGS);
    return bytes
      ? this.#inbox.recv(count, flags)
      : this.receiveMessage(count, flags)?.data;
  }

  recvInto(buffer: Bytes, flags: number): number | undefined {
    if (this.type === SOCK_STREAM && !(flags & ~RECEIVE_FLAGS)) {
      return this.#inbox.recvInto(buffer, flags);
    }
    const bytes = this.recv(buffer.length, flags);
    if (bytes) buffer.set(bytes);
    return bytes?.length;
  }

  receiveMessage(
    count: number,
    flags: number,
    controlSize = 0,
  ): Message | undefined {
    if (!(flags & ~RECEIVE_FLAGS)) {
      return this.#inbox.receiveMessage(count, flags, controlSize);
    }
    const sizes = [count, controlSize]
      .map((size) => Math.min(size, LONGEST_ANSWER));
    const message = this.#call(["receiveMessage", sizes[0]!, flags, sizes[1]]);
    return message as Message | null ?? undefined;
  }

  read(buffer: Bytes): Promise<number> | undefined {
    return this.#inbox.read(buffer, buffer.length);
  }

  receive(count: number): Promise<Bytes> | undefined {
    return this.#inbox.read(null, count);
  }

  putBack(bytes: Bytes): void {
    if (this.#state.closed) return;
    this.#inbox.putBack(bytes);
    this.#update();
  }

  // Sending

  send(data: Bytes, flags: number): number | undefined {
    return this.sendMessage(data, flags, null);
  }

  sendMessage(
    data: Bytes,
    flags: number,
    address: SocketAddress | null,
    ancillary: readonly ControlMessage[] = [],
  ): number | undefined {
    if (flags & ~SEND_FLAGS || ancillary.length > 0) {
      const request = ["sendMessage", data, flags, address, ancillary] as const;
      return this.#call([...request]) as number | null ?? undefined;
    }
    const count = this.#outbox.send(data, address);
    // Sending gives a socket its port.
    const { connectionless, sockname } = this.#state;
    if (connectionless && sockname !== null) {
      const { equals, unbound } = addressFamily(this.family);
      if (equals(sockname, unbound)) this.#state.sockname = null;
    }
    return count;
  }

  write(data: Bytes): Promise<void> | undefined {
    return this.#outbox.write(data);
  }

  // Names and options

  takeError(): OSError | null {
    return this.#state.takeError();
  }

  getsockname(): SocketAddress {
    this.#state.check();
    if (this.#state.sockname === null) this.#call(["getsockname"]);
    return this.#state.sockname!;
  }

  getpeername(): SocketAddress {
    this.#state.check();
    if (!this.#state.peername) throw new OSError(errno.ENOTCONN);
    return this.#state.peername;
  }

  getsockopt(level: number, name: number, size: number): number | Bytes {
    this.#state.check();
    const known = level === SOL_SOCKET ? this.#state.option(name) : null;
    if (known !== null) return known;
    return this.#call(["getsockopt", level, name, size]) as number | Bytes;
  }

  setsockopt(level: number, name: number, value: number | Bytes): void {
    this.#call(["setsockopt", level, name, value]);
  }

  #call(request: Request): unknown {
    this.#state.check();
    if (this.#state.failed) throw new OSError(errno.ENOTCONN);
    const answer = this.#borrower.call(this.#id, request);
    if ("error" in answer) throw errorOf(answer.error);
    if (answer.snapshot) {
      const { phase } = this.#state;
      this.#state.learn({ ...answer.snapshot, phase });
      this.#update();
    }
    return answer.value;
  }

  // The end

  shutdown(how: number): void {
    const state = this.#state;
    state.check();
    if (state.phase === "listening") {
      if (how === SHUT_WR) return;
      this.#state.tell(Op.Shutdown, how);
      this.#inbox.drop();
      this.#inbox.reset();
      state.phase = "new";
    } else {
      state.shutdown(how);
      this.#state.tell(Op.Shutdown, how);
    }
    this.#update();
  }

  close(): void {
    if (this.#state.closed) return;
    this.#state.tell(Op.Close);
    this.leave();
  }

  /** Lets go of it: it was closed, or has returned to its owner. */
  leave(): void {
    this.#state.closed = true;
    this.#borrower.endProxy(this.#id);
    this.#inbox.drop();
    this.#endSettling();
    this.#update();
  }

  // Handing over

  depart(fd: number, carrier: Carrier): Departure | null {
    if (carrier !== this.#borrower || sharesOf(fd) > 1) return null;
    const send = () => {
      forgetDescriptor(fd);
      this.leave();
    };
    return { kind: "back", message: this.returned, send };
  }

  /** The message for the owner when the endpoint returns. */
  get returned(): Returned {
    const { error, errors } = this.#state;
    return {
      id: this.#id,
      ...this.#inbox.returned,
      error: error && reportOf(error),
      errors,
    };
  }

  snapshot(): Snapshot {
    const { phase, peername, finished } = this.#state;
    const sockname = this.getsockname();
    return { phase, sockname, peername, writeEnded: finished };
  }

  resume(leftovers: Leftovers): void {
    this.#inbox.resume(leftovers);
    this.#state.error ??= leftovers.error as OSError | null;
    this.#outbox.resume(leftovers.unsent);
    this.#update();
  }
}
