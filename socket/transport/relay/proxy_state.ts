/**
 * The state of a proxy, as the user's calls and the stub's records have set it.
 *
 * ```text
 *        connect            Connected           Failed, loss of the thread
 * new ───────────► connecting ──────► connected ──► connected, failed
 *  │ ▲                 └─ Failed ─► failed ─ connect ─► connecting
 *  │ └─ shutdown ─┐
 *  └─ listen ─► listening
 * any ─ close, return ─► closed
 * ```
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import {
  SHUT_RD,
  SHUT_WR,
  SO_ACCEPTCONN,
  SO_DOMAIN,
  SO_ERROR,
  SO_TYPE,
  SOCK_STREAM,
} from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { Op } from "../../link/records.ts";
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLRDHUP,
} from "../../reactor/events.ts";
import {
  isConnectionless,
  type Phase,
  type SocketAddress,
} from "../transport.ts";
import { ReceiveWindow, SendWindow } from "./flow.ts";
import {
  type Borrower,
  decode,
  errorOf,
  type Lent,
  type LentSnapshot,
} from "./protocol.ts";

const EVERYTHING = POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP;

/** The state of a proxy. */
export class ProxyState {
  readonly lent: LentSnapshot;
  readonly type: number;
  readonly connectionless: boolean;
  readonly borrower: Borrower;
  readonly #id: number;
  /** The flow from the stub, and to it. */
  readonly incoming: ReceiveWindow;
  readonly outgoing: SendWindow;
  phase: Phase;
  /** The own address; `null` if it isn't known yet. */
  sockname: SocketAddress | null;
  peername: SocketAddress | null;
  /** The connection, or the owner's thread, is gone. */
  failed = false;
  /** Nothing more will arrive; unread data can still be read. */
  ended = false;
  /** The user has shut receiving down. */
  readShut = false;
  /** Nothing more may be sent. */
  writeShut: boolean;
  closed = false;
  /** The stub reads on when it gets a record. */
  resting = false;
  /** An error that the user has not seen. */
  error: OSError | null = null;
  /** How many errors the stub has told. */
  errors = 0;

  constructor({ id, snapshot }: Lent, borrower: Borrower) {
    this.lent = snapshot;
    this.type = snapshot.type;
    this.connectionless = isConnectionless(snapshot);
    this.borrower = borrower;
    this.#id = id;
    this.incoming = new ReceiveWindow(snapshot.window);
    this.outgoing = new SendWindow(snapshot.sendWindow);
    this.phase = snapshot.phase;
    this.sockname = snapshot.sockname;
    this.peername = snapshot.peername;
    this.writeShut = snapshot.writeEnded;
  }

  /** Sends a record to the stub. */
  tell(op: Op, a = 0, payload?: Uint8Array): void {
    this.resting = false;
    const consumed = this.incoming.tell();
    this.borrower.link.send(op, this.#id, a, consumed, payload);
  }

  // Transitions

  learn(snapshot: LentSnapshot): void {
    this.phase = snapshot.phase;
    this.sockname = snapshot.sockname;
    this.peername = snapshot.peername;
    this.incoming.size = snapshot.window;
    this.outgoing.size = snapshot.sendWindow;
    this.outgoing.acknowledge(snapshot.taken);
  }

  /** The stub tells of the end of the stream, or of an error. */
  onRecord(op: Op, payload: Uint8Array): void {
    if (op === Op.End) this.ended = true;
    else {
      this.errors++;
      this.error = errorOf(decode(payload));
      if (op === Op.Unsent) this.writeShut = true;
      else if (this.phase === "connecting") this.phase = "failed";
      else if (this.phase === "connected" && !this.connectionless) {
        this.failed = this.ended = true;
      }
    }
  }

  /** The owner's thread is gone. */
  lose(): void {
    const text = "the thread that opened the socket is gone";
    this.error = new OSError(errno.ECONNRESET, text);
    if (this.phase === "connecting") this.phase = "failed";
    this.failed = this.ended = this.writeShut = true;
  }

  connect(): void {
    switch (this.phase) {
      case "connected":
      case "listening":
        throw new OSError(errno.EISCONN);
      case "connecting":
        throw new OSError(errno.EALREADY);
    }
    this.phase = "new";
    this.raise();
    if (this.failed) throw new OSError(errno.ECONNRESET);
    this.phase = "connecting";
  }

  shutdown(how: number): void {
    const connected = this.connectionless
      ? this.peername !== null
      : this.phase === "connected";
    if (!connected) throw new OSError(errno.ENOTCONN);
    if (how !== SHUT_WR) this.readShut = true;
    if (how !== SHUT_RD) this.writeShut = true;
  }

  /** Fetches the error. */
  takeError(): OSError | null {
    const { error } = this;
    this.error = null;
    return error;
  }

  /** The value of an option that is known here; `null` of any other. */
  option(name: number): number | null {
    switch (name) {
      case SO_ERROR:
        return this.takeError()?.errno ?? 0;
      case SO_TYPE:
        return this.type;
      case SO_DOMAIN:
        return this.lent.family;
      case SO_ACCEPTCONN:
        return Number(this.phase === "listening");
    }
    return null;
  }

  // Checks

  /** Raises `EINVAL` if something was begun with the endpoint. */
  checkUnused(): void {
    const unused = this.phase === "new" || this.phase === "failed";
    if (!unused && !this.connectionless) throw new OSError(errno.EINVAL);
  }

  check(): void {
    if (this.closed) throw new OSError(errno.EBADF);
  }

  /** There is a connection; `false` if it may come yet or has failed to. */
  connected(otherwise: number): boolean {
    if (this.connectionless || this.phase === "connected") return true;
    if (this.phase === "connecting") return false;
    if (this.phase === "failed") {
      this.raise();
      if (otherwise === errno.ENOTCONN) return false;
    }
    throw new OSError(otherwise);
  }

  /** It is a stream that nothing has gone wrong with. */
  get intact(): boolean {
    return this.type === SOCK_STREAM && this.phase === "connected" &&
      !this.closed && !this.error;
  }

  /** Nothing more may be sent. A connection that failed is gone both ways. */
  get finished(): boolean {
    return this.writeShut || this.failed;
  }

  /** Raises the error, if there is one. */
  raise(): void {
    const error = this.takeError();
    if (error) throw error;
  }

  /** The same for the receiving calls; EPIPE is reported only at the end. */
  raiseToReader(atEnd: boolean): void {
    if (!this.failed && !atEnd) return;
    // A receiving call doesn't report EPIPE, which belongs to sending.
    if (this.error?.errno !== errno.EPIPE) this.raise();
  }

  /**
   * The `POLL` bits that are true now.
   *
   * @param readable Something can be received.
   * @param ended The end can be received.
   * @param room There is room for something to send.
   */
  readiness(readable: boolean, ended: boolean, room: boolean): number {
    if (this.closed) return POLLNVAL;
    const error = this.error ? POLLERR : 0;
    switch (this.connectionless ? "connected" : this.phase) {
      case "new":
        return POLLOUT | POLLHUP;
      case "listening":
        return readable || error || this.failed ? POLLIN : 0;
      case "connecting":
        return 0;
      case "failed":
        return POLLIN | POLLOUT | POLLHUP | POLLRDHUP | error;
    }
    let events = readable ? POLLIN : 0;
    if (ended) events |= POLLIN | POLLRDHUP;
    if (ended && this.finished) events |= POLLHUP;
    if (this.connectionless) {
      if (room && this.phase !== "connecting") events |= POLLOUT;
      return events | error;
    }
    if (room || this.finished) events |= POLLOUT;
    return error && (this.failed || ended) ? events | EVERYTHING : events;
  }
}
