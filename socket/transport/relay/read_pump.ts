/**
 * The direction from a lent endpoint to its proxy.
 *
 * The proxy says up to which count it wants to be sent to. Bytes, the sizes of
 * records and connections are counted, modulo 2³². What was sent is kept until
 * the proxy has consumed it, so that a socket that returns brings nothing back.
 *
 * @module
 */

import { SOCK_STREAM } from "../../constants.ts";
import { encode } from "../../link/json.ts";
import { LONGEST_PAYLOAD } from "../../link/ring.ts";
import { Op } from "../../link/records.ts";
import type { Endpoint, Message, SocketAddress } from "../transport.ts";
import { ByteBuffer, RecordQueue } from "./buffers.ts";
import { encodeMessage } from "./codec.ts";
import type { StubLine } from "./lending.ts";
import type { EndpointStub } from "./stub.ts";

/** After so many bytes at once, more are probably on their way. */
const BULK = 4 * 1024;

/** What the proxy was sent and has not consumed. */
export interface Unconsumed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly messages: Message[];
  readonly accepted: Offered[];
}

/** A connection that the proxy was told of. */
export interface Offered {
  readonly stub: EndpointStub;
  readonly address: SocketAddress;
}

/** Takes bytes, records or connections out of an endpoint. */
export class ReadPump {
  readonly #endpoint: Endpoint;
  readonly #line: StubLine;
  readonly #bytes = new ByteBuffer();
  readonly #records = new RecordQueue();
  readonly #accepted: Offered[] = [];
  #sent = 0;
  #limit = 0;
  #consumed = 0;
  /** How much is read at once, in bytes. */
  #size = BULK;
  /** Little came the last time: the proxy has to ask for more. */
  #resting = false;

  /** It is connections that are taken. */
  accepting = false;

  constructor(endpoint: Endpoint, line: StubLine) {
    this.#endpoint = endpoint;
    this.#line = line;
  }

  /** The proxy may be sent to, and it wants that. */
  get open(): boolean {
    return !this.#resting && (this.#limit - this.#sent | 0) > 0;
  }

  /** The proxy has consumed so much, and may be sent up to `limit`. */
  grant(limit: number, consumed: number): void {
    this.#limit = limit;
    this.#resting = false;
    this.acknowledge(consumed);
  }

  /** The proxy has consumed so much. */
  acknowledge(consumed: number): void {
    const count = consumed - this.#consumed | 0;
    if (count <= 0) return;
    this.#consumed = consumed;
    if (this.accepting) this.#accepted.splice(0, count);
    else {
      this.#bytes.skip(count);
      this.#records.skip(count);
    }
  }

  /** Sends what there is; `true` at the end of the stream. */
  run(): boolean {
    while (this.open) {
      const more = this.accepting
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
    const { shared } = this.#line;
    const most = shared ? LONGEST_PAYLOAD : this.#limit - this.#sent | 0;
    const room = this.#bytes.reserve(Math.min(most, this.#size));
    const count = this.#endpoint.recvInto(room, 0);
    if (count === undefined || count === 0) {
      return count === 0 ? false : undefined;
    }
    this.#bytes.commit(count);
    this.#sent = this.#sent + count | 0;
    this.#resting = count < BULK;
    if (count === this.#size) this.#size = Math.min(count * 4, LONGEST_PAYLOAD);
    else if (count < this.#size / 16) this.#size = Math.max(count * 4, BULK);
    this.#line.send(Op.Data, 0, 0, room.subarray(0, count));
    return true;
  }

  #readRecord(): boolean | undefined {
    const message = this.#endpoint.receiveMessage(LONGEST_PAYLOAD, 0);
    if (!message || message.end) return message && false;
    const payload = encodeMessage(message.address, message.data);
    this.#records.push(message, payload.length);
    this.#sent = this.#sent + payload.length | 0;
    this.#line.send(Op.Datagram, 0, 0, payload);
    return true;
  }

  #accept(): boolean | undefined {
    const accepted = this.#endpoint.accept();
    if (!accepted) return undefined;
    const stub = this.#line.lend(accepted.endpoint);
    this.#accepted.push({ stub, address: accepted.address });
    this.#sent = this.#sent + 1 | 0;
    const payload = encode([stub.lent, accepted.address]);
    this.#line.send(Op.Accepted, 0, 0, payload);
    stub.start();
    return true;
  }

  /** The proxy was told of an error, which is as good as what it asked for. */
  fail(): void {
    this.#resting = this.accepting || this.#line.shared;
  }

  /** Counts anew, for an endpoint that has become another kind. */
  reset(limit: number, accepting: boolean): void {
    this.#sent = this.#consumed = 0;
    this.#limit = limit;
    this.#resting = false;
    this.accepting = accepting;
  }

  /** What the proxy, which is gone, has not consumed. */
  reclaim(): Unconsumed {
    return {
      bytes: this.#bytes.drain(),
      messages: this.#records.drain(),
      accepted: this.#accepted.splice(0),
    };
  }
}
