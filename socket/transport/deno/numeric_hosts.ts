/**
 * Numeric hosts that mean something of their own.
 *
 * @module
 */

import { AF_INET, AF_INET6 } from "../../constants.ts";
import { inet_ntop, inet_pton, isIPv6 } from "../../names/inet.ts";

/** All addresses of this machine. */
export function wildcard(family: number): string {
  return family === AF_INET6 ? "::" : "0.0.0.0";
}

/** This machine, whatever else it is called. */
export function localhost(family: number): string {
  return family === AF_INET6 ? "::1" : "127.0.0.1";
}

/** Where this machine sends from to reach itself at `host`; `null` if it isn't. */
export function loopback(host: string): string | null {
  const [, mapped] = /^(::ffff:)?127\./.exec(host) ?? [];
  if (mapped !== undefined) return `${mapped}127.0.0.1`;
  if (host.startsWith("127.")) return "127.0.0.1";
  return host === "::1" ? host : null;
}

/** A host in the one way that Deno writes it; a name stays as it is. */
export function canonical(family: number, host: string): string {
  if (host === "") return wildcard(family);
  if (family === AF_INET) {
    return host === "<broadcast>" ? "255.255.255.255" : host;
  }
  const [address = ""] = host.split("%");
  return isIPv6(address)
    ? inet_ntop(AF_INET6, inet_pton(AF_INET6, address))
    : host;
}
