/**
 * When a file is ready.
 *
 * @module
 */

import type { Source, Watch } from "../reactor/readiness.ts";
import { POLLIN, POLLNVAL } from "../transport/transport.ts";

/** A file is ready when what is below it is, or when it holds something to read. */
export class FileSource implements Source {
  readonly #below: Source;
  readonly #holds: () => boolean;
  readonly #watches = new Set<Watch>();
  #closed = false;

  /**
   * @param below What the file reads from and writes to.
   * @param holds Whether the file has taken something from there that nobody
   * has read yet.
   */
  constructor(below: Source, holds: () => boolean) {
    this.#below = below;
    this.#holds = holds;
  }

  /** What is true now. */
  get readiness(): number {
    if (this.#closed) return POLLNVAL;
    return this.#below.readiness | (this.#holds() ? POLLIN : 0);
  }

  /** Begins to wake a watch. */
  watch(watch: Watch): void {
    this.#watches.add(watch);
    this.#below.watch(watch);
  }

  /** Stops to wake a watch. */
  unwatch(watch: Watch): void {
    this.#watches.delete(watch);
    this.#below.unwatch(watch);
  }

  /**
   * Something was taken from below and not all of it was read: who waits for
   * that can't learn of it from below any more.
   */
  filled(): void {
    if (this.#watches.size === 0 || !this.#holds()) return;
    for (const watch of this.#watches) {
      if (watch.events & POLLIN) watch.wake();
    }
  }

  /** The file was closed; what is below it may stay open. */
  close(): void {
    this.#closed = true;
    for (const watch of this.#watches) watch.wake();
  }
}
