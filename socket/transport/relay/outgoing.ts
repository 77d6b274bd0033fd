/**
 * What goes into a lent endpoint.
 *
 * @module
 */

import { SHUT_RDWR, SHUT_WR, SOCK_DGRAM } from "../../constants.ts";
import { type Endpoint, POLLOUT, type SocketAddress } from "../transport.ts";
import { lasting } from "../watchers.ts";
import { Pump } from "./pump.ts";
import type { Room } from "./room.ts";

/** Bytes, a datagram, or how to close. */
type Item =
  | { data: Uint8Array<ArrayBuffer>; address: SocketAddress | null }
  | { how: number };

/** What is sent to an endpoint, in order. It is bounded by who sends. */
export class Outgoing {
  readonly #endpoint: Endpoint;
  readonly #room: Room;
  readonly #refused: (error: unknown) => void;
  readonly #emptied: () => void;
  readonly #items: Item[] = [];
  readonly #pump = new Pump(() => this.#flush());
  readonly #watch = lasting(POLLOUT, () => this.flush());
  /** Nothing more goes out. */
  #ended = false;

  /**
   * @param room Hears of how much was taken, or thrown away.
   * @param refused Hears what went wrong; a stream takes nothing more then.
   * @param emptied Hears when all that was kept is gone.
   */
  constructor(
    endpoint: Endpoint,
    room: Room,
    refused: (error: unknown) => void,
    emptied: () => void,
  ) {
    this.#endpoint = endpoint;
    this.#room = room;
    this.#refused = refused;
    this.#emptied = emptied;
  }

  /** All was taken. */
  get empty(): boolean {
    return this.#items.length === 0;
  }

  /** How many bytes are kept. */
  get length(): number {
    let sum = 0;
    for (const item of this.#items) if ("data" in item) sum += item.data.length;
    return sum;
  }

  /** Sends a copy of the bytes, or keeps it for later. */
  send(data: Uint8Array, address: SocketAddress | null): void {
    // What the endpoint takes it copies, whichever memory it comes from.
    const bytes = data as Uint8Array<ArrayBuffer>;
    const rest = this.empty ? this.#try(bytes, address) : bytes;
    if (rest === null) return;
    this.#items.push({ data: new Uint8Array(rest), address });
    this.#endpoint.watch(this.#watch);
  }

  /** What the endpoint has no room for yet; `null` if it is done with all. */
  #try(
    data: Uint8Array<ArrayBuffer>,
    address: SocketAddress | null,
  ): Uint8Array<ArrayBuffer> | null {
    let count: number | undefined = data.length;
    try {
      if (!this.#ended) {
        count = address === null
          ? this.#endpoint.send(data, 0)
          : this.#endpoint.sendMessage(data, 0, address);
      }
    } catch (error) {
      // A datagram's error ends nothing.
      this.#ended = this.#endpoint.type !== SOCK_DGRAM;
      this.#refused(error);
    }
    if (count === undefined) return data;
    this.#room.add(count);
    return count === data.length ? null : data.subarray(count);
  }

  /** Closes one way or both, the way out behind what was sent. */
  shut(how: number): void {
    const out = how === SHUT_WR || how === SHUT_RDWR;
    if (out && !this.empty) this.#items.push({ how });
    else this.#close(how);
  }

  /** Sends what was kept, as far as there is room. */
  flush(): void {
    this.#pump.run();
  }

  /** Closing the endpoint, or a failure, asks for this while it runs. */
  #flush(): void {
    for (let item = this.#items[0]; item; item = this.#items[0]) {
      if ("how" in item) this.#close(item.how);
      else {
        const rest = this.#try(item.data, item.address);
        if (rest !== null) {
          item.data = rest;
          return;
        }
      }
      this.#items.shift();
    }
    this.#endpoint.unwatch(this.#watch);
    this.#emptied();
  }

  #close(how: number): void {
    try {
      this.#endpoint.shutdown(how);
    } catch (error) {
      this.#refused(error);
    }
  }

  /** Nothing more goes out. */
  end(): void {
    this.#ended = true;
    this.flush();
  }

  /** Forgets what was kept. */
  drop(): void {
    this.#items.length = 0;
    this.#endpoint.unwatch(this.#watch);
  }

  /** Begins anew, with another connection. */
  reopen(): void {
    this.#ended = false;
  }
}
