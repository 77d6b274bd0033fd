/**
 * Numbers that follow from a seed, so that a failure can be repeated.
 *
 * @module
 */

/** Numbers that follow from a seed. */
export class Random {
  #state: number;

  /** Begins with a seed. */
  constructor(seed: number) {
    this.#state = seed;
  }

  /** A number from 0 up to, but not including, `end`. */
  below(end: number): number {
    this.#state = this.#state + 0x6d2b79f5 | 0;
    let t = Math.imul(this.#state ^ this.#state >>> 15, 1 | this.#state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) % end;
  }

  /** One of several. */
  of<T>(...choices: T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** True so many times in ten. */
  chance(tenths: number): boolean {
    return this.below(10) < tenths;
  }
}
