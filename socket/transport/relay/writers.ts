/**
 * Calls that wait until all of theirs was sent.
 *
 * @module
 */

import type { OSError } from "../../errors.ts";
import { raise } from "../../stack.ts";

/** Somebody who waits, or bytes whose sender didn't wait. */
interface Writer {
  /** The caller's own memory: it may be detached, or become smaller. */
  readonly data: Uint8Array;
  readonly length: number;
  sent: number;
  resolve(): void;
  reject(error: Error): void;
}

/** Those who wait, in their order. */
export class Writers {
  readonly #put: (data: Uint8Array) => number;
  readonly #hold: (alive: boolean) => void;
  readonly #writers: Writer[] = [];

  /** How many bytes wait whose senders didn't. */
  queued = 0;

  /**
   * @param put Sends as much of the data as may be under way; how much.
   * @param hold Keeps the process alive while somebody waits.
   */
  constructor(
    put: (data: Uint8Array) => number,
    hold: (alive: boolean) => void,
  ) {
    this.#put = put;
    this.#hold = hold;
  }

  /** Nobody waits. */
  get empty(): boolean {
    return this.#writers.length === 0;
  }

  /** Sends all of the data, behind what waits already. */
  write(data: Uint8Array): Promise<void> {
    const { length } = data;
    const sent = this.empty ? this.#put(data) : 0;
    if (sent === length) return Promise.resolve();
    return new Promise((resolve) => {
      const reject = (error: Error) => resolve(raise(error));
      if (this.empty) this.#hold(true);
      this.#writers.push({ data, length, sent, resolve, reject });
    });
  }

  /** Sends bytes behind what waits; nobody waits for these. */
  queue(data: Uint8Array): void {
    const { length } = data;
    this.queued += length;
    const done = () => {
      this.queued -= length;
    };
    this.#writers.push({ data, length, sent: 0, resolve: done, reject: done });
  }

  /** Sends more, as far as there is room. */
  advance(): void {
    for (let writer = this.#writers[0]; writer; writer = this.#writers[0]) {
      const whole = writer.data.length === writer.length;
      if (whole) writer.sent += this.#put(writer.data.subarray(writer.sent));
      if (whole && writer.sent < writer.length) return;
      this.#writers.shift();
      if (this.empty) this.#hold(false);
      if (whole) writer.resolve();
      else writer.reject(gone());
    }
  }

  /** Tells those who wait that nobody will take it. */
  refuse(error: () => OSError): void {
    if (this.empty) return;
    for (const { reject } of this.#writers.splice(0)) reject(error());
    this.#hold(false);
  }
}

function gone(): TypeError {
  return new TypeError("the buffer was detached or shrunk while it was sent");
}
