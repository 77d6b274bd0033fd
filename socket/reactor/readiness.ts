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
 * Sockets are, and so is everything else that has a
 * {@linkcode Source} under the symbol `select.readiness`.
 */
export interface Pollable {
  /** The source of its events; `OSError` (`EBADF`) once the object is closed. */
  readonly [readiness]: Source;
}

/** An object with readiness, which wakes its watches when that changes. */
export interface Source {
  /** The events that are true now: `POLL` bits, level-triggered. */
  readonly readiness: number;
  /**
   * Which of `events` are true now: the same as `readiness`, for a
   * source that may know a part of it without asking the system.
   */
  ready?(events: number): number;
  /** Wakes `watch` from now on, until `unwatch()`. */
  watch(watch: Watch): void;
  /** Ends `watch()`; does nothing for a watch that was not added. */
  unwatch(watch: Watch): void;
  /**
   * Polls the system before the second try of a call that doesn't wait, so that
   * readiness for `events` is as fresh as one turn of the event loop can make
   * it. Without this, loops of such calls would never end.
   */
  settle?(events: number): Promise<void>;
  /**
   * The object that watches the system for this source and others. If left out,
   * the event loop is.
   */
  readonly reactor?: Reactor | undefined;
}

/** What watches the system for many sources. */
export interface Reactor {
  /**
   * Fetches the new events of all its sources, for a `select()` or `poll()` that
   * doesn't wait. The event loop turns meanwhile whenever timers and other tasks
   * have had to stand back for long.
   */
  settle(): Promise<void>;
  /**
   * Fetches new events at once, unless others have to have their turn first. A
   * reactor that can't do that leaves it out.
   */
  poll?(): void;
}

/** Which of `events` are true of a source. */
export function readyFor(source: Source, events: number): number {
  return source.ready ? source.ready(events) : source.readiness & events;
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
  /**
   * A lasting watch that is to be woken also while no call waits in this thread:
   * one of another thread may.
   */
  readonly background?: boolean;
  /** Whether to wake it also for data that arrives behind unread data. */
  readonly edge?: boolean;
  /**
   * Called when one of `events` may have come true. The call may be spurious,
   * and must not throw.
   */
  wake(): void;
}
