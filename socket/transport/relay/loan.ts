/**
 * An endpoint that was lent to another thread: the half that stays.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { SOCK_DGRAM } from "../../constants.ts";
import { OSError } from "../../errors.ts";
import {
  type Endpoint,
  POLLERR,
  POLLIN,
  POLLOUT,
  type SocketAddress,
} from "../transport.ts";
import { PATIENCE } from "../times.ts";
import { turn } from "../turn.ts";
import { lasting } from "../watchers.ts";
import { type Answer, limits, perform } from "./calls.ts";
import { type Debt, Debts } from "./debts.ts";
import { Intake } from "./intake.ts";
import type { Half, Line } from "./line.ts";
import { Outgoing } from "./outgoing.ts";
import { Pump } from "./pump.ts";
import * as r from "./records.ts";
import { Room } from "./room.ts";
import { look, phaseOf, remember, type State } from "./state.ts";
import { type Owned, ownedAlone, type Returned, type Unread } from "./terms.ts";

/** The half of a lent endpoint that stays where it was opened. */
export class Loan implements Half {
  readonly #owned: Owned;
  readonly #endpoint: Endpoint;
  readonly #outgoing: Outgoing;
  readonly #intake: Intake;
  /** Brings the user what comes in. */
  readonly #pump = new Pump(() => this.#bring());
  readonly #connected = lasting(POLLOUT, () => this.#checkConnecting());
  /** Woken by errors alone. */
  readonly #failing = lasting(0, () => this.#checkSent());
  #line: Line | null = null;
  /** What the last user knew. */
  #known: State | null = null;
  readonly #room = new Room((count) => this.#line?.send(r.ROOM, count));
  /** As many bytes may be under way to the user. */
  #limit = r.WINDOW;
  /** How many records the user was told. */
  #told = 0;
  /** What comes back from former users. */
  readonly #debts = new Debts<Late>((item) => this.#deliver(item));
  /** What the last user had no use for. */
  #unread: Unread[] = [];
  /** The same of connections. */
  #accepted: Loan[] = [];
  #connecting = false;
  #listening = false;
  /** Bytes or datagrams can come. */
  #flowing = false;
  /** Nothing more comes in. */
  #ended = false;
  #failed = false;
  #started = false;
  #closed = false;
  #released = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(owned: Owned) {
    this.#owned = owned;
    this.#endpoint = owned.endpoint;
    this.#outgoing = new Outgoing(
      owned.endpoint,
      this.#room,
      (error) => this.#refused(error),
      () => this.#closed && this.#release(),
    );
    this.#intake = new Intake(
      owned.endpoint,
      lasting(POLLIN, () => this.#pump.run()),
      owned.shared,
      (op, payload) => this.#tell(op, payload),
    );
  }

  /** The state of what is lent, from what the last user knew. */
  state(known = this.#known): State {
    const now = look(this.#endpoint);
    const { receive, send } = limits(this.#endpoint);
    now.send = send;
    now.room = Math.max(0, send - this.#outgoing.length);
    now.receive = receive;
    now.shared = this.#owned.shared();
    if (known) remember(now, known);
    return now;
  }

  /** Gives it to a user. */
  attach(line: Line): void {
    this.#line = line;
    const { receive, send } = limits(this.#endpoint);
    this.#limit = this.#intake.window = receive;
    this.#room.step = send / 4;
  }

  /** Begins to tell the user what comes, once the user knows of the loan. */
  start(): void {
    this.#started = this.#intake.unasked = true;
    for (const item of this.#unread.splice(0)) this.#deliver(item);
    const phase = phaseOf(this.#endpoint);
    this.#listening = phase === "listening";
    this.#flowing = phase === "stream" || phase === "datagram";
    this.#connecting = phase === "connecting" ||
      phase === "failed" && (this.#endpoint.readiness & POLLERR) !== 0;
    if (this.#connecting) this.#awaitConnection();
    else this.#flow();
  }

  get #datagrams(): boolean {
    return this.#endpoint.type === SOCK_DGRAM;
  }

  #tell(op: number, payload?: Uint8Array): void {
    this.#told++;
    this.#line!.send(op, 0, payload);
  }

  // What comes in

  #bring(): void {
    if (!this.#started || !this.#line || this.#ended) return;
    if (!this.#debts.empty) return;
    try {
      if (this.#listening) this.#accept();
      else if (this.#flowing && this.#intake.take()) this.#end();
    } catch (error) {
      this.#fail(error);
    }
  }

  #end(): void {
    this.#ended = true;
    this.#tell(r.END);
  }

  #fail(error: unknown): void {
    this.#intake.wanted = false;
    this.#report(r.FAILED, error);
    // That of a datagram or of a client who got lost ends nothing.
    if (this.#datagrams) return this.#intake.go();
    this.#intake.rest();
    if (this.#listening) return;
    this.#failed = this.#ended = true;
    this.#outgoing.end();
  }

  #report(op: number, error: unknown): void {
    this.#deliver([op, r.encode(r.tell(error))]);
  }

  #accept(): void {
    if (!this.#intake.wanted) return this.#intake.stop();
    let loan = this.#accepted.shift();
    if (!loan) {
      const endpoint = this.#endpoint.accept();
      if (!endpoint) return this.#intake.go();
      loan = new Loan(ownedAlone(endpoint));
    }
    this.#intake.rest();
    this.#tell(r.ACCEPTED, r.encode(this.#line!.lend(loan)));
    loan.start();
  }

  // What the user says

  arrive(op: number, value: number, payload: Uint8Array): void {
    switch (op) {
      case r.SEND:
        return this.#outgoing.send(payload, null);
      case r.SENDTO: {
        const [address, data] = r.decodeDatagram(payload);
        return this.#outgoing.send(data, address);
      }
      case r.TAKEN:
        this.#intake.window += value;
        return this.#pump.run();
      case r.WANT:
        return this.#want(value);
      case r.UNWANT:
        this.#intake.wanted = false;
        return this.#pump.run();
      case r.SHUT:
        return this.#outgoing.shut(value);
      case r.CLOSE:
        return this.#close();
      case r.CONNECT:
        return this.#connect(...r.decode<Connect>(payload));
      case r.SETTLE:
        this.#settle(value);
    }
  }

  #want(told: number): void {
    // What was told meanwhile may be what the user waits for.
    if (told !== this.#told) return;
    this.#intake.wanted = true;
    this.#pump.run();
  }

  /** What comes in has its own end, which may tell more. */
  #refused(error: unknown): void {
    if (this.#closed) return;
    this.#report(this.#datagrams ? r.FAILED : r.UNSENT, error);
  }

  /** What the endpoint had taken may fail later. */
  #checkSent(): void {
    if (!this.#started || !(this.#endpoint.readiness & POLLERR)) return;
    const error = this.#endpoint.takeError();
    if (error) this.#refused(error);
  }

  #connect(address: SocketAddress, name?: string): void {
    if (this.#datagrams) return this.#setPeer(address, name);
    this.#connecting = true;
    this.#failed = this.#ended = false;
    this.#outgoing.reopen();
    try {
      this.#endpoint.connect(address, name);
    } catch (error) {
      this.#connecting = false;
      return this.#report(r.FAILED, error);
    }
    this.#awaitConnection();
  }

  /** Names the only peer of datagrams; that is all there is to do. */
  #setPeer(address: SocketAddress, name?: string): void {
    try {
      this.#endpoint.connect(address, name);
    } catch (error) {
      this.#report(r.FAILED, error);
    }
    this.#tell(r.CONNECTED, r.encode(look(this.#endpoint)));
    this.#pump.run();
  }

  #awaitConnection(): void {
    this.#endpoint.watch(this.#connected);
    this.#checkConnecting();
  }

  #checkConnecting(): void {
    const { readiness } = this.#endpoint;
    if (!(readiness & (POLLOUT | POLLERR))) return;
    this.#connecting = false;
    this.#endpoint.unwatch(this.#connected);
    const error = this.#endpoint.takeError();
    if (error) return this.#report(r.FAILED, error);
    this.#tell(r.CONNECTED, r.encode(look(this.#endpoint)));
    this.#flowing = true;
    this.#flow();
  }

  #flow(): void {
    if (this.#flowing && !this.#datagrams) this.#endpoint.watch(this.#failing);
    this.#pump.run();
  }

  async #settle(events: number): Promise<void> {
    const line = this.#line;
    let moved: boolean;
    do {
      const passed = this.#room.sum;
      await this.#endpoint.settle(events);
      if (!this.#outgoing.empty) await turn();
      if (this.#closed || this.#line !== line) return;
      this.#outgoing.flush();
      if (this.#connecting) this.#checkConnecting();
      moved = this.#room.sum !== passed;
      this.#room.confirm();
    } while (moved && events & POLLOUT);
    this.#pump.run();
    line?.send(r.SETTLED);
  }

  /** Calls a method; what it gives, or how it fails. */
  perform(payload: Uint8Array): Answer {
    const answer = perform(this.#endpoint, payload);
    this.#listening = phaseOf(this.#endpoint) === "listening";
    this.#applyLimits();
    return answer;
  }

  #applyLimits(): void {
    const { receive, send } = limits(this.#endpoint);
    this.#room.step = send / 4;
    this.#intake.window += receive - this.#limit;
    this.#limit = receive;
    this.#room.add(0);
    this.#pump.run();
  }

  // Back from the user

  /**
   * Takes the endpoint back from a user who has no more to say. What it was
   * told too late is its debt.
   */
  giveBack(
    { state, told, unread }: Returned,
    accepted: Loan[],
  ): Debt<Late> | null {
    this.#line!.send(r.GONE);
    this.#line = null;
    this.#known = state;
    const debt = this.#debts.add(this.#told - told);
    this.#told = 0;
    this.#unread = unread;
    this.#accepted.push(...accepted);
    this.#room.forget();
    this.#started = false;
    this.#intake.rest();
    this.#endpoint.unwatch(this.#connected);
    this.#endpoint.unwatch(this.#failing);
    return debt;
  }

  /**
   * What was lent, if the last user left nothing behind; the loan is over then.
   */
  unwrap(): Owned | null {
    const clean = this.#debts.empty && this.#unread.length === 0 &&
      this.#accepted.length === 0 && this.#outgoing.empty && !this.#ended &&
      !this.#failed && !this.#connecting && !this.#known?.inEnded &&
      this.#known?.error === null;
    if (!clean) return null;
    this.#closed = true;
    return this.#owned;
  }

  /** Gets something back that came too late for a former user. */
  bounced(debt: Debt<Late>, item: Late): void {
    this.#debts.bring(debt, item);
    this.#pump.run();
  }

  /** A former user has died with what it had to bring. */
  defaulted(debt: Debt<Late>): void {
    this.#debts.cancel(debt);
    if (this.#datagrams || this.#listening) return this.#pump.run();
    const words = "the thread that had some of its bytes is gone";
    this.#fail(new OSError(errno.ECONNRESET, words));
  }

  #deliver(item: Late): void {
    if (item instanceof Loan) this.#accepted.push(item);
    else if (!this.#started) this.#unread.push(item);
    else {
      const [op, payload] = item;
      if (op === r.DATA || op === r.DATAGRAM) {
        this.#intake.window -= payload.length;
      }
      this.#tell(op, payload);
    }
  }

  // The end

  lost(): void {
    this.#line = null;
    this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = this.#ended = true;
    this.#intake.rest();
    for (const loan of this.#accepted) loan.lost();
    this.#line?.end();
    this.#line = null;
    if (this.#outgoing.empty || this.#failed || this.#connecting) {
      return this.#release();
    }
    this.#timer = setTimeout(() => this.#release(), PATIENCE);
  }

  #release(): void {
    if (this.#released) return;
    this.#released = true;
    clearTimeout(this.#timer);
    this.#endpoint.unwatch(this.#connected);
    this.#endpoint.unwatch(this.#failing);
    this.#outgoing.drop();
    this.#owned.release();
  }
}

/** What comes back: a record, or a connection. */
export type Late = Unread | Loan;

type Connect = [address: SocketAddress, name?: string];
