/**
 * Deno's permissions, which FFI goes around: they are asked for before each
 * call that reaches out. Nothing here asks the user.
 *
 * @module
 */

import {
  AF_INET,
  AF_INET6,
  AF_RDS,
  AF_UNIX,
  IPPROTO_SCTP,
  SOCK_DGRAM,
  SOCK_STREAM,
} from "../../constants.ts";
import type { PermissionError } from "../../errors.ts";
import { toInternet, wildcard } from "../../names/numeric.ts";
import { hostPort, permissionError } from "../../permissions.ts";
import type { SocketAddress } from "../transport.ts";
import { checkUnix } from "./unix_permissions.ts";

/** Families whose addresses have hosts. */
const HOSTED: readonly number[] = [AF_INET, AF_INET6, AF_RDS];
/** Types whose sockets get nothing before they have an address. */
const ADDRESSED: readonly number[] = [SOCK_STREAM, SOCK_DGRAM];

/** Where Linux connects to instead of the wildcard addresses. */
const LOOPBACKS: Record<string, string> = {
  "0.0.0.0": "127.0.0.1",
  "::": "::1",
};

/** Whether addresses of a family are a host and a port. */
export function isInternet(family: number): boolean {
  return family === AF_INET || family === AF_INET6;
}

/**
 * Refuses a socket that could send or receive at once, whatever the host, if
 * the program's permissions aren't for all hosts.
 */
export function checkSocket(
  family: number,
  type: number,
  proto: number,
): void {
  if (family === AF_UNIX || family === AF_RDS) return;
  // Options of SCTP's bind and connect as well.
  const addressed = ADDRESSED.includes(type) && proto !== IPPROTO_SCTP;
  if (!HOSTED.includes(family) || !addressed) checkAllHosts();
}

/** Other families have no hosts that a flag could name. */
function checkAllHosts(): void {
  if (!mayAll()) throw permissionError("net", "all hosts");
}

/** Refuses a name for a socket; `name` is the host as the program wrote it. */
export function checkBind(
  family: number,
  address: SocketAddress,
  name?: string,
): void {
  if (family === AF_UNIX) return checkUnix(address, ["write", "read"]);
  if (!HOSTED.includes(family)) return checkAllHosts();
  const [host, port] = toInternet(address);
  checkHost(host, port, name);
}

/** Refuses an address to send to; `name` as for {@linkcode checkBind}. */
export function checkConnect(
  family: number,
  address: SocketAddress,
  name?: string,
): void {
  if (family === AF_UNIX) return checkUnix(address, ["read", "write"]);
  if (!HOSTED.includes(family)) return checkAllHosts();
  const [host, port] = toInternet(address);
  checkHost(host, port, name);
  const loopback = LOOPBACKS[unmapped(host)];
  if (loopback === undefined) return;
  const place = hostPort(loopback, port);
  if (stateOf(place) === "denied") throw missing(place);
}

/** Refuses the port that the system chooses for a socket that has none. */
export function checkAnyPort(family: number): void {
  if (isInternet(family)) checkHost(wildcard(family), 0);
}

/** A host as Deno's flags have it: IPv4 addresses in their own form. */
function unmapped(host: string): string {
  const v4 = host.startsWith("::ffff:") && host.includes(".");
  return v4 ? host.slice(7) : host;
}

function checkHost(host: string, port: number, name?: string): void {
  if (mayAll()) return;
  const place = hostPort(unmapped(host), port);
  const state = stateOf(place);
  if (state === "granted") return;
  const named = name === undefined ? place : hostPort(name, port);
  // The permission may be for the name, but what is denied stays denied.
  if (state !== "denied" && stateOf(named) === "granted") return;
  throw missing(state === "denied" ? place : named);
}

function missing(place: string): PermissionError {
  return permissionError("net", `"${place}"`);
}

/**
 * Refuses to look up a name, or the name of an address. A permission for one
 * port of a host is enough to look it up for that; 0 is none.
 */
export function checkLookUp(host: string, port: number): void {
  if (mayAll()) return;
  const plain = unmapped(host);
  const place = port === 0 ? bracketed(plain) : hostPort(plain, port);
  if (stateOf(place) === "granted") return;
  throw missing(port === 0 ? plain : place);
}

/** Refuses to take the address of a name for a socket's. */
export function checkName(name: string, port: number): void {
  if (mayAll()) return;
  const place = hostPort(name, port);
  if (stateOf(place) !== "granted") throw missing(place);
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Whether everything is allowed and nothing denied. */
function mayAll(): boolean {
  const { state, partial } = Deno.permissions.querySync({ name: "net" });
  return state === "granted" && !partial;
}

/** The state of the permission for a host, or for a host and port. */
function stateOf(host: string): Deno.PermissionState {
  try {
    return Deno.permissions.querySync({ name: "net", host }).state;
  } catch {
    // No flag can name a host of this spelling.
    return Deno.permissions.querySync({ name: "net" }).state;
  }
}
