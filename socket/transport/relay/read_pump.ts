/**
 * The direction from a lent endpoint to its proxy.
 *
 * Data is kept until the proxy has consumed it, so that a socket that returns
 * needn't bring it back.
 *
 * @module
 */

import { SOCK_STREAM } from "../../constants.ts";
import { Op } from "../../link/records.ts";
import { LONGEST_PAYLOAD } from "../../link/ring.ts";
import type { Endpoint, Message, SocketAddress } from "../transport.ts";
import { ByteBuffer } from "./buffers.ts";
import {
  FIRST_BYTES,
  type ReceiveWindow,
  SendWindow,
  unitsOf,
} from "./flow.ts";
import { encode, encodeMessage, type Loan, type Stub } from "./protocol.ts";

/** How much of a stream is read at once at first, in bytes. */
const SMALLEST = 4 * 1024;
/** Room for the control messages of a record, in bytes. */
const CONTROL = 4 * 1024;

/** Data that the proxy was sent and has not consumed. */
export interface Unconsumed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly messages: Message[];
  readonly accepted: { stub: Stub; address: SocketAddress }[];
}

/** Takes bytes, records or connections out of an endpoint. */
export class ReadPump {
  readonly #loan: Loan;
  readonly #endpoint: Endpoint;
  /** The count of the other direction. */
  readonly #written: ReceiveWindow;
  readonly #bytes = new ByteBuffer();
  #messages: Unconsumed["messages"] = [];
  #accepted: Unconsumed["accepted"] = [];
  /** Up to which count the proxy wants to be sent to, if it has to ask. */
  #limit = 0;
  /** How much is read at once, in bytes. */
  #size = SMALLEST;
  /** Few bytes have arrived: reading waits until the proxy sends a record. */
  #resting = false;
  /** The endpoint listens: connections are taken. */
  #accepting = false;
  window: SendWindow = new SendWindow(0);

  constructor(loan: Loan, written: ReceiveWindow) {
    this.#loan = loan;
    this.#endpoint = loan.endpoint;
    this.#written = written;
  }

  /** The proxy wants data and has room for it. */
  get open(): boolean {
    return this.#loan.shared || this.#accepting
      ? (this.#limit - this.window.sent | 0) > 0
      : this.window.room > 0 && !this.#resting;
  }

  /** The proxy asks for data, up to a count. */
  ask(limit: number): void {
    this.#limit = limit;
  }

  /** The proxy reports its count of consumed bytes. */
  acknowledge(consumed: number): void {
    this.#resting = false;
    let more = this.window.acknowledge(consumed);
    const { type } = this.#endpoint;
    if (this.#accepting) this.#accepted.splice(0, more);
    else if (type === SOCK_STREAM) this.#bytes.skip(more);
    else while (more > 0) more -= unitsOf(type, this.#messages.shift()!.data);
  }

  /** Sends the available data; `true` at the end of the stream. */
  run(): boolean {
    while (this.open) {
      const more = this.#accepting
        ? this.#accept()
        : this.#endpoint.type === SOCK_STREAM
        ? this.#readBytes()
        : this.#readRecord();
      if (more === undefined) return false;
      if (!more) return true;
    }
    return false;
  }

  #readBytes(): boolean | undefined {
    const most = this.#loan.shared ? LONGEST_PAYLOAD : this.window.room;
    const room = this.#bytes.reserve(Math.min(most, this.#size));
    const count = this.#endpoint.recvInto(room, 0);
    if (!count) return count === 0 ? false : undefined;
    this.#bytes.commit(count);
    if (count === this.#size) this.#size = Math.min(count * 4, LONGEST_PAYLOAD);
    else if (count < this.#size / 16) {
      this.#size = Math.max(count * 4, SMALLEST);
    }
    this.#resting = this.window.sent + count < FIRST_BYTES;
    return this.#send(Op.Data, count, room.subarray(0, count));
  }

  #readRecord(): boolean | undefined {
    const message = this.#endpoint.receiveMessage(LONGEST_PAYLOAD, 0, CONTROL);
    if (!message || message.end) return message && false;
    this.#messages.push(message);
    const units = unitsOf(this.#endpoint.type, message.data);
    return this.#send(Op.Datagram, units, encodeMessage(message));
  }

  #accept(): boolean | undefined {
    const accepted = this.#endpoint.accept();
    if (!accepted) return undefined;
    const { endpoint, address } = accepted;
    const stub = this.#loan.lender.lend(endpoint);
    this.#accepted.push({ stub, address });
    this.#send(Op.Accepted, 1, encode([stub.lent, address]));
    stub.start();
    return true;
  }

  #send(op: Op, units: number, payload: Uint8Array): true {
    this.window.sent += units;
    this.#loan.lender.link.send(
      op,
      this.#loan.id,
      0,
      this.#written.tell(),
      payload,
    );
    return true;
  }

  /** The proxy was sent an error, which answers its request. */
  fail(): void {
    this.#limit = this.window.sent;
  }

  /** Counts anew, for an endpoint that has become another kind. */
  reset(window: number, accepting: boolean): void {
    this.window = new SendWindow(window);
    this.#limit = 0;
    this.#resting = false;
    this.#accepting = accepting;
  }

  /** Removes and returns the data that the proxy has not consumed. */
  reclaim(): Unconsumed {
    return {
      bytes: this.#bytes.take(this.#bytes.length),
      messages: this.#messages.splice(0),
      accepted: this.#accepted.splice(0),
    };
  }
}
