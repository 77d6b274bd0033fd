/**
 * The descriptors of this thread: each is opened, and closed, here.
 *
 * @module
 */

import { systemNumber } from "../../descriptors.ts";
import { check, libc } from "./libc.ts";
import { marks, self } from "./owners.ts";

const F_DUPFD_CLOEXEC = 1030;

/** Calls what returns a new descriptor, which becomes this thread's. */
export function open(call: () => number): number {
  const fd = check(() => {
    const fd = call();
    if (fd >= 0) marks[fd] = self;
    return fd;
  });
  return settle(fd);
}

/**
 * To be called with a descriptor that has its mark. A number that stands for a
 * socket of another transport, made before this one was installed, is left to
 * that.
 */
export function settle(fd: number): number {
  const from = systemNumber(fd);
  if (from === fd) return fd;
  try {
    return duplicate(fd, from);
  } finally {
    close(fd);
  }
}

/** Another descriptor for the same, with the lowest number from `from` on. */
export function duplicate(fd: number, from = 0): number {
  return open(() => libc.fcntl(fd, F_DUPFD_CLOEXEC, from));
}

/** Closes a descriptor of this thread. */
export function close(fd: number): void {
  if (self !== 0) marks[fd] = -self;
  libc.close(fd);
  if (self !== 0) Atomics.compareExchange(marks, fd, -self, 0);
}
