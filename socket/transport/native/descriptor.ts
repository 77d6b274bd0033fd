/**
 * The descriptors of this thread: each is opened, and closed, in one place.
 *
 * @module
 */

import { systemNumber } from "../../descriptors.ts";
import { check, libc } from "./libc.ts";

const F_DUPFD_CLOEXEC = 1030;

/**
 * To be called with each descriptor that a system call returned to this thread;
 * its number. A number that stands for a socket of another transport, made
 * before this one was installed, is left to that.
 */
export function opened(fd: number): number {
  const from = systemNumber(fd);
  if (from === fd) return fd;
  try {
    return check(() => libc.fcntl(fd, F_DUPFD_CLOEXEC, from));
  } finally {
    libc.close(fd);
  }
}

/** Closes a descriptor of this thread. */
export function close(fd: number): void {
  libc.close(fd);
}
