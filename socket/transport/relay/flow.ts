/**
 * Flow control between the two halves of a lent endpoint, the same in both
 * directions: the receiver tells how much it has consumed of all that came,
 * and the sender is at most one window ahead of that.
 *
 * Bytes, the sizes of records, or connections are counted, modulo 2³². Every
 * record carries the count of the other direction, so that a dialogue needs no
 * records of its own for flow control.
 *
 * @module
 */

import { SOCK_STREAM } from "../../constants.ts";

/** One direction, at the half that sends. */
export class SendWindow {
  sent = 0;
  #consumed = 0;

  /** @param size How much may be sent and not consumed. */
  constructor(public size: number) {}

  /** How much may be sent now. */
  get room(): number {
    return Math.max(0, this.size - (this.sent - this.#consumed | 0));
  }

  /**
   * The other half has consumed so much in all; how much more than before.
   * A lower count is ignored: the record is late, or bytes were put back, which
   * the other half keeps.
   */
  acknowledge(consumed: number): number {
    const more = consumed - this.#consumed | 0;
    if (more <= 0) return 0;
    this.#consumed = consumed;
    return more;
  }
}

/** One direction, at the half that receives. */
export class ReceiveWindow {
  received = 0;
  /** How much is kept here of that. */
  held = 0;
  /** How much the other half knows to be consumed. */
  #told = 0;

  /** @param size How much may be kept here. */
  constructor(public size: number) {}

  /** How much was consumed, for a record that tells it; it never decreases. */
  tell(): number {
    this.#told += Math.max(0, this.untold);
    return this.#told;
  }

  /** How much more was consumed; less than nothing after bytes were put back. */
  get untold(): number {
    return this.received - this.held - this.#told | 0;
  }

  reset(): void {
    this.received = this.held = this.#told = 0;
  }

  /** Whether enough was consumed to send a record for that alone. */
  get due(): boolean {
    return this.untold > 0 && this.untold >= this.size / 4;
  }
}

/**
 * After a read of up to this many bytes, a stub waits for a record of its proxy
 * before the next one. Most connections are short: the last read is wasted.
 */
export const FIRST_BYTES: number = 4 * 1024;

/** A record counts for this much beside its bytes, so that empty ones count. */
const RECORD = 64;

/** How much bytes of a stream, or a record, count for. */
export function unitsOf(type: number, { length }: Uint8Array): number {
  return type === SOCK_STREAM ? length : RECORD + length;
}
