/**
 * Work that whatever it does may ask for again.
 *
 * @module
 */

/**
 * Runs one piece of work, and never enters it while it is on the stack: who
 * asks for it then has it go round once more.
 */
export class Pump {
  readonly #work: () => void;
  #running = false;
  #again = false;

  constructor(work: () => void) {
    this.#work = work;
  }

  /** Has the work done, now or by the call that is on the stack. */
  run(): void {
    this.#again = true;
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#again) {
        this.#again = false;
        this.#work();
      }
    } finally {
      this.#running = false;
    }
  }
}
