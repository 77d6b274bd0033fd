/**
 * Calls that wait until all of theirs was sent.
 *
 * @module
 */

import type { OSError } from "../../errors.ts";

/** Somebody who waits, or bytes whose sender didn't wait. */
interface Writer {
  rest: Uint8Array;
  resolve(): void;
  reject(error: OSError): void;
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
    const rest = this.empty ? data.subarray(this.#put(data)) : data;
    if (rest.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (this.empty) this.#hold(true);
      this.#writers.push({ rest, resolve, reject });
    });
  }

  /** Sends bytes behind what waits; nobody waits for these. */
  queue(rest: Uint8Array): void {
    const { length } = rest;
    this.queued += length;
    const done = () => {
      this.queued -= length;
    };
    this.#writers.push({ rest, resolve: done, reject: done });
  }

  /** Sends more, as far as there is room. */
  advance(): void {
    for (;;) {
      const [writer] = this.#writers;
      if (!writer) return;
      const count = this.#put(writer.rest);
      writer.rest = writer.rest.subarray(count);
      if (writer.rest.length > 0) return;
      this.#writers.shift();
      if (this.empty) this.#hold(false);
      writer.resolve();
    }
  }

  /** Tells those who wait that nobody will take it. */
  refuse(error: () => OSError): void {
    if (this.empty) return;
    for (const { reject } of this.#writers.splice(0)) reject(error());
    this.#hold(false);
  }
}
