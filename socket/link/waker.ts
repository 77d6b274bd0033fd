/**
 * Waking a thread that has nothing to do.
 *
 * @module
 */

const AWAKE = 0;
const ASLEEP = 1;

/** One word of shared memory on which one thread sleeps and another wakes it. */
export class Waker {
  readonly #word: Int32Array;

  constructor(memory: SharedArrayBuffer, offset: number) {
    this.#word = new Int32Array(memory, offset, 1);
  }

  /** Wakes the thread, if it sleeps. */
  wake(): void {
    if (Atomics.exchange(this.#word, 0, AWAKE) === ASLEEP) {
      Atomics.notify(this.#word, 0);
    }
  }

  /**
   * Sleeps until another thread wakes it. With work at hand it only lets the rest of
   * the event loop have its turn.
   *
   * @param work Whether there is something to do already.
   */
  async sleep(work: () => boolean): Promise<void> {
    Atomics.store(this.#word, 0, ASLEEP);
    const woken = Atomics.waitAsync(this.#word, 0, ASLEEP);
    // Looked at after falling asleep: what comes later wakes it.
    if (work()) this.wake();
    if (woken.async) await woken.value;
  }
}
