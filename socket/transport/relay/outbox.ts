/**
 * The sending direction of a proxy: how much the stub will take, and the calls
 * that wait until all of their bytes were sent.
 *
 * @module
 */

import { Op } from "../../link/records.ts";
import { LONGEST_PAYLOAD } from "../../link/ring.ts";
import { raise } from "../../stack.ts";
import { intact } from "../../bytes.ts";
import type { SocketAddress } from "../transport.ts";
import { encodeMessage } from "./codec.ts";
import type { ProxyLine } from "./lending.ts";

/** Bytes that wait for credit. */
interface Writer {
  /** The caller's own memory, which may be detached or resized meanwhile. */
  readonly data: Uint8Array;
  readonly length: number;
  sent: number;
  /** Ends the call. */
  resolve(): void;
  /** Has the call fail. */
  reject(error: unknown): void;
}

/** Sends bytes and records to the stub. */
export class Outbox {
  readonly #line: ProxyLine;
  /** How many bytes may wait for the endpoint. */
  readonly #window: number;
  readonly #writers: Writer[] = [];
  /** How many bytes were sent, modulo 2³². */
  #sent = 0;
  /** How many bytes wait here whose senders don't. */
  #queued = 0;

  /** Up to which count the stub takes bytes, modulo 2³². */
  credit: number;
  /** Nothing more may be sent. */
  shut: boolean;

  constructor(line: ProxyLine, window: number, credit: number, shut: boolean) {
    this.#line = line;
    this.#window = window;
    this.credit = credit;
    this.shut = shut;
  }

  get #credited(): number {
    return Math.max(0, this.credit - this.#sent | 0);
  }

  /** How many bytes may be sent without waiting, behind the calls that wait. */
  get room(): number {
    return this.empty ? this.#credited : this.#window - this.#queued;
  }

  /** No call waits. */
  get empty(): boolean {
    return this.#writers.length === 0;
  }

  /** Sends as many bytes as there is room for; how many. */
  send(data: Uint8Array): number {
    const { room } = this;
    const front = room < data.length ? data.subarray(0, room) : data;
    if (this.empty) return this.put(front);
    const { length } = front;
    this.#queued += length;
    const done = () => {
      this.#queued -= length;
    };
    this.#push(front.slice(), 0, done, done);
    return length;
  }

  /** Sends bytes, whether there is credit for them or not. */
  put(data: Uint8Array): number {
    const { length } = data;
    if (length === 0) return 0;
    this.#sent = this.#sent + length | 0;
    for (let at = 0; at < length; at += LONGEST_PAYLOAD) {
      const part = length <= LONGEST_PAYLOAD
        ? data
        : data.subarray(at, at + LONGEST_PAYLOAD);
      this.#line.send(Op.Send, 0, 0, part);
    }
    return length;
  }

  /** Sends a record. */
  putRecord(data: Uint8Array, address: SocketAddress | null): void {
    this.#sent = this.#sent + data.length | 0;
    this.#line.send(Op.SendTo, 0, 0, encodeMessage(address, data));
  }

  /** Sends all of the bytes, behind those of the calls that wait. */
  write(data: Uint8Array): Promise<void> {
    const { length } = data;
    const sent = this.empty ? this.put(data.subarray(0, this.#credited)) : 0;
    if (sent === length) return Promise.resolve();
    return new Promise((resolve) => {
      const reject = (error: unknown) => resolve(raise(error));
      this.#push(data, sent, resolve, reject);
    });
  }

  #push(
    data: Uint8Array,
    sent: number,
    resolve: () => void,
    reject: (error: unknown) => void,
  ): void {
    if (this.empty) this.#line.hold(true);
    this.#writers.push({ data, length: data.length, sent, resolve, reject });
  }

  /** Sends more for the calls that wait, as far as there is credit. */
  advance(): void {
    for (let writer = this.#writers[0]; writer; writer = this.#writers[0]) {
      if (!this.#advance(writer)) return;
    }
  }

  /** Sends more for a call; whether it has ended. */
  #advance(writer: Writer): boolean {
    const { data, length, resolve, reject } = writer;
    try {
      const rest = intact(data, length).subarray(writer.sent);
      writer.sent += this.put(rest.subarray(0, this.#credited));
      if (writer.sent < length) return false;
      this.#remove();
      resolve();
    } catch (error) {
      this.#remove();
      reject(error);
    }
    return true;
  }

  #remove(): void {
    this.#writers.shift();
    if (this.empty) this.#line.hold(false);
  }

  /** Has all calls that wait fail. */
  refuse(error: () => Error): void {
    if (this.empty) return;
    for (const { reject } of this.#writers.splice(0)) reject(error());
    this.#line.hold(false);
  }
}
