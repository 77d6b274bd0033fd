/**
 * An open descriptor with a mode, which the methods of a socket work on.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { int } from "./arguments.ts";
import { MSG_DONTWAIT } from "./constants.ts";
import { closeDescriptor, endpointOf, isOpen } from "./descriptors.ts";
import { OSError } from "./errors.ts";
import type { Endpoint } from "./transport/transport.ts";

interface Dropped {
  readonly fd: number;
  readonly endpoint: Endpoint;
}

/** Closes the descriptors of sockets that were dropped without `close()`. */
const dropped = new FinalizationRegistry<Dropped>((it) => {
  // The number may have been closed without the socket, and be another's now.
  if (!isOpen(it.fd, it.endpoint)) return;
  // A call that waits may outlive its socket: the next collection asks again.
  if (it.endpoint.busy) dropped.register({}, it);
  else closeDescriptor(it.fd);
});

/**
 * An open descriptor with a mode.
 *
 * It is a socket's own. A call that consists of several operations holds it
 * too, so that the descriptor stays open between them.
 */
export class Handle {
  /** Seconds; `null` waits, 0 never does. */
  timeout: number | null;
  /** The descriptor; -1 if it was closed or given away. */
  fd: number;
  #endpoint: Endpoint | null;

  constructor(fd: number, timeout: number | null) {
    const endpoint = endpointOf(fd);
    this.fd = fd;
    this.#endpoint = endpoint;
    this.timeout = timeout;
    dropped.register(this, { fd, endpoint }, this);
  }

  /** The open endpoint, or `EBADF`. */
  get endpoint(): Endpoint {
    if (this.#endpoint === null) throw new OSError(errno.EBADF);
    return this.#endpoint;
  }

  /** The time-out of a call with these flags. */
  mode(flags: number): number | null {
    return int(flags, "flags") & MSG_DONTWAIT ? 0 : this.timeout;
  }

  /** Whether programs that are started get the descriptor. */
  get inheritable(): boolean {
    return this.endpoint.inheritable ?? false;
  }

  set inheritable(inheritable: boolean) {
    const { endpoint } = this;
    if (endpoint.inheritable !== undefined) endpoint.inheritable = inheritable;
    else if (inheritable) throw new OSError(errno.EOPNOTSUPP);
  }

  /** Gives the descriptor away. */
  detach(): number {
    const fd = this.fd;
    this.#endpoint = null;
    this.fd = -1;
    dropped.unregister(this);
    return fd;
  }

  /** Closes the descriptor, if that has not happened yet. */
  close(): void {
    const fd = this.detach();
    if (fd !== -1) closeDescriptor(fd);
  }
}
