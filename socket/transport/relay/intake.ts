/**
 * What comes out of a lent endpoint.
 *
 * @module
 */

import { SOCK_DGRAM } from "../../constants.ts";
import type { Endpoint, Message } from "../transport.ts";
import * as r from "./records.ts";

/** The most that is read at once, in bytes. */
const CHUNK = 64 * 1024;

/**
 * Where bytes pass on their way from an endpoint to the other thread. Taking
 * them may make another one take its own, if that is this thread itself.
 */
const scratches: Uint8Array<ArrayBuffer>[] = [];

/** Takes bytes and datagrams out of an endpoint, as far as they may go. */
export class Intake {
  readonly #endpoint: Endpoint;
  readonly #eager: () => boolean;
  readonly #tell: (op: number, payload: Uint8Array) => void;

  /** How many bytes may go. */
  window: number = r.WINDOW;

  /**
   * @param eager Whether more is wanted.
   * @param tell Gets what came. It is only there during the call.
   */
  constructor(
    endpoint: Endpoint,
    eager: () => boolean,
    tell: (op: number, payload: Uint8Array) => void,
  ) {
    this.#endpoint = endpoint;
    this.#eager = eager;
    this.#tell = tell;
  }

  /** Takes what there is; whether nothing more will come. */
  pump(): boolean {
    const datagrams = this.#endpoint.type === SOCK_DGRAM;
    while (this.window > 0 && this.#eager()) {
      const ended = datagrams ? this.#datagram() : this.#bytes();
      if (ended !== null) return ended;
    }
    return false;
  }

  /** `null` if there may be more, else whether that was the end. */
  #bytes(): boolean | null {
    const scratch = scratches.pop() ?? new Uint8Array(CHUNK);
    try {
      return this.#pass(scratch);
    } finally {
      scratches.push(scratch);
    }
  }

  #pass(scratch: Uint8Array<ArrayBuffer>): boolean | null {
    const room = this.window < CHUNK
      ? scratch.subarray(0, this.window)
      : scratch;
    const count = this.#endpoint.recvInto(room, 0);
    if (count === undefined) return false;
    if (count === 0) return true;
    this.window -= count;
    this.#tell(r.DATA, scratch.subarray(0, count));
    return null;
  }

  #datagram(): boolean | null {
    const message = this.#endpoint.receiveMessage(CHUNK, 0);
    if (message === undefined) return false;
    if (isEnd(message)) return true;
    const payload = r.encodeDatagram(message.address, message.data);
    this.window -= payload.length;
    this.#tell(r.DATAGRAM, payload);
    return null;
  }
}

/** Nothing can come from nobody: that is how a datagram socket ends. */
function isEnd({ data, address }: Message): boolean {
  return data.length === 0 && address === null;
}
