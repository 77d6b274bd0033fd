/**
 * How an object moves to another thread.
 *
 * A value is packed whole before any of its objects is given up: packing
 * changes nothing, so that an error leaves everything as it was.
 *
 * Each worker has one {@linkcode ThreadLink}, to the main thread. An object that
 * goes from worker to worker is made anew in the main thread, and packed again.
 *
 * @module
 */

/** The key of {@linkcode Movable}'s only method. */
export const transfer: unique symbol = Symbol.for("@berkeley/socket.transfer");

/** An object that can be given to another thread. */
export interface Movable {
  /**
   * Packs the object for the thread at the other end of a link. Changes
   * nothing.
   *
   * @throws {TypeError} With the reason why the object can't be sent; the path
   * to the object is put before it.
   */
  [transfer](link: ThreadLink): TransferRecord;
}

/** An object in transit. */
export interface TransferRecord {
  /** The kind under which `onArrival()` makes it anew there. */
  readonly kind: string;
  /** The message that is sent: anything that structured clone takes. */
  readonly message: unknown;
  /** The objects in the message that are transferred rather than copied. */
  readonly transferables?: Transferable[];
  /** Gives the object up in this thread; called once it was sent. */
  send?(): void;
  /** Called instead if it can't be sent. */
  cancel?: (() => void) | undefined;
}

/** The connection of this thread with another one. */
export interface ThreadLink {
  /**
   * Packs an object that is part of the one being packed. An object that is
   * packed twice for one message arrives as one.
   */
  pack(part: Movable): unknown;
  /** The object that such a part is made into. */
  unpack(message: unknown): unknown;
  /**
   * Packs the endpoint of a descriptor; `send` gives the descriptor up, `cancel`
   * keeps it.
   *
   * @internal
   */
  lend(fd: number): {
    message: unknown;
    send(): void;
    cancel?: (() => void) | undefined;
  };
  /**
   * The descriptor of such an endpoint.
   *
   * @internal
   */
  borrow(message: unknown): number;
  /**
   * Sends a value to the listener for `topic` at the other end: anything that
   * may be an argument of a thread. Messages in one direction arrive in order.
   * Within the library, `value` may be the `Inspection` of the value.
   *
   * @throws {TypeError} With the path of a part that can't be sent; then
   * nothing is sent.
   */
  post(topic: string, value: unknown): void;
  /**
   * Sets the listener for a topic at this end; `null` removes it. Messages
   * without a listener are dropped.
   *
   * @param failed Called instead of the listener if an object of the value
   * couldn't be made anew: with the value, which has `null` for each such
   * object, and the first error. By default the error is printed.
   */
  listen(
    topic: string,
    listener: ((value: unknown) => void) | null,
    failed?: (value: unknown, error: unknown) => void,
  ): void;
  /** Aborted when the other thread has ended. */
  readonly gone: AbortSignal;
}

const arrivals = new Map<
  string,
  (message: unknown, link: ThreadLink) => object
>();

/**
 * Sets the function that makes objects of a kind anew in this thread.
 *
 * An error of `revive` ends the thread that the object is an argument of; with
 * a queue it is raised by the `get()` that would have returned the object, or
 * by the `put()` that sent it.
 */
export function onArrival<T>(
  kind: string,
  revive: (message: T, link: ThreadLink) => object,
): void {
  arrivals.set(kind, revive as (message: unknown, link: ThreadLink) => object);
}

/** Makes an object anew from its message. */
export function arrive(
  kind: string,
  message: unknown,
  link: ThreadLink,
): object {
  const revive = arrivals.get(kind);
  if (revive) return revive(message, link);
  throw new TypeError(
    `nothing is known of "${kind}" where it arrived: each thread that gets one, and the main thread, needs a module that calls onArrival()`,
  );
}
