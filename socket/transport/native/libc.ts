/**
 * The functions of libc that the transport calls, and the errors of those.
 *
 * Lengths and results are declared with 32 bits, though C's are wider: a wider
 * integer comes as a BigInt, which every message would pay for.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { OSError } from "../../errors.ts";

const SYMBOLS = {
  accept4: { parameters: ["i32", "buffer", "buffer", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  epoll_park: {
    name: "epoll_wait",
    parameters: ["i32", "buffer", "i32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  __errno_location: { parameters: [], result: "pointer" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  freeaddrinfo: { parameters: ["pointer"], result: "void" },
  getaddrinfo: {
    parameters: ["buffer", "pointer", "buffer", "buffer"],
    result: "i32",
  },
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "buffer"],
    result: "i32",
  },
  if_freenameindex: { parameters: ["pointer"], result: "void" },
  if_indextoname: { parameters: ["u32", "buffer"], result: "pointer" },
  if_nameindex: { parameters: [], result: "pointer" },
  if_nametoindex: { parameters: ["buffer"], result: "u32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  poll: { parameters: ["buffer", "u32", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  recv: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  recvfrom: {
    parameters: ["i32", "buffer", "u32", "i32", "buffer", "buffer"],
    result: "i32",
  },
  recvmsg: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  sendmsg: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  sendto: {
    parameters: ["i32", "buffer", "u32", "i32", "buffer", "u32"],
    result: "i32",
  },
  setsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "u32"],
    result: "i32",
  },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  write: { parameters: ["i32", "buffer", "u32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The functions, as JavaScript calls them. */
export type Libc = Deno.StaticForeignLibraryInterface<typeof SYMBOLS>;

/** The file that the dynamic linker finds libc in. */
export const LIBRARY = "libc.so.6";

/** The functions of this thread's libc. */
export const libc: Libc = Deno.dlopen(LIBRARY, SYMBOLS).symbols;

/** `errno` of this thread. It is read right after the call that failed. */
const location = new Int32Array(
  Deno.UnsafePointerView.getArrayBuffer(libc.__errno_location()!, 4),
);

/** The error number of the call that has just failed. */
export function lastErrno(): number {
  return location[0]!;
}

/** Raises the error of the call that has just failed. */
export function raiseLast(): never {
  throw new OSError(location[0]!);
}

/** The result of a call that doesn't wait, repeated when a signal came. */
export function check(call: () => number): number {
  for (;;) {
    const result = call();
    if (result >= 0) return result;
    if (location[0] !== errno.EINTR) raiseLast();
  }
}
