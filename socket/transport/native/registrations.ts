/**
 * What the `epoll` objects of this thread have to hear of sockets: the kernel
 * knows neither of bytes that were put back, nor that a descriptor is closed of
 * which there are copies.
 *
 * @module
 */

/** A socket with something to be read that the kernel doesn't know of. */
export interface Holder {
  /** The events that are true because of that; 0 when nothing is left. */
  readonly held: number;
}

/** An `epoll` object. */
export interface Registrations {
  /** Ends the registration of a descriptor, if there is one. */
  forget(fd: number): void;
  /** There is a new {@linkcode Holder}. */
  refresh(): void;
}

/** All open `epoll` objects. */
export const epolls: Set<Registrations> = new Set();

const holders = new Set<Holder>();

/** Whether any socket may hold something. There seldom is one. */
export function isHolding(): boolean {
  for (const holder of holders) {
    if (holder.held === 0) holders.delete(holder);
  }
  return holders.size > 0;
}

/** Whether {@linkcode isHolding} may be true: cheap enough for each operation. */
export function mayHold(): boolean {
  return holders.size > 0;
}

/** To be called when a socket begins to hold something. */
export function holds(holder: Holder): void {
  if (holder.held === 0) return;
  holders.add(holder);
  for (const epoll of epolls) epoll.refresh();
}

/** To be called before a descriptor is closed or given away. */
export function forget(fd: number, holder: Holder): void {
  holders.delete(holder);
  for (const epoll of epolls) epoll.forget(fd);
}
