/**
 * How this machine lays out the structures of libc. Linux on x86-64 and on
 * aarch64 differ in one of them.
 *
 * @module
 */

/** The order of bytes: that of both machines. */
export const LITTLE_ENDIAN = true;

/** `struct epoll_event`: x86-64 packs it, to share it with 32-bit programs. */
export const EPOLL_EVENT: { size: number; data: number } =
  Deno.build.arch === "x86_64" ? { size: 12, data: 4 } : { size: 16, data: 8 };

/** `struct sockaddr_storage` holds the address of any family, in bytes. */
export const SOCKADDR_SIZE = 128;

/** `struct msghdr`, in bytes. */
export const MSGHDR_SIZE = 56;

/** A pointer, in bytes. */
export const POINTER = 8;

/** `struct addrinfo`: its size, and where its members are. */
export const ADDRINFO = {
  size: 48,
  flags: 0,
  family: 4,
  type: 8,
  proto: 12,
  addressLength: 16,
  address: 24,
  canonname: 32,
  next: 40,
} as const;

/** `struct hostent`. */
export const HOSTENT = {
  size: 32,
  name: 0,
  aliases: 8,
  type: 16,
  length: 20,
  addresses: 24,
} as const;

/** `struct if_nameindex`. */
export const IF_NAMEINDEX = { size: 16, index: 0, name: 8 } as const;
