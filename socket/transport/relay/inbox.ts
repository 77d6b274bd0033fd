/**
 * The receiving direction of a proxy: the unread data, the calls that read it,
 * and how much more the stub may send.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import {
  MSG_CTRUNC,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SOCK_STREAM,
} from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { Op } from "../../link/records.ts";
import { raise } from "../../stack.ts";
import { intact } from "../../bytes.ts";
import { addressFamily } from "../../names/families.ts";
import { POLLINCOMING } from "../../reactor/watchers.ts";
import { POLLIN } from "../../reactor/events.ts";
import type {
  Accepted,
  Leftovers,
  Message,
  SocketAddress,
} from "../transport.ts";
import { ByteBuffer } from "./buffers.ts";
import { FIRST_BYTES, type ReceiveWindow, unitsOf } from "./flow.ts";
import {
  decode,
  decodeMessage,
  type Lent,
  type Proxy,
  type Returned,
} from "./protocol.ts";
import type { ProxyState } from "./proxy_state.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const NONE = new Uint8Array(0);
const END: Message = { data: NONE, address: null, flags: 0, end: true };

/** A connection, whose endpoint is a proxy too. */
type AcceptedProxy = Accepted & { readonly endpoint: Proxy };

/** A call that waits for bytes, and takes them as they come. */
interface Reader {
  /** The caller's memory; `null` if an array is made for the bytes. */
  readonly buffer: Bytes | null;
  readonly count: number;
  /** Ends the call; with what {@linkcode raise} gives it fails. */
  resolve(outcome: unknown): void;
}

/** Bytes, records or connections that came from the stub. */
export class Inbox {
  readonly #state: ProxyState;
  readonly #window: ReceiveWindow;
  readonly #bytes = new ByteBuffer();
  #records: Message[] = [];
  #accepted: AcceptedProxy[] = [];
  #reader: Reader | null = null;
  #wanted = false;
  #edge = false;
  /** The stub was asked for more, and has not answered yet. */
  #asked = false;

  constructor(state: ProxyState) {
    this.#state = state;
    this.#window = state.incoming;
  }

  /** How many bytes, records and connections wait. */
  get unread(): number {
    return this.#bytes.length + this.#records.length + this.#accepted.length;
  }

  /** There is nothing to be read, and never will be. */
  get atEnd(): boolean {
    const { readShut, ended } = this.#state;
    return readShut || ended && this.unread === 0;
  }

  /** Whether a pending call takes the next data. */
  get reading(): boolean {
    return this.#reader !== null;
  }

  // Records from the stub

  /** Takes a record. A record of any type answers the request for data. */
  onRecord(op: Op, payload: Uint8Array): void {
    this.#asked = false;
    if (op === Op.Data) this.#onBytes(payload);
    else if (op === Op.Datagram) {
      const message = decodeMessage(payload);
      this.#count(this.#unitsOf(message));
      this.#records.push(message);
    } else if (op === Op.Accepted && this.#state.phase === "listening") {
      // The owner keeps connections that arrive after listening has ended.
      const [lent, address] = decode<[Lent, SocketAddress]>(payload);
      this.#count(1);
      this.#accepted.push({
        endpoint: this.#state.borrower.borrow(lent),
        address,
      });
    }
  }

  #count(units: number): void {
    this.#window.received += units;
    this.#window.held += units;
  }

  #onBytes(payload: Uint8Array): void {
    this.#count(payload.length);
    this.#state.resting = this.#window.received < FIRST_BYTES;
    if (this.#reader) {
      const { buffer, count } = this.#reader;
      const part = payload.subarray(0, count);
      try {
        if (buffer) intact(buffer, count).set(part);
        this.#finish(buffer ? part.length : new Uint8Array(part));
        this.#consume(part.length);
        payload = payload.subarray(part.length);
      } catch (error) {
        this.#finish(raise(error));
      }
    }
    if (payload.length > 0) this.#bytes.push(payload);
  }

  // Flow control

  #unitsOf({ data }: Message): number {
    return unitsOf(this.#state.type, data);
  }

  /** Sets the awaited events, and whether to report data behind unread data. */
  want({ events, edge }: { events: number; edge: boolean }): void {
    // A user that only writes must not take bytes from other users.
    this.#wanted =
      (events & (this.#state.lent.shared ? POLLIN : POLLINCOMING)) !== 0;
    this.#edge = edge;
    if (this.#wanted || this.#reader) return this.ask(edge);
    if (!this.#asked || !this.#state.lent.shared) return;
    // Other users may take the bytes instead.
    this.#asked = false;
    this.#grant();
  }

  /** Asks for more if the stub waits for a request. */
  ask(behind: boolean): void {
    const { readShut, ended, closed, phase, lent, resting } = this.#state;
    if (this.#asked || readShut || ended || closed) return;
    if (lent.shared || phase === "listening") {
      if (this.unread > 0 && !behind) return;
      this.#asked = true;
    } else if (!resting && !(behind && this.#window.untold > 0)) return;
    this.#grant();
  }

  #grant(): void {
    const limit = this.#window.received + Number(this.#asked) | 0;
    this.#state.tell(Op.Window, limit);
  }

  #consume(units: number): void {
    this.#window.held -= units;
    if (this.#wanted || this.#reader) this.ask(this.#edge);
    if (this.#window.due) this.#grant();
  }

  /** Resets the counts, as the stub does, when the endpoint's kind changes. */
  reset(): void {
    this.#window.reset();
    this.#asked = false;
  }

  // Reading

  recv(count: number, flags: number): Bytes | undefined {
    if (!this.#readable(count, flags)) return undefined;
    if (flags & MSG_PEEK) return this.#bytes.peek(count);
    const bytes = this.#bytes.take(count);
    this.#consume(bytes.length);
    return bytes;
  }

  recvInto(buffer: Bytes, flags: number): number | undefined {
    if (!this.#readable(buffer.length, flags)) return undefined;
    const count = this.#bytes.copy(buffer);
    if (flags & MSG_PEEK) return count;
    this.#bytes.skip(count);
    this.#consume(count);
    return count;
  }

  receiveMessage(
    count: number,
    flags: number,
    controlSize: number,
  ): Message | undefined {
    const { type, lent: { family }, phase, peername } = this.#state;
    if (type === SOCK_STREAM) {
      const data = this.recv(count, flags);
      const address = peername &&
        (addressFamily(family).streamSender?.(peername) ?? null);
      return data && { data, address, flags: 0 };
    }
    if (!this.#readable(0, flags & ~MSG_PEEK)) return undefined;
    const [first] = this.#records;
    if (!first) return this.atEnd || phase === "failed" ? END : undefined;
    if (!(flags & MSG_PEEK)) {
      this.#records.shift();
      this.#consume(this.#unitsOf(first));
    }
    return cut(first, count, controlSize);
  }

  /** There is something to read, or the end. */
  #readable(count: number, flags: number): boolean {
    const state = this.#state;
    state.check();
    if (state.connectionless) state.raise();
    else if (!state.connected(errno.ENOTCONN)) return state.phase === "failed";
    const { unread, atEnd } = this;
    if (flags & MSG_PEEK && unread < count && !atEnd && !state.ended) {
      this.ask(true);
      const few = unread < Math.min(count, this.#window.size);
      if (few && flags & MSG_WAITALL) return false;
    }
    if (unread === 0) state.raiseToReader(atEnd);
    return unread > 0 || atEnd || count === 0;
  }

  /** Puts bytes back before those that wait. */
  putBack(bytes: Bytes): void {
    this.#bytes.unshift(bytes);
    this.#window.held += bytes.length;
  }

  accept(): Accepted | undefined {
    const state = this.#state;
    state.check();
    if (state.phase !== "listening") {
      throw new OSError(state.connectionless ? errno.EOPNOTSUPP : errno.EINVAL);
    }
    state.raise();
    const accepted = this.#accepted.shift();
    if (accepted) this.#consume(1);
    else if (state.failed) throw new OSError(errno.ECONNRESET);
    return accepted;
  }

  // Calls that wait

  /**
   * Waits for bytes, and puts up to `count` into `buffer` or an array: the
   * promise of how many, or of the array. `undefined` if a call without waiting
   * has to come first.
   */
  read<T>(buffer: Bytes | null, count: number): Promise<T> | undefined {
    const { intact: able } = this.#state;
    if (!able || this.unread > 0 || this.atEnd || this.#reader || count === 0) {
      return undefined;
    }
    this.#state.borrower.hold(true);
    return new Promise((resolve) => {
      this.#reader = { buffer, count, resolve: resolve as Reader["resolve"] };
      this.ask(false);
    });
  }

  /** Ends the call that waits if there is something for it now. */
  serve(): void {
    if (!this.#reader) return;
    const { buffer, count } = this.#reader;
    try {
      const outcome = buffer
        ? this.recvInto(intact(buffer, count), 0)
        : this.recv(count, 0);
      if (outcome !== undefined) this.#finish(outcome);
    } catch (error) {
      this.#finish(raise(error));
    }
  }

  #finish(outcome: unknown): void {
    this.#reader!.resolve(outcome);
    this.#reader = null;
    this.#state.borrower.hold(false);
  }

  // Handing over

  /** Takes over the unread rest of a thread that had borrowed the endpoint. */
  resume({ bytes, messages, accepted }: Leftovers): void {
    this.putBack(bytes);
    for (const message of messages) this.#window.held += this.#unitsOf(message);
    this.#records.unshift(...messages);
    this.#window.held += accepted.length;
    this.#accepted.unshift(...accepted as AcceptedProxy[]);
  }

  /** The unread rest, unless the stub still keeps all of it. */
  get returned(): Omit<Returned, "id" | "error" | "errors"> {
    if (this.#window.untold >= 0) {
      const settled = this.#window.tell();
      return { settled, bytes: NONE, messages: [], accepted: [] };
    }
    return {
      settled: this.#window.received,
      bytes: this.#bytes.peek(this.#bytes.length),
      messages: this.#records,
      accepted: this.#accepted.map(({ endpoint, address }) => ({
        returned: endpoint.returned,
        address,
      })),
    };
  }

  /** Lets go of the connections, which are the owner's again. */
  drop(): void {
    for (const { endpoint } of this.#accepted.splice(0)) endpoint.leave();
  }
}

/** Cuts a record to the caller's buffers. */
function cut(message: Message, count: number, controlSize: number): Message {
  const { data, ancillary = [] } = message;
  const size = ancillary.reduce(
    (sum, [, , { length }]) => sum + 16 + (length + 7 & ~7),
    0,
  );
  const kept = size > controlSize ? [] : ancillary;
  const flags = message.flags | (data.length > count ? MSG_TRUNC : 0) |
    (size > controlSize ? MSG_CTRUNC : 0);
  return { ...message, data: data.slice(0, count), flags, ancillary: kept };
}
