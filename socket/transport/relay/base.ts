/**
 * What all endpoints have in common that stay in another thread.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import {
  SO_ACCEPTCONN,
  SO_DOMAIN,
  SO_ERROR,
  SO_TYPE,
  SOL_SOCKET,
} from "../../constants.ts";
import { OSError } from "../../errors.ts";
import {
  type Endpoint,
  type Message,
  POLLIN,
  POLLINCOMING,
  POLLNVAL,
  type SocketAddress,
  type Watch,
} from "../transport.ts";
import { Watchers } from "../watchers.ts";
import type { Half, Line } from "./line.ts";
import type { Answer, Method } from "./calls.ts";
import * as r from "./records.ts";
import type { State } from "./state.ts";
import type { Returned, Unread } from "./terms.ts";

/** The half of a lent endpoint that is where it is used. */
export abstract class RelayEndpoint implements Endpoint, Half {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  /** What is known of the other half. */
  protected readonly state: State;
  protected readonly watchers: Watchers = new Watchers();
  protected error: OSError | null;
  protected closed = false;
  #line: Line;
  /** How many records the other half told. */
  protected told = 0;
  /** How many bytes were taken that the other half doesn't know of. */
  #taken = 0;
  #wanted = false;
  #settling: PromiseWithResolvers<void> | null = null;

  constructor(line: Line, state: State) {
    this.family = state.family;
    this.type = state.type;
    this.proto = state.proto;
    this.state = state;
    this.error = state.error && r.told(state.error);
    this.#line = line;
  }

  /** What connects it with the other half. */
  get line(): Line {
    return this.#line;
  }

  // What the other half tells

  arrive(op: number, value: number, payload: Uint8Array): void {
    if (op === r.ROOM) {
      this.state.room += value;
    } else if (op === r.SETTLED) {
      this.#settling?.resolve();
      this.#settling = null;
    } else {
      this.told++;
      this.#wanted = false;
      this.hear(op, payload);
    }
    this.update();
  }

  /** Gets something that isn't about the connection with the other half. */
  protected abstract hear(op: number, payload: Uint8Array): void;

  lost(): void {
    this.error = new OSError(
      errno.ECONNRESET,
      "the thread that opened the socket is gone",
    );
    this.state.broken = this.state.inEnded = this.state.outEnded = true;
    this.#settling?.resolve();
    this.#settling = null;
    this.update();
  }

  /** Wakes those who wait for what is true now. */
  protected update(): void {
    if (this.watchers.size > 0) this.watchers.wake(this.readiness);
  }

  // Readiness

  abstract readonly readiness: number;

  /** Somebody waits for it. */
  get busy(): boolean {
    return this.watchers.calls > 0;
  }

  /** Begins to wake a watch. */
  watch(watch: Watch): void {
    const before = this.watchers.calls;
    this.watchers.add(watch);
    if (before === 0 && this.watchers.calls > 0) this.#line.hold(true);
    this.replenish();
  }

  /** Stops to wake a watch. */
  unwatch(watch: Watch): void {
    const before = this.watchers.calls;
    this.watchers.delete(watch);
    this.#unwant();
    if (before > 0 && this.watchers.calls === 0) this.#line.hold(false);
  }

  /** Whoever watches wants to know of what comes next. */
  protected replenish(): void {
    if (this.watchers.events & this.#incoming) this.want();
  }

  /** What there is reason to bring something for: others may wait for it too. */
  get #incoming(): number {
    return this.state.shared ? POLLIN : POLLINCOMING;
  }

  /** Whether what comes has to be asked for. */
  protected abstract readonly asks: boolean;

  /** Lets the other half know that somebody waits for something to come. */
  protected want(): void {
    if (this.#wanted || this.closed || this.state.inEnded || !this.asks) return;
    this.#wanted = true;
    this.#line.send(r.WANT, this.told);
  }

  /** Leaves to others what nobody waits for here. */
  #unwant(): void {
    if (!this.#wanted || !this.state.shared || this.closed) return;
    if (this.watchers.events & POLLIN) return;
    this.#wanted = false;
    this.#line.send(r.UNWANT);
  }

  /** Lets the other half bring what it has. */
  async settle(events: number): Promise<void> {
    if (this.closed || this.state.broken) return;
    if (events & POLLIN) this.want();
    if (this.#settling === null) {
      this.#settling = Promise.withResolvers();
      this.#line.send(r.SETTLE, events);
    }
    this.#line.hold(true);
    try {
      await this.#settling.promise;
      this.#unwant();
    } finally {
      this.#line.hold(false);
    }
  }

  // Transfer

  /** Tells the other half that bytes were taken. */
  protected took(count: number): void {
    this.#taken += count;
    if (this.#taken >= this.state.receive / 4) this.confirm();
  }

  /** Tells it of all that were taken. */
  protected confirm(): void {
    if (this.#taken > 0) this.#line.send(r.TAKEN, this.#taken);
    this.#taken = 0;
  }

  abstract accept(): Endpoint | undefined;
  abstract connect(address: SocketAddress, name?: string): boolean;
  abstract recv(
    count: number,
    flags: number,
  ): Uint8Array<ArrayBuffer> | undefined;
  abstract recvInto(
    buffer: Uint8Array<ArrayBuffer>,
    flags: number,
  ): number | undefined;
  abstract send(
    data: Uint8Array<ArrayBuffer>,
    flags: number,
  ): number | undefined;
  abstract receiveMessage(count: number, flags: number): Message | undefined;
  abstract sendMessage(
    data: Uint8Array<ArrayBuffer>,
    flags: number,
    address: SocketAddress,
  ): number | undefined;
  abstract shutdown(how: number): void;

  // Names and options

  /** Gives the endpoint a name of its own. */
  bind(address: SocketAddress): void {
    this.check();
    this.call("bind", [address]);
  }

  /** Lets connections wait. */
  listen(backlog: number): void {
    this.check();
    this.call("listen", [backlog]);
    this.state.phase = "listening";
  }

  /** The own address. */
  getsockname(): SocketAddress {
    this.check();
    if (this.state.sockname === null) this.call("getsockname", []);
    return this.state.sockname!;
  }

  /** The peer's address. */
  getpeername(): SocketAddress {
    this.check();
    if (this.state.peername === null) throw new OSError(errno.ENOTCONN);
    return this.state.peername;
  }

  /** Reads an option. */
  getsockopt(level: number, name: number): number | Uint8Array<ArrayBuffer> {
    this.check();
    if (level === SOL_SOCKET) {
      switch (name) {
        case SO_ERROR:
          return this.takeError()?.errno ?? 0;
        case SO_TYPE:
          return this.type;
        case SO_DOMAIN:
          return this.family;
        case SO_ACCEPTCONN:
          return Number(this.state.phase === "listening");
      }
    }
    const value = this.call("getsockopt", [level, name]);
    return Array.isArray(value) ? Uint8Array.from(value) : value ?? 0;
  }

  /** Sets an option. */
  setsockopt(
    level: number,
    name: number,
    value: number | Uint8Array<ArrayBuffer>,
  ): void {
    this.check();
    const plain = typeof value === "number" ? value : [...value];
    this.call("setsockopt", [level, name, plain]);
  }

  /** Calls a method of the endpoint itself, and waits for the answer. */
  protected call(method: Method, args: unknown[]): number | number[] | null {
    if (this.state.broken) throw new OSError(errno.ENOTCONN);
    const payload = r.encode([method, args]);
    if (!this.#line.call) {
      throw new OSError(
        errno.EOPNOTSUPP,
        `the main thread can't wait for the answer of the thread that opened the socket: call ${method}() there`,
      );
    }
    const answer = this.#line.call(payload) as Answer;
    if ("error" in answer) throw r.told(answer.error);
    const { value, state } = answer;
    const mine = this.state;
    if (state === null) {
      mine.sockname = null;
      return value;
    }
    mine.sockname = state.sockname;
    mine.peername = state.peername;
    mine.room += state.send - mine.send;
    mine.send = state.send;
    mine.receive = state.receive;
    this.took(0);
    this.update();
    return value;
  }

  /** Fetches the error that nobody has seen yet. */
  takeError(): OSError | null {
    const { error } = this;
    this.error = null;
    return error;
  }

  // The end

  /** Raises `EBADF` once it is closed. */
  protected check(): void {
    if (this.closed) throw new OSError(errno.EBADF);
  }

  /** Closes the endpoint; what was sent is still delivered. */
  close(): void {
    if (this.closed) return;
    this.#line.send(r.CLOSE);
    this.#line.end();
    this.#leave();
  }

  #leave(): void {
    this.closed = true;
    this.#settling?.resolve();
    this.#settling = null;
    this.watchers.wake(POLLNVAL);
  }

  /** What is to be told of it when it is given back; changes nothing. */
  returned(): Returned {
    const { state, error } = this;
    return {
      id: this.#line.id,
      state: { ...state, error: error && r.tell(error) },
      told: this.told,
      unread: this.unread(),
      accepted: this.accepted(),
    };
  }

  /** What came and wasn't taken. */
  protected abstract unread(): Unread[];
  /** The connections that were accepted and not taken. */
  protected abstract accepted(): Returned[];

  /** Lets go of it, once it was given back. */
  leave(): void {
    this.#line.leave();
    this.#leave();
  }
}
