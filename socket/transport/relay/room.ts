/**
 * How much more may be sent, told in steps.
 *
 * @module
 */

import { STEP } from "./records.ts";

/** Counts what makes room, and tells of it when it has become enough. */
export class Room {
  readonly #tell: (count: number) => void;
  #untold = 0;

  /** As many bytes are told of at once. */
  step: number = STEP;
  /** How many bytes have made room in all. */
  sum = 0;

  constructor(tell: (count: number) => void) {
    this.#tell = tell;
  }

  /** So many bytes more have made room. */
  add(count: number): void {
    this.#untold += count;
    this.sum += count;
    if (this.#untold >= this.step) this.confirm();
  }

  /** Tells of all that has made room. */
  confirm(): void {
    if (this.#untold > 0) this.#tell(this.#untold);
    this.#untold = 0;
  }

  /** Another user begins anew. */
  forget(): void {
    this.#untold = 0;
  }
}
