/**
 * The contract of everything that `select()` and `poll()` can wait for.
 *
 * @module
 */

/** The key of {@linkcode Pollable}'s only property. */
export const readiness: unique symbol = Symbol.for(
  "@berkeley/socket.readiness",
);

/**
 * An object that `select()` and `poll()` can wait for.
 *
 * Sockets are, and so is everything else that tells under the symbol
 * `select.readiness` what is true of it now and wakes those who wait for more.
 */
export interface Pollable {
  /** What becomes ready; `OSError` (`EBADF`) once the object is closed. */
  readonly [readiness]: Source;
}

/** What `select` and `poll` need to know of anything that becomes ready. */
export interface Source {
  /** What is true now: `POLL` bits, level-triggered. */
  readonly readiness: number;
  /** Wakes `watch` from now on, until `unwatch()`. */
  watch(watch: Watch): void;
  /** Ends `watch()`; does nothing for a watch that was not added. */
  unwatch(watch: Watch): void;
  /**
   * Lets what the system already has come in: once this resolves, readiness
   * for `events` is as fresh as one turn of the event loop can make it. Makes
   * loops that only try, without ever waiting, come to an end.
   */
  settle?(events: number): Promise<void>;
  /**
   * What watches the system for this source and others: one call of its
   * `settle()` brings the news of all of them. A source without one is fresh
   * after a turn of the event loop.
   */
  readonly reactor?: { settle(): Promise<void> } | undefined;
}

/** A request to be woken when a source has changed. */
export interface Watch {
  /** The events that are waited for: `POLL` bits. */
  readonly events: number;
  /**
   * Stays from one wait to the next: on its own it is no call that waits, and
   * doesn't keep the process alive.
   */
  readonly lasting?: boolean;
  /** Is to be woken for what comes behind something that waits already, too. */
  readonly edge?: boolean;
  /**
   * Called when one of `events` may have come true. It may be called in vain,
   * and it must not throw.
   */
  wake(): void;
}
