/**
 * Bytes of a stream that were received already, and come before those that the
 * kernel has.
 *
 * @module
 */

const NONE = new Uint8Array(0);

type Bytes = Uint8Array<ArrayBuffer>;

/** Received bytes, which all descriptors of this thread for a socket share. */
export class Front {
  #bytes: Bytes = NONE;

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

  /** Puts bytes before those that are there. */
  unshift(bytes: Bytes): void {
    this.#bytes = joined(bytes, this.#bytes);
  }

  /** Puts bytes behind those that are there. */
  push(bytes: Bytes): void {
    this.#bytes = joined(this.#bytes, bytes);
  }
}

/** Both as one array. */
export function joined(first: Bytes, second: Bytes): Bytes {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
