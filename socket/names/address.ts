/**
 * Addresses as programs write them, and the interface of an address family.
 *
 * @module
 */

import type { SocketAddress } from "../transport/transport.ts";

/**
 * Where a socket is or goes: `[host, port]` for `AF_INET`,
 * `[host, port, flowinfo?, scope_id?]` for `AF_INET6`, a path for `AF_UNIX`, or
 * a NUL and a name that has no file (Linux's abstract names).
 *
 * `host` is a name, a numeric address, or `""` for all of this machine's
 * addresses; `port` is 0 to 65535. What comes back from `accept()`,
 * `getsockname()`, `getpeername()` and `getaddrinfo()` has a numeric host and,
 * for `AF_INET6`, all four parts. A path whose bytes are not UTF-8 has each of
 * those that can't be decoded as a lone surrogate, `"\udc80"` to `"\udcff"`.
 *
 * Follows Python's
 * [socket families](https://docs.python.org/3/library/socket.html#socket-families).
 */
export type Address =
  | readonly [host: string, port: number]
  | readonly [host: string, port: number, flowinfo: number, scope_id: number]
  | string;

/** An address argument: a path may also be given as its bytes. */
export type AddressLike = Address | BufferSource;

/** An address argument in the form that transports take. */
export interface ParsedAddress {
  readonly address: SocketAddress;
  /** The host as written, if it is a name. Before the look-up, `address` has it. */
  readonly name?: string;
}

/**
 * The operations on the addresses of one family. To all other code they are
 * opaque values that survive JSON.
 */
export interface AddressFamily {
  /** The own address of a socket that isn't bound. */
  readonly unbound: SocketAddress;
  /** Checks the address argument of `caller`, with CPython's messages. */
  parse(argument: unknown, caller: string): ParsedAddress;
  /** Looks up the name, for a socket of a `SOCK_…` type. */
  lookUp?(parsed: ParsedAddress, type: number): Promise<ParsedAddress>;
  /** The address as programs see it. */
  format(address: SocketAddress): Address;
  /** Whether two addresses are the same place. */
  equals(first: SocketAddress, second: SocketAddress): boolean;
  /** The sender that `recvfrom()` gives on a stream with this peer, if any. */
  streamSender?(peer: SocketAddress): SocketAddress | null;
}
