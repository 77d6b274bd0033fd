/**
 * What a lent endpoint hasn't taken yet.
 *
 * @module
 */

import { SHUT_RDWR, SHUT_WR } from "../../constants.ts";
import type { Endpoint, SocketAddress } from "../transport.ts";

/** Bytes, a datagram, or how to close. */
type Item =
  | { data: Uint8Array<ArrayBuffer>; address: SocketAddress | null }
  | { how: number };

/** What is sent to an endpoint, in order. It is bounded by who sends. */
export class Outgoing {
  readonly #endpoint: Endpoint;
  readonly #items: Item[] = [];

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** All was taken. */
  get empty(): boolean {
    return this.#items.length === 0;
  }

  /** Sends a copy of the bytes, or keeps it for later; how much was taken. */
  send(data: Uint8Array, address: SocketAddress | null): number {
    // What the endpoint takes it copies, whichever memory it comes from.
    const bytes = data as Uint8Array<ArrayBuffer>;
    const count = this.empty ? this.#try(bytes, address) : 0;
    if (count < data.length || address !== null && count === 0) {
      this.#items.push({ data: new Uint8Array(data.subarray(count)), address });
    }
    return count;
  }

  #try(
    data: Uint8Array<ArrayBuffer>,
    address: SocketAddress | null,
  ): number {
    return (address === null
      ? this.#endpoint.send(data, 0)
      : this.#endpoint.sendMessage(data, 0, address)) ?? 0;
  }

  /** Closes one way or both, the way out behind what was sent. */
  shut(how: number): void {
    if (how !== SHUT_WR && how !== SHUT_RDWR || this.empty) {
      this.#endpoint.shutdown(how);
    } else this.#items.push({ how });
  }

  /** Sends more of what was kept; how much was taken. */
  flush(): number {
    let sum = 0;
    while (this.#items.length > 0) {
      const item = this.#items[0];
      if ("how" in item) {
        // Closing wakes who flushes.
        this.#items.shift();
        this.#endpoint.shutdown(item.how);
        continue;
      }
      const count = this.#try(item.data, item.address);
      sum += count;
      if (count < item.data.length) {
        if (count > 0) item.data = item.data.subarray(count);
        break;
      }
      this.#items.shift();
    }
    return sum;
  }

  /** Forgets what was kept; how much that was. */
  clear(): number {
    let sum = 0;
    for (const item of this.#items) if ("data" in item) sum += item.data.length;
    this.#items.length = 0;
    return sum;
  }
}
