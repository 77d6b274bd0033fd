/**
 * One operation after the other.
 *
 * @module
 */

/** Lets operations run one at a time, in the order in which they were asked for. */
export class Lock {
  #held = false;
  readonly #waiting: (() => void)[] = [];

  /** An operation is under way. */
  get held(): boolean {
    return this.#held;
  }

  /** Runs an operation: at once if no other is under way, else after those. */
  async run<T>(operation: () => T | Promise<T>): Promise<T> {
    if (this.#held) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#held = true;
    try {
      return await operation();
    } finally {
      const next = this.#waiting.shift();
      // Handed on while it is held: nobody comes between.
      if (next) next();
      else this.#held = false;
    }
  }
}
