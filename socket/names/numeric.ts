/**
 * Numeric internet addresses: hosts, and socket addresses with a port.
 *
 * @module
 */

import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  AI_V4MAPPED,
  EAI_ADDRFAMILY,
  EAI_NONAME,
} from "../constants.ts";
import type { SocketAddress } from "../transport/transport.ts";
import { aton, ntop6, pton4, pton6 } from "./inet.ts";
import { indexOf, missing } from "./interfaces.ts";
import { gaiError } from "./lookup_errors.ts";

/**
 * Where an internet socket is or goes, as the system tells it:
 * `[host, port]` for `AF_INET`, `[host, port, flowinfo, scope_id]` for
 * `AF_INET6`. The host is an address.
 */
export type InternetAddress =
  | [host: string, port: number]
  | [host: string, port: number, flowinfo: number, scope_id: number];

/** An address without a port. */
export interface HostAddress {
  /** `AF_INET` or `AF_INET6`. */
  readonly family: number;
  /** The address as text, without a scope. */
  readonly address: string;
  /** The index of the interface that the address is meant for, or 0. */
  readonly scope_id: number;
}

/** The parts of a socket address of `AF_INET` or `AF_INET6`. */
export function toInternet(address: SocketAddress): InternetAddress {
  return address as unknown as InternetAddress;
}

/** The socket address that has these parts. */
export function fromInternet(parts: InternetAddress): SocketAddress {
  return parts as unknown as SocketAddress;
}

/** The socket address of a host and a port. */
export function withPort(host: HostAddress, port: number): InternetAddress {
  return host.family === AF_INET
    ? [host.address, port]
    : [host.address, port, 0, host.scope_id];
}

/** An address that Deno reports without its scope, in the scope of another. */
export function inScope(
  family: number,
  address: string,
  port: number,
  scope_id: number | null | undefined,
): InternetAddress {
  // Only link-local addresses have a scope.
  const local = scope_id && isLinkLocal(pton6(address)!, true);
  return withPort({ family, address, scope_id: local ? scope_id : 0 }, port);
}

/** A socket address with another host. */
export function withHost(
  [, ...rest]: InternetAddress,
  host: string,
): InternetAddress {
  return [host, ...rest] as InternetAddress;
}

/** The host with its scope behind a `%`, as Deno and Node take it. */
export function scopedHost([host, , , scope_id]: InternetAddress): string {
  return scope_id ? `${host}%${scope_id}` : host;
}

/** An address in its one spelling, with its family. */
export function hostAddress(address: string): HostAddress {
  return numericHost(address, AF_UNSPEC, 0)!;
}

/** An IPv4 address in the form that IPv6 sockets have for it. */
export function mapped(host: HostAddress): HostAddress {
  const { family, address } = host;
  return family === AF_INET6
    ? host
    : { family: AF_INET6, address: `::ffff:${address}`, scope_id: 0 };
}

/** All addresses of this machine. */
export function wildcard(family: number): string {
  return family === AF_INET6 ? "::" : "0.0.0.0";
}

/** Whether sockets bound to two hosts compete for a port. */
export function overlap(first: string, second: string): boolean {
  const any = [wildcard(AF_INET), wildcard(AF_INET6)];
  return first === second || any.includes(first) || any.includes(second);
}

/** This machine's own address on the loopback. */
export function localhost(family: number): string {
  return family === AF_INET6 ? "::1" : "127.0.0.1";
}

/** The source address towards a host on the loopback, `null` for others. */
export function loopback(host: string): string | null {
  const v4 = /^(::ffff:)?127\./.exec(host);
  if (v4) return `${v4[1] ?? ""}127.0.0.1`;
  return host === "::1" ? host : null;
}

/**
 * Parses a host as `getaddrinfo(3)` does; `null` if it is a name.
 *
 * A `gaierror` for an address of another family (`EAI_ADDRFAMILY`) or a wrong
 * scope (`EAI_NONAME`), a `PermissionError` for a scope that names an interface
 * which the program may not see.
 */
export function numericHost(
  host: string,
  family: number,
  flags: number,
): HostAddress | null {
  const packed = host.includes(":") ? null : aton(host);
  if (packed) {
    const v4 = { family: AF_INET, address: packed.join("."), scope_id: 0 };
    if (family !== AF_INET6) return v4;
    if (flags & AI_V4MAPPED) return mapped(v4);
    throw gaiError(EAI_ADDRFAMILY);
  }
  const at = host.indexOf("%");
  const v6 = pton6(at < 0 ? host : host.slice(0, at));
  if (!v6) return null;
  const address = ntop6(v6);
  const scope = at < 0 ? null : host.slice(at + 1);
  if (family !== AF_INET) {
    return { family: AF_INET6, address, scope_id: scopeId(v6, scope) };
  }
  const v4 = address.replace(/^::ffff:/, "");
  if (!pton4(v4)) throw gaiError(EAI_ADDRFAMILY);
  // The C library takes the first bytes of the IPv4 address for the scope's.
  scopeId(v6.subarray(12), scope);
  return { family, address: v4, scope_id: 0 };
}

/** Whether a scope may be the name of an interface. */
export function isLinkLocal(
  [first = 0, second = 0]: Uint8Array,
  node: boolean,
): boolean {
  if (first === 0xfe) return (second & 0xc0) === 0x80;
  const reach = second & 0x0f;
  return first === 0xff && (reach === 2 || (node && reach === 1));
}

function scopeId(packed: Uint8Array, scope: string | null): number {
  if (scope === null) return 0;
  if (/^[0-9]+$/.test(scope)) {
    const index = Number(scope);
    if (index <= 0xffffffff) return index;
  } else if (isLinkLocal(packed, true)) {
    const index = indexOf(scope);
    if (index === undefined) throw missing();
    if (index > 0) return index;
  }
  throw gaiError(EAI_NONAME);
}
