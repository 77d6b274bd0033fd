/**
 * A lock for as long as a block runs.
 *
 * @module
 */

/** What `hold()` gives: releases the lock, once, at the end of a block. */
export class Held implements Disposable {
  #release: (() => void) | null;

  /** @internal */
  constructor(release: () => void) {
    this.#release = release;
  }

  /** Releases the lock; a second call does nothing. */
  [Symbol.dispose](): void {
    const release = this.#release;
    this.#release = null;
    release?.();
  }
}
