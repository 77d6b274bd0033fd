/**
 * The receiving direction of a proxy: what has come and was not read yet, and
 * how much more the stub may send.
 *
 * @module
 */

import { Op } from "../../link/records.ts";
import type { Accepted, Message } from "../transport.ts";
import { ByteQueue, RecordQueue } from "./buffers.ts";
import type { ProxyLine } from "./lending.ts";
import type { EndpointProxy } from "./proxy.ts";

/** A connection whose endpoint is a proxy too. */
export type AcceptedProxy = Accepted & { readonly endpoint: EndpointProxy };

/** Bytes, records or connections that came from the stub. */
export class Inbox {
  readonly #line: ProxyLine;
  /**
   * Nothing is sent ahead: the owner's thread uses the endpoint as well, or it
   * listens.
   */
  onDemand: boolean;
  /** How much may wait here, in bytes. */
  window: number;
  readonly bytes: ByteQueue = new ByteQueue();
  readonly records: RecordQueue = new RecordQueue();
  readonly accepted: AcceptedProxy[] = [];
  // Counts of bytes, of the sizes of records, or of connections, modulo 2³².
  #received = 0;
  #consumed = 0;
  #acknowledged = 0;
  /** How much was consumed before, and put back. */
  #putBack = 0;
  /** The stub was asked for more, and nothing has come since. */
  #asked = false;

  /** Nothing more will come; what has come can still be read. */
  ended = false;
  /** This side has shut reading down. */
  shut = false;

  constructor(line: ProxyLine, onDemand: boolean, window: number) {
    this.#line = line;
    this.onDemand = onDemand;
    this.window = window;
  }

  /** How many bytes and records wait. */
  get unread(): number {
    return this.bytes.length + this.records.length;
  }

  /** There is nothing to be read, and never will be. */
  get atEnd(): boolean {
    return this.shut || this.ended && this.unread === 0;
  }

  /** How much was consumed of all that came, modulo 2³². */
  get consumed(): number {
    return this.#consumed;
  }

  /** Something came that counts for so much. */
  count(units: number): void {
    this.#received = this.#received + units | 0;
    this.#asked = false;
  }

  /** The stub has answered in another way than by sending. */
  answered(): void {
    this.#asked = false;
  }

  /** So much was read, or accepted. */
  consume(units: number): void {
    const before = Math.min(units, this.#putBack);
    this.#putBack -= before;
    this.#consumed = this.#consumed + units - before | 0;
    const untold = this.#consumed - this.#acknowledged | 0;
    if (untold >= this.window / 4) this.#grant();
  }

  /** Puts bytes in front of all others. */
  unshift(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes.unshift(bytes);
    this.#putBack += bytes.length;
  }

  /** Takes over what somebody left who had borrowed it from here. */
  resume(
    bytes: Uint8Array<ArrayBuffer>,
    messages: readonly Message[],
    accepted: readonly Accepted[],
  ): void {
    this.unshift(bytes);
    this.records.unshift(messages);
    this.accepted.unshift(...accepted as readonly AcceptedProxy[]);
    this.#putBack += accepted.length;
  }

  /** The bytes, or connections, that were consumed before and put back. */
  get returned(): [bytes: Uint8Array<ArrayBuffer>, accepted: AcceptedProxy[]] {
    const listening = this.accepted.length > 0;
    return [
      this.bytes.peek(listening ? 0 : this.#putBack),
      this.accepted.slice(0, listening ? this.#putBack : 0),
    ];
  }

  // Flow control

  /** Asks the stub for more, unless it was asked already. */
  ask(): void {
    if (this.#asked || this.shut || this.ended) return;
    if (this.accepted.length > 0) return;
    this.#asked = true;
    this.#grant();
  }

  /** Leaves to others what nobody waits for here. */
  withdraw(): void {
    if (!this.#asked || !this.onDemand) return;
    this.#asked = false;
    this.#grant();
  }

  /** Tells the stub up to which count it may send. */
  #grant(): void {
    this.#acknowledged = this.#consumed;
    const limit = this.onDemand
      ? this.#received + Number(this.#asked)
      : this.#consumed + this.window;
    this.#line.send(Op.Window, limit | 0, this.#consumed);
  }

  /** Counts anew, as the stub does, for what the endpoint becomes. */
  reset(onDemand: boolean): void {
    this.onDemand = onDemand;
    this.#received = this.#consumed = this.#acknowledged = 0;
    this.#putBack = 0;
    this.#asked = false;
  }
}
