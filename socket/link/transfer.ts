/**
 * How an object moves to another thread.
 *
 * `thread` packs everything that an argument list holds, and only when all of
 * it can go does it let go of anything: packing changes nothing, sending does.
 *
 * All threads are connected through the main one: there is a {@linkcode ThreadLink}
 * between it and each worker. An object on its way from worker to worker is made
 * anew in the main thread, and packed there again.
 *
 * @module
 */

/** The key of {@linkcode Movable}'s only method. */
export const transfer: unique symbol = Symbol.for("@berkeley/socket.transfer");

/** An object that can be given to another thread. */
export interface Movable {
  /**
   * Packs the object for one way to another thread. Changes nothing.
   *
   * @throws {TypeError} With the reason why it can't go; where it was found is
   * added by whoever packs.
   */
  [transfer](link: ThreadLink): TransferRecord;
}

/** An object in transit. */
export interface TransferRecord {
  /** Which function of `onArrival()` makes it anew there. */
  readonly kind: string;
  /** What is sent: anything that structured clone takes. */
  readonly message: unknown;
  /** What of the message is transferred rather than copied. */
  readonly transferables?: Transferable[];
  /** Lets go of the object here; called once it is sure that it will be sent. */
  send?(): void;
}

/** What connects this thread with another one. */
export interface ThreadLink {
  /**
   * Packs an object that is part of the one being packed. The same object
   * packed twice for one sending arrives as one.
   */
  pack(part: Movable): unknown;
  /** Makes such a part anew. */
  unpack(message: unknown): unknown;
  /**
   * Packs the endpoint of a descriptor; `send` takes the descriptor.
   *
   * @internal
   */
  lend(fd: number): { message: unknown; send(): void };
  /**
   * The descriptor of such an endpoint.
   *
   * @internal
   */
  borrow(message: unknown): number;
  /**
   * Sends anything that may be an argument of a thread to whoever listens for
   * `topic` at the other end. All that goes one way arrives in order. `thread`
   * may pass the `Contents` of a value that it has looked into already.
   *
   * @throws {TypeError} Naming the path of what can't go; nothing is sent then.
   */
  post(topic: string, value: unknown): void;
  /**
   * Listens at this end; `null` stops. What nobody listens for is dropped.
   *
   * @param failed Gets in the listener's place what couldn't all be brought
   * back to life, with the first error and `null` in each such place. Without
   * it the error is printed.
   */
  listen(
    topic: string,
    listener: ((value: unknown) => void) | null,
    failed?: (value: unknown, error: unknown) => void,
  ): void;
  /** Aborted when the other end is gone. */
  readonly gone: AbortSignal;
}

const arrivals = new Map<
  string,
  (message: unknown, link: ThreadLink) => object
>();

/**
 * Says how objects of a kind are made anew in this thread.
 *
 * What `revive` throws ends the thread that it is an argument of, is raised by
 * the `get()` that would have got it, or by the `put()` that brought it.
 */
export function onArrival<T>(
  kind: string,
  revive: (message: T, link: ThreadLink) => object,
): void {
  arrivals.set(kind, revive as (message: unknown, link: ThreadLink) => object);
}

/** Makes an object from the message that was sent. */
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
