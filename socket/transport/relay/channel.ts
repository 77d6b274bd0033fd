/**
 * All that is lent between two threads, over one link.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { SOCK_DGRAM } from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { Table } from "../../table.ts";
import type { RelayEndpoint } from "./base.ts";
import type { Answer } from "./calls.ts";
import { RelayDatagrams } from "./datagram.ts";
import type { Half, Lent, Line } from "./line.ts";
import type { Link, Receiver } from "./link.ts";
import type { Debt } from "./debts.ts";
import type { Late, Loan } from "./loan.ts";
import * as r from "./records.ts";
import type { State } from "./state.ts";
import { RelayStream } from "./stream.ts";
import type { Returned } from "./terms.ts";

/** How the ends of a channel differ. */
export interface ChannelOptions {
  /** Whether this thread may be blocked until the other one answers. */
  readonly blocks: boolean;
  /** Keeps the process alive, or no longer. */
  hold(alive: boolean): void;
}

/** The answer for what is closed, and the one in the place of a long one. */
const CLOSED: Answer = { error: r.tell(new OSError(errno.EBADF)) };
const TOO_LONG: Answer = { error: r.tell(new OSError(errno.EMSGSIZE)) };

/** One end of the connection between two threads. */
export class Channel {
  readonly #link: Link;
  readonly #options: ChannelOptions;
  /** What this end lends. */
  readonly #loans = new Table<Half>();
  /** What it borrows. */
  readonly #borrowed = new Table<Half>();
  #lost = false;

  constructor(link: Link, options: ChannelOptions) {
    this.#link = link;
    this.#options = options;
  }

  /** Gets a record; `true` if it was one of the channel's. */
  readonly receive: Receiver["receive"] = (op, id, value, payload) => {
    if (op >= r.FIRST_BACK) {
      const half = this.#borrowed.get(id);
      if (half) half.arrive(op, value, payload);
      else if (op === r.ACCEPTED) this.#refuse(r.decode<Lent>(payload));
    } else if (op === r.CALL) {
      const loan = this.#loans.get(id) as Loan | undefined;
      this.#link.answer(loan?.perform(payload) ?? CLOSED, TOO_LONG);
    } else this.#loans.get(id)?.arrive(op, value, payload);
  };

  /** A connection has come to a listener that was closed meanwhile. */
  #refuse([id]: Lent): void {
    this.#link.send(r.CLOSE, id, 0);
  }

  /** The number of the next loan. */
  reserve(): number {
    return this.#loans.reserve();
  }

  /** Lends something. The user has to be told before it is started. */
  lend(loan: Loan): Lent {
    const id = this.reserve();
    const state = loan.state();
    this.lendAs(id, loan);
    return [id, state];
  }

  /** Lends something that the user is told of under that number. */
  lendAs(id: number, loan: Loan): void {
    this.#loans.set(id, loan);
    const end = () => this.#loans.release(id);
    loan.attach(this.#line(id, end));
    if (this.#lost) queueMicrotask(() => loan.lost());
  }

  /** Borrows something. */
  borrow([id, state]: Lent): RelayEndpoint {
    const line = this.#line(id, () => this.#borrowed.delete(id));
    const endpoint = relay(line, state);
    this.#borrowed.set(id, endpoint);
    if (this.#lost) queueMicrotask(() => endpoint.lost());
    return endpoint;
  }

  /** Gets something back. */
  takeBack(returned: Returned): Loan {
    const loan = this.#loans.get(returned.id) as Loan;
    const accepted = returned.accepted.map((each) => this.takeBack(each));
    const debt = loan.giveBack(returned, accepted);
    if (debt === null) this.#loans.release(returned.id);
    else {
      this.#loans.set(
        returned.id,
        new Returning(this, returned.id, loan, debt),
      );
    }
    return loan;
  }

  /** Forgets a loan. */
  forget(id: number): void {
    this.#loans.release(id);
  }

  /** The other thread is gone. */
  lose(): void {
    // What it sent last may not have been read yet.
    this.#link.poll();
    this.#lost = true;
    this.#link.close();
    for (const halves of [this.#loans, this.#borrowed]) {
      for (const half of halves.values()) half.lost();
      halves.clear();
    }
  }

  #line(id: number, end: () => void): Line {
    const link = this.#link;
    const { blocks, hold } = this.#options;
    return {
      id,
      channel: this,
      send: (op, value = 0, payload) => link.send(op, id, value, payload),
      call: blocks ? (payload) => link.call(r.CALL, id, 0, payload) : undefined,
      hold,
      lend: (loan) => this.lend(loan),
      borrow: (lent) => this.borrow(lent),
      end,
      leave: () => this.#borrowed.set(id, new Left(link, id, this.#borrowed)),
    };
  }
}

/** The half that is used, of a kind that fits. */
export function relay(line: Line, state: State): RelayEndpoint {
  return state.type === SOCK_DGRAM
    ? new RelayDatagrams(line, state)
    : new RelayStream(line, state);
}

/** In the place of something that was given back: sends on what comes late. */
class Left implements Half {
  readonly #link: Link;
  readonly #id: number;
  readonly #borrowed: Table<Half>;

  constructor(link: Link, id: number, borrowed: Table<Half>) {
    this.#link = link;
    this.#id = id;
    this.#borrowed = borrowed;
  }

  arrive(op: number, _value: number, payload: Uint8Array): void {
    if (op === r.GONE) this.#borrowed.delete(this.#id);
    else if (op !== r.ROOM && op !== r.SETTLED) {
      this.#link.send(r.BOUNCE, this.#id, op, payload);
      if (op === r.ACCEPTED) {
        const [id] = r.decode<Lent>(payload);
        this.#borrowed.set(id, new Left(this.#link, id, this.#borrowed));
      }
    }
  }

  lost(): void {}
}

/** In the place of a loan of which something is still to come back. */
class Returning implements Half {
  readonly #channel: Channel;
  readonly #id: number;
  readonly #loan: Loan;
  readonly #debt: Debt<Late>;

  constructor(channel: Channel, id: number, loan: Loan, debt: Debt<Late>) {
    this.#channel = channel;
    this.#id = id;
    this.#loan = loan;
    this.#debt = debt;
  }

  arrive(op: number, value: number, payload: Uint8Array): void {
    if (op !== r.BOUNCE) return;
    if (value === r.ACCEPTED) {
      const [id, state] = r.decode<Lent>(payload);
      const nothing = { id, state, told: 0, unread: [], accepted: [] };
      this.#loan.bounced(this.#debt, this.#channel.takeBack(nothing));
    } else this.#loan.bounced(this.#debt, [value, new Uint8Array(payload)]);
    if (this.#debt.left === 0) this.#channel.forget(this.#id);
  }

  lost(): void {
    this.#loan.defaulted(this.#debt);
  }
}
