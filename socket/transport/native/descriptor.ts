/**
 * The descriptors of this thread: each is opened, and closed, in one place.
 *
 * @module
 */

import { libc } from "./libc.ts";

/** To be called with each descriptor that a system call returned to this thread. */
export function opened(fd: number): number {
  return fd;
}

/** Closes a descriptor of this thread. */
export function close(fd: number): void {
  libc.close(fd);
}
