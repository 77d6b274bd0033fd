/**
 * Whether a certificate is for a host, by OpenSSL's rules.
 *
 * @module
 */

import { inet_ntop, pton4, pton6 } from "../names/inet.ts";
import { AF_INET, AF_INET6 } from "../constants.ts";
import type { Identity } from "./certificate.ts";
import { SSLCertVerificationError } from "./errors.ts";

const HOSTNAME_MISMATCH = 62;
const IP_ADDRESS_MISMATCH = 64;

/** A numeric address in its shortest form; `null` for a name. */
export function numericAddress(host: string): string | null {
  const packed = pton4(host) ?? pton6(host);
  return packed && inet_ntop(packed.length === 4 ? AF_INET : AF_INET6, packed);
}

/**
 * The error if a certificate is not for that host.
 *
 * @param alsoCommon Whether the common names count if there are no other names.
 */
export function mismatch(
  { hosts, addresses, commonNames }: Identity,
  host: string,
  alsoCommon: boolean,
): SSLCertVerificationError | null {
  const address = numericAddress(host);
  if (address !== null) {
    if (addresses.includes(address)) return null;
    return new SSLCertVerificationError(
      IP_ADDRESS_MISMATCH,
      `IP address mismatch, certificate is not valid for '${host}'.`,
    );
  }
  const names = hosts.length === 0 && alsoCommon ? commonNames : hosts;
  if (names.some((name) => matches(name.toLowerCase(), host.toLowerCase()))) {
    return null;
  }
  return new SSLCertVerificationError(
    HOSTNAME_MISMATCH,
    `Hostname mismatch, certificate is not valid for '${host}'.`,
  );
}

/** A whole first label may be `*`, if two follow at least. */
function matches(pattern: string, name: string): boolean {
  if (pattern === name) return true;
  if (!/^\*(\.[^.*]+){2,}$/.test(pattern)) return false;
  const dot = name.indexOf(".");
  return /^[a-z0-9-]+$/.test(name.slice(0, dot)) &&
    name.slice(dot) === pattern.slice(1);
}
