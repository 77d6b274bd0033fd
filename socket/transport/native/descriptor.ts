/**
 * The descriptors of this thread: each is opened, and closed, here.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { systemNumber } from "../../descriptors.ts";
import { check, lastErrno, libc } from "./libc.ts";
import { marks, self } from "./owners.ts";

const F_GETFD = 1;
const F_SETFD = 2;
const F_DUPFD_CLOEXEC = 1030;
const FD_CLOEXEC = 1;

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

/**
 * To be called with descriptors that came in a message: puts their numbers in
 * their places. If one can't be kept, none is.
 */
export function arrived(fds: Int32Array<ArrayBuffer>): void {
  for (const fd of fds) marks[fd] = self;
  let count = 0;
  try {
    for (; count < fds.length; count++) fds[count] = settle(fds[count]!);
  } catch (error) {
    // The one that settle() has failed for, it has closed.
    fds.forEach((fd, index) => index !== count && close(fd));
    throw error;
  }
}

/** Another descriptor for the same, with the lowest number from `from` on. */
export function duplicate(fd: number, from = 0): number {
  return open(() => libc.fcntl(fd, F_DUPFD_CLOEXEC, from));
}

/** Closes a descriptor of this thread; whether it was open. */
export function close(fd: number): boolean {
  // It may be another thread's, which has given its number away.
  marks[fd] = -self;
  const result = libc.close(fd);
  const code = result < 0 ? lastErrno() : 0;
  if (self !== 0) Atomics.compareExchange(marks, fd, -self, 0);
  // Linux has closed it whatever other error there is.
  return code !== errno.EBADF;
}

/** Whether programs that are started get a descriptor too. */
export function isInheritable(fd: number): boolean {
  return (check(() => libc.fcntl(fd, F_GETFD, 0)) & FD_CLOEXEC) === 0;
}

/** Sets that. */
export function setInheritable(fd: number, inheritable: boolean): void {
  check(() => libc.fcntl(fd, F_SETFD, inheritable ? 0 : FD_CLOEXEC));
}
