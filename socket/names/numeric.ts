/**
 * Hosts that are addresses already, as `getaddrinfo(3)` reads them.
 *
 * @module
 */

import { aton, inet_ntop, inet_pton, isIPv6 } from "./inet.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  AI_V4MAPPED,
  EAI_ADDRFAMILY,
  EAI_NONAME,
} from "../constants.ts";
import { gaiError } from "./failures.ts";
import { indexOf, missing } from "./interface_table.ts";

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

/** The address as the whole of what a socket needs. */
export function withPort(host: HostAddress, port: number): InternetAddress {
  return host.family === AF_INET
    ? [host.address, port]
    : [host.address, port, 0, host.scope_id];
}

/** What an address says: its family and its one spelling. */
export function hostAddress(address: string): HostAddress {
  const family = address.includes(":") ? AF_INET6 : AF_INET;
  return {
    family,
    address: inet_ntop(family, inet_pton(family, address)),
    scope_id: 0,
  };
}

/** An IPv4 address in the form that IPv6 sockets have for it. */
export function mapped({ address }: HostAddress): HostAddress {
  return { family: AF_INET6, address: `::ffff:${address}`, scope_id: 0 };
}

/**
 * The address that a host is, or `null` if it is a name.
 *
 * A `gaierror` if it is one of another family than `family`
 * (`EAI_ADDRFAMILY`), or its scope is none (`EAI_NONAME`); a
 * `PermissionError` if the program may not see the interface that the scope
 * names.
 */
export function numericHost(
  host: string,
  family: number,
  flags: number,
): HostAddress | null {
  const packed = aton(host);
  if (packed) {
    const v4 = { family: AF_INET, address: packed.join("."), scope_id: 0 };
    if (family === AF_UNSPEC || family === AF_INET) return v4;
    if (flags & AI_V4MAPPED) return mapped(v4);
    throw gaiError(EAI_ADDRFAMILY);
  }
  const [text, scope] = split(host);
  if (!isIPv6(text)) return null;
  const v6 = inet_pton(AF_INET6, text);
  if (family !== AF_INET) {
    const scope_id = scope === undefined ? 0 : scopeId(v6, scope);
    return { family: AF_INET6, address: inet_ntop(AF_INET6, v6), scope_id };
  }
  if (!isMapped(v6)) throw gaiError(EAI_ADDRFAMILY);
  const v4 = v6.slice(12);
  // The C library judges the scope by the bytes where the IPv4 address went.
  if (scope !== undefined) scopeId(v4, scope);
  return { family: AF_INET, address: v4.join("."), scope_id: 0 };
}

function split(host: string): [text: string, scope: string | undefined] {
  const at = host.indexOf("%");
  return at < 0 ? [host, undefined] : [host.slice(0, at), host.slice(at + 1)];
}

function isMapped(v6: Uint8Array): boolean {
  return v6.subarray(0, 10).every((byte) => byte === 0) && v6[10] === 0xff &&
    v6[11] === 0xff;
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

function scopeId(packed: Uint8Array, scope: string): number {
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
