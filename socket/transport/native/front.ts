/**
 * Bytes of a stream that were received already, and come before those that the
 * kernel has.
 *
 * @module
 */

import { POLLIN } from "../../reactor/events.ts";
import { type Holder, holds } from "./registrations.ts";

const NONE = new Uint8Array(0);

type Bytes = Uint8Array<ArrayBuffer>;

/** A descriptor of the socket. */
interface Reader extends Holder {
  /** Reports events to all that wait for them on this descriptor. */
  wake(events: number): void;
}

/** Received bytes, which all descriptors of this thread for a socket share. */
export class Front {
  #bytes: Bytes = NONE;
  readonly #readers = new Set<Reader>();

  /** Makes a descriptor one of those that share the bytes. */
  join(reader: Reader): void {
    this.#readers.add(reader);
  }

  /** Ends {@linkcode join}. */
  leave(reader: Reader): void {
    this.#readers.delete(reader);
  }

  /** How many there are. */
  get length(): number {
    return this.#bytes.length;
  }

  /** The first bytes, up to `count`, in an array of their own. */
  look(count: number): Bytes {
    return this.#bytes.slice(0, count);
  }

  /** Takes the first bytes away. */
  skip(count: number): void {
    this.#bytes = this.#bytes.subarray(count);
  }

  /** Puts bytes before those that are there. Any descriptor may receive them. */
  unshift(bytes: Bytes): void {
    this.#bytes = joined(bytes, this.#bytes);
    for (const reader of this.#readers) holds(reader);
    for (const reader of this.#readers) reader.wake(POLLIN);
  }

  /** Puts bytes behind those that are there. */
  push(bytes: Bytes): void {
    this.#bytes = joined(this.#bytes, bytes);
    for (const reader of this.#readers) holds(reader);
  }
}

/** Both as one array. */
export function joined(first: Bytes, second: Bytes): Bytes {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
