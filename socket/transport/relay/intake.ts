/**
 * What comes out of a lent endpoint.
 *
 * @module
 */

import { SOCK_DGRAM } from "../../constants.ts";
import type { Endpoint, Message, Watch } from "../transport.ts";
import * as r from "./records.ts";

/** The most that is read at once, in bytes. */
const CHUNK = 64 * 1024;

/**
 * Where bytes pass on their way from an endpoint to the other thread. Taking
 * them may make another one take its own, if that is this thread itself.
 */
const scratches: Uint8Array<ArrayBuffer>[] = [];

/** After so many bytes at once more are probably on their way. */
const MUCH = 4 * 1024;

/** Takes bytes and datagrams out of an endpoint, as far as they may go. */
export class Intake {
  readonly #endpoint: Endpoint;
  readonly #watch: Watch;
  readonly #shared: () => boolean;
  readonly #tell: (op: number, payload: Uint8Array) => void;

  /** How many bytes may go. */
  window: number = r.WINDOW;
  /** The user waits for something. */
  wanted = false;
  /** Something is read that the user will probably wait for. */
  unasked = false;

  /**
   * @param watch Wakes who calls {@linkcode take}.
   * @param shared Whether somebody here might want what isn't wanted there.
   * @param tell Gets what came. It is only there during the call.
   */
  constructor(
    endpoint: Endpoint,
    watch: Watch,
    shared: () => boolean,
    tell: (op: number, payload: Uint8Array) => void,
  ) {
    this.#endpoint = endpoint;
    this.#watch = watch;
    this.#shared = shared;
    this.#tell = tell;
  }

  get #datagrams(): boolean {
    return this.#endpoint.type === SOCK_DGRAM;
  }

  get #reading(): boolean {
    return this.wanted || this.unasked && !this.#shared();
  }

  /** Takes what there is; whether nothing more will come. */
  take(): boolean {
    // An endpoint that is watched reads on whenever something is taken. That
    // would be for nothing if the user closes it next.
    this.stop();
    let ended: boolean | null = null;
    while (ended === null && this.window > 0 && this.#reading) {
      ended = this.#datagrams ? this.#datagram() : this.#bytes();
    }
    if (!ended) this.go();
    return ended === true;
  }

  /** Waits for more, if more is to be taken. */
  go(): void {
    if (this.#reading) this.#endpoint.watch(this.#watch);
  }

  /** Waits no more. */
  stop(): void {
    this.#endpoint.unwatch(this.#watch);
  }

  /** Takes nothing more before it is asked to. */
  rest(): void {
    this.wanted = this.unasked = false;
    this.stop();
  }

  #pass(op: number, payload: Uint8Array): void {
    this.wanted = false;
    this.unasked = this.#datagrams || payload.length >= MUCH;
    this.#tell(op, payload);
  }

  /** `null` if there may be more, else whether that was the end. */
  #bytes(): boolean | null {
    const scratch = scratches.pop() ?? new Uint8Array(CHUNK);
    try {
      return this.#bytesThrough(scratch);
    } finally {
      scratches.push(scratch);
    }
  }

  #bytesThrough(scratch: Uint8Array<ArrayBuffer>): boolean | null {
    const room = this.window < CHUNK
      ? scratch.subarray(0, this.window)
      : scratch;
    const count = this.#endpoint.recvInto(room, 0);
    if (count === undefined) return false;
    if (count === 0) return true;
    this.window -= count;
    this.#pass(r.DATA, scratch.subarray(0, count));
    return null;
  }

  #datagram(): boolean | null {
    const message = this.#endpoint.receiveMessage(CHUNK, 0);
    if (message === undefined) return false;
    if (isEnd(message)) return true;
    const payload = r.encodeDatagram(message.address, message.data);
    this.window -= payload.length;
    this.#pass(r.DATAGRAM, payload);
    return null;
  }
}

/** Nothing can come from nobody: that is how a datagram socket ends. */
function isEnd({ data, address }: Message): boolean {
  return data.length === 0 && address === null;
}
