/**
 * The records that ciphertext consists of.
 *
 * @module
 */

type Bytes = Uint8Array<ArrayBuffer>;

const HEADER = 5;
const ALERT = 21;
const APPLICATION_DATA = 23;
/** An alert of TLS 1.3: two bytes, their type and the tag of the cipher. */
const SEALED_ALERT = 2 + 1 + 16;

/** Finds the records in a stream of ciphertext. */
export class Records {
  readonly #header: number[] = [];
  /** How much of the record is still to come. */
  #left = 0;

  /**
   * How many of `bytes` are to be handled before it is known whether the TLS
   * layer ends there: all, or those up to the end of what may be an alert.
   */
  untilAlert(bytes: Bytes): [count: number, alert: boolean] {
    let at = 0;
    while (at < bytes.length) {
      if (this.#header.length < HEADER) {
        this.#header.push(bytes[at++]!);
        if (this.#header.length < HEADER) continue;
        this.#left = this.#header[3]! << 8 | this.#header[4]!;
      }
      const count = Math.min(this.#left, bytes.length - at);
      at += count;
      this.#left -= count;
      if (this.#left > 0) continue;
      const [type, , , high, low] = this.#header.splice(0);
      const sealed = type === APPLICATION_DATA && high === 0 &&
        low === SEALED_ALERT;
      if (type === ALERT || sealed) return [at, true];
    }
    return [at, false];
  }
}
