/**
 * The direction from a proxy to the lent endpoint.
 *
 * @module
 */

import { SHUT_RD, SOCK_STREAM } from "../../constants.ts";
import type { Endpoint, SocketAddress, Unsent } from "../transport.ts";

/** Sends to an endpoint in order. It is bounded by the proxy's credit. */
export class WritePump {
  readonly #endpoint: Endpoint;
  #queue: Unsent[] = [];
  /** The stream takes nothing more: the rest is thrown away. */
  #broken = false;

  /** How many bytes the endpoint took or refused so far, modulo 2³². */
  taken = 0;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** Nothing waits for the endpoint. */
  get empty(): boolean {
    return this.#queue.length === 0;
  }

  /**
   * Sends bytes, or keeps a copy for later.
   *
   * @throws {OSError} If the endpoint refuses them.
   */
  send(data: Uint8Array, address: SocketAddress | null): void {
    // The endpoint copies what it takes, from shared memory too.
    const bytes = data as Uint8Array<ArrayBuffer>;
    const left = this.empty ? this.#try(bytes, address) : bytes;
    if (left) this.#queue.push({ data: new Uint8Array(left), address });
  }

  /** The part that the endpoint has no room for yet. */
  #try(
    data: Uint8Array<ArrayBuffer>,
    address: SocketAddress | null,
  ): Uint8Array<ArrayBuffer> | null {
    let count: number | undefined = data.length;
    try {
      if (!this.#broken) {
        count = address === null
          ? this.#endpoint.send(data, 0)
          : this.#endpoint.sendMessage(data, 0, address);
      }
    } catch (error) {
      // A record that is refused ends nothing.
      this.#broken = this.#endpoint.type === SOCK_STREAM;
      this.taken = this.taken + data.length | 0;
      throw error;
    }
    if (count === undefined) return data;
    this.taken = this.taken + count | 0;
    return count === data.length ? null : data.subarray(count);
  }

  /**
   * Shuts one direction down or both; that of sending behind what waits.
   *
   * @throws {OSError} If the endpoint refuses.
   */
  shutdown(how: number): void {
    if (how === SHUT_RD || this.empty) this.#endpoint.shutdown(how);
    else this.#queue.push({ how });
  }

  /**
   * Sends what waits, as far as there is room.
   *
   * @throws {OSError} If the endpoint refuses something, which is then gone.
   */
  run(): void {
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      this.#queue.shift();
      if ("how" in next) this.#endpoint.shutdown(next.how);
      else {
        const data = this.#try(next.data, next.address);
        if (!data) continue;
        this.#queue.unshift({ ...next, data });
        return;
      }
    }
  }

  /** Throws away what waits and what comes: the connection has failed. */
  break(): void {
    this.#broken = true;
    for (const item of this.#queue.splice(0)) {
      if ("data" in item) this.taken = this.taken + item.data.length | 0;
    }
  }

  /** Begins anew, with another connection. */
  reopen(): void {
    this.#broken = false;
  }

  /** What waits, which is given up. */
  drain(): Unsent[] {
    return this.#queue.splice(0);
  }
}
