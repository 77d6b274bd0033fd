import { traced } from "../stack.ts";

/** Runs operations one at a time, in the order in which they were requested. */
export class Lock {
  readonly #waiting: (() => void)[] = [];
  /** Whether an operation is running. */
  held = false;

  /** Runs an operation; an error gets the stack of the caller. */
  async run<T>(operation: () => Promise<T>): Promise<T> {
    if (this.held) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.held = true;
    try {
      return await operation();
    } catch (error) {
      throw traced(error);
    } finally {
      const next = this.#waiting.shift();
      // The lock stays held for the next one, so that no later call overtakes.
      if (next) next();
      else this.held = false;
    }
  }
}
