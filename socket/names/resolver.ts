/**
 * Who looks names up, if not the functions of Deno and Node: a transport that
 * has the C library's own may install them.
 *
 * @module
 */

import type { SocketAddress } from "../transport/transport.ts";

/** The `struct addrinfo` with which C's function is asked. */
export interface Hints {
  readonly family?: number;
  readonly type?: number;
  readonly proto?: number;
  readonly flags?: number;
}

/** One that it answers with. */
export interface Found {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  readonly canonname: string;
  readonly address: SocketAddress;
}

/** A host as `gethostbyname(3)` has it. */
export interface HostEntry {
  readonly name: string;
  readonly aliases: readonly string[];
  /** As text. */
  readonly addresses: readonly string[];
}

/**
 * The resolver of the C library. Failures are a `gaierror`, a `herror` of
 * {@linkcode hostByName} and {@linkcode hostByAddress}, or an `OSError`; a
 * `PermissionError` if the program may not look that up.
 */
export interface Resolver {
  /** `getaddrinfo(3)`. Characters of the name are bytes. */
  search(
    name: string | null,
    service: string | null,
    hints: Hints,
  ): Promise<Found[]>;
  /** `getnameinfo(3)`. */
  nameInfo(
    family: number,
    address: SocketAddress,
    flags: number,
  ): Promise<[host: string, service: string]>;
  /** `gethostbyname(3)`, for IPv4. */
  hostByName(name: string): Promise<HostEntry>;
  /** `gethostbyaddr(3)`. */
  hostByAddress(family: number, address: string): Promise<HostEntry>;
}

/** The resolver in use; `null` for Deno's and Node's functions. */
export let resolver: Resolver | null = null;

/** Has names looked up by another resolver. */
export function useResolver(other: Resolver): void {
  resolver = other;
}
