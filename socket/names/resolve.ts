/**
 * From the host that a program names to the address that a socket takes.
 *
 * @module
 */

import type { Address } from "./address.ts";
import { AF_INET, AF_INET6, AF_UNIX } from "../constants.ts";
import { PermissionError } from "../errors.ts";
import { isIPv4, isIPv6 } from "./inet.ts";
import { getaddrinfo } from "./getaddrinfo.ts";

/** A numeric address, and the name it was found under, if it was one. */
export interface Found {
  readonly numeric: Address;
  readonly name?: string;
}

/** Finds the first address of a host in a family. */
export async function lookup(
  family: number,
  type: number,
  address: Address,
): Promise<Found> {
  if (family === AF_UNIX || typeof address === "string") {
    return { numeric: address };
  }
  const [host, port, ...rest] = address;
  const numeric = literal(family, host);
  if (numeric !== null) {
    return { numeric: [numeric, port, ...rest] as unknown as Address };
  }
  try {
    const [[, , , , found]] = await getaddrinfo(host, port, family, type);
    const [resolved, , flowinfo, scope] = found as [
      string,
      number,
      number,
      number,
    ];
    return {
      numeric: family === AF_INET
        ? [resolved, port]
        : [resolved, port, rest[0] ?? flowinfo, rest[1] || scope],
      name: host,
    };
  } catch (error) {
    // Looking a name up needs more of a permission than connecting to it: the
    // transport may be allowed what we are not.
    if (error instanceof PermissionError) {
      return { numeric: address, name: host };
    }
    throw error;
  }
}

/** What needs no looking up. */
function literal(family: number, host: string): string | null {
  if (host === "") return family === AF_INET6 ? "::" : "0.0.0.0";
  if (family === AF_INET && host === "<broadcast>") return "255.255.255.255";
  return (family === AF_INET ? isIPv4(host) : isIPv6(host)) ? host : null;
}
