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
import { load } from "../../library.ts";
import { granted } from "../../permissions.ts";

/** What `getaddrinfo(3)` takes. */
const QUESTION = ["u64", "u64", "u64", "u64"] as const;
/** What `getnameinfo(3)` takes. */
const NAMED = ["u64", "u32", "u64", "u32", "u64", "u32", "i32"] as const;

const SYMBOLS = {
  access: { parameters: ["buffer", "i32"], result: "i32" },
  accept4: { parameters: ["i32", "buffer", "buffer", "i32"], result: "i32" },
  allocate: { name: "malloc", parameters: ["u32"], result: "u64" },
  addressOf: {
    name: "memcpy",
    parameters: ["buffer", "buffer", "u32"],
    result: "u64",
  },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  copy: {
    name: "memcpy",
    parameters: ["buffer", "u64", "u32"],
    result: "void",
  },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  epoll_park: {
    name: "epoll_wait",
    parameters: ["i32", "u64", "i32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  __errno_location: { parameters: [], result: "u64" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  free: { parameters: ["u64"], result: "void" },
  freeaddrinfo: { parameters: ["u64"], result: "void" },
  getaddrinfo: { parameters: QUESTION, result: "i32" },
  getaddrinfo_off: {
    name: "getaddrinfo",
    parameters: QUESTION,
    result: "i32",
    nonblocking: true,
  },
  gethostbyaddr_r: {
    parameters: ["u64", "u32", "i32", "u64", "u64", "u64", "u64", "u64"],
    result: "i32",
    nonblocking: true,
  },
  gethostbyname_r: {
    parameters: ["u64", "u64", "u64", "u64", "u64", "u64"],
    result: "i32",
    nonblocking: true,
  },
  getnameinfo: { parameters: NAMED, result: "i32" },
  getnameinfo_off: {
    name: "getnameinfo",
    parameters: NAMED,
    result: "i32",
    nonblocking: true,
  },
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "buffer"],
    result: "i32",
  },
  if_freenameindex: { parameters: ["u64"], result: "void" },
  if_indextoname: { parameters: ["u32", "buffer"], result: "u64" },
  if_nameindex: { parameters: [], result: "u64" },
  if_nametoindex: { parameters: ["buffer"], result: "u32" },
  // The lower half of a position is enough to know it by.
  lseek: { parameters: ["i32", "i64", "i32"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  poll: { parameters: ["buffer", "u32", "i32"], result: "i32" },
  readlink: { parameters: ["buffer", "buffer", "u32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  recv: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  recvfrom: {
    parameters: ["i32", "buffer", "u32", "i32", "buffer", "buffer"],
    result: "i32",
  },
  recvmsg: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  sendfile: { parameters: ["i32", "i32", "buffer", "u32"], result: "i32" },
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
  strlen: { parameters: ["u64"], result: "u32" },
  store: {
    name: "memcpy",
    parameters: ["u64", "buffer", "u32"],
    result: "void",
  },
  write: { parameters: ["i32", "buffer", "u32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/**
 * The most that Linux transfers in one call, in bytes. Of a larger count, the
 * declared integers would take only the low bits.
 */
export const MOST = 0x7fff_f000;

/** The functions, as JavaScript calls them. */
export type Libc = Deno.StaticForeignLibraryInterface<typeof SYMBOLS>;

/** The functions of this thread's libc. */
export const libc: Libc = load((path) => Deno.dlopen(path, SYMBOLS).symbols);

/** `errno` of this thread. */
const location = libc.__errno_location();
/**
 * Whether Deno shows memory by its address. With a permission for the path of
 * the library alone, functions of that have to copy it.
 */
const isVisible = granted({ name: "ffi" });
const number = new Int32Array(
  isVisible
    ? Deno.UnsafePointerView.getArrayBuffer(
      Deno.UnsafePointer.create(location)!,
      4,
    )
    : new ArrayBuffer(64),
);

/** The error number of the call that has just failed: to be read at once. */
export function lastErrno(): number {
  if (!isVisible) libc.copy(number, location, 4);
  return number[0]!;
}

/** The address of memory that stays where it is. */
export function addressOf(memory: Uint8Array<ArrayBuffer>): bigint {
  // Asking for its buffer has V8 move a small array to where it stays.
  return libc.addressOf(memory.buffer && memory, memory, 0);
}

/** Whether a signal came before the call did anything: it is to be made again. */
export function interrupted(result: number): boolean {
  return result < 0 && lastErrno() === errno.EINTR;
}

/** Raises the error of the call that has just failed. */
export function raiseLast(): never {
  throw new OSError(lastErrno());
}

/** The result of a call that doesn't wait, repeated when a signal came. */
export function check(call: () => number): number {
  let result;
  do {
    result = call();
  } while (interrupted(result));
  if (result < 0) raiseLast();
  return result;
}
