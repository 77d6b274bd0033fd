/**
 * The sending direction of a proxy: how much the stub will take, and the calls
 * that wait until all of their bytes were sent.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { SOCK_STREAM } from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { Op } from "../../link/records.ts";
import { LONGEST_PAYLOAD } from "../../link/ring.ts";
import { raise } from "../../stack.ts";
import { intact } from "../../bytes.ts";
import type { SocketAddress, Unsent } from "../transport.ts";
import { type SendWindow, unitsOf } from "./flow.ts";
import { encodeMessage } from "./protocol.ts";
import type { ProxyState } from "./proxy_state.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A call that waits until all of its bytes were sent. */
interface Writer {
  /** The caller's own memory, which may be detached or resized meanwhile. */
  readonly data: Bytes;
  readonly length: number;
  sent: number;
  /** Ends the call; with what {@linkcode raise} gives it fails. */
  resolve(failure?: Promise<never>): void;
}

/** Sends bytes and records to the stub. */
export class Outbox {
  readonly #state: ProxyState;
  readonly #window: SendWindow;
  readonly #writers: Writer[] = [];

  constructor(state: ProxyState) {
    this.#state = state;
    this.#window = state.outgoing;
  }

  /** No call waits. */
  get empty(): boolean {
    return this.#writers.length === 0;
  }

  /** How many bytes may be sent without waiting. */
  get room(): number {
    return this.empty ? this.#window.room : 0;
  }

  /** Sends the front of `data`, or a record; how many bytes. */
  send(data: Bytes, address: SocketAddress | null): number | undefined {
    const state = this.#state;
    state.check();
    if (!state.connected(errno.EPIPE)) return undefined;
    state.raise();
    if (state.finished) throw new OSError(errno.EPIPE);
    const { room } = this;
    if (state.type === SOCK_STREAM) {
      const none = room === 0 && data.length > 0;
      return none ? undefined : this.#put(data.subarray(0, room));
    }
    if (address === null && state.peername === null) {
      throw new OSError(errno.EDESTADDRREQ);
    }
    const { longest = LONGEST_PAYLOAD } = state.lent;
    if (data.length > longest) throw new OSError(errno.EMSGSIZE);
    return room === 0 ? undefined : this.#putRecord(data, address);
  }

  /** Sends data queued in another thread, even if there is no room for it. */
  resume(unsent: readonly Unsent[]): void {
    for (const item of unsent) {
      if ("how" in item) this.#state.tell(Op.Shutdown, item.how);
      else if (this.#state.type === SOCK_STREAM) this.#put(item.data);
      else this.#putRecord(item.data, item.address);
    }
  }

  #put(data: Bytes): number {
    const { length } = data;
    this.#window.sent += length;
    for (let at = 0; at < length; at += LONGEST_PAYLOAD) {
      const part = length <= LONGEST_PAYLOAD
        ? data
        : data.subarray(at, at + LONGEST_PAYLOAD);
      this.#state.tell(Op.Send, 0, part);
    }
    return length;
  }

  #putRecord(data: Bytes, address: SocketAddress | null): number {
    const record = { data, address, flags: 0 };
    this.#window.sent += unitsOf(this.#state.type, data);
    this.#state.tell(Op.SendTo, 0, encodeMessage(record));
    return data.length;
  }

  // Calls that wait

  /**
   * Sends all of the bytes, after those of the waiting calls; `undefined` if
   * that is impossible, for which {@linkcode send} raises the error.
   */
  write(data: Bytes): Promise<void> | undefined {
    if (!this.#state.intact || this.#state.finished) return undefined;
    const { length } = data;
    const sent = this.#put(data.subarray(0, this.room));
    if (sent === length) return Promise.resolve();
    if (this.empty) this.#state.borrower.hold(true);
    return new Promise((resolve) => {
      this.#writers.push({ data, length, sent, resolve });
    });
  }

  /** Lets the calls that wait go on, or fail. */
  serve(): void {
    const { closed, error, finished } = this.#state;
    while (!this.empty) {
      if (closed || error || finished) this.#end(raise(this.#failure()));
      else if (!this.#advance(this.#writers[0]!)) return;
    }
  }

  #failure(): OSError {
    if (this.#state.closed) return new OSError(errno.EBADF);
    return this.#state.takeError() ?? new OSError(errno.EPIPE);
  }

  /** Sends more for a call; whether it has ended. */
  #advance(writer: Writer): boolean {
    const { data, length } = writer;
    try {
      const rest = intact(data, length).subarray(writer.sent);
      writer.sent += this.#put(rest.subarray(0, this.#window.room));
      if (writer.sent < length) return false;
      this.#end();
    } catch (error) {
      this.#end(raise(error));
    }
    return true;
  }

  #end(failure?: Promise<never>): void {
    this.#writers.shift()!.resolve(failure);
    if (this.empty) this.#state.borrower.hold(false);
  }
}
