/**
 * The hosts file, for what the resolver found in it but Deno doesn't pass on:
 * the official name and the other names.
 *
 * Follows `hosts(5)`.
 *
 * @module
 */

import { AF_INET, AF_INET6, AF_UNSPEC } from "../constants.ts";
import { isIPv4, isIPv6 } from "./inet.ts";
import { lines } from "./database.ts";
import { hostAddress } from "./numeric.ts";

/** A host's official name, and its other ones. */
export interface HostNames {
  /** The official name. */
  readonly name: string;
  /** Other names. */
  readonly aliases: readonly string[];
}

/** The names of the host that goes by a name; case doesn't count. */
export function namesOf(
  database: string,
  host: string,
  family: number,
): HostNames | undefined {
  let name: string | undefined;
  const aliases: string[] = [];
  for (const [address, ...names] of lines(database)) {
    const [first, ...others] = names;
    if (
      first === undefined || !isOf(address, family) ||
      !names.some((other) => same(other, host))
    ) {
      continue;
    }
    aliases.push(...others);
    if (name !== undefined && first !== name) aliases.push(first);
    name ??= first;
  }
  return name === undefined ? undefined : { name, aliases };
}

/** The names that the first line with an address gives. */
export function namesAt(database: string, host: string): HostNames | undefined {
  for (const [address, name, ...aliases] of lines(database)) {
    if (
      name && isOf(address, AF_UNSPEC) && hostAddress(address).address === host
    ) {
      return { name, aliases };
    }
  }
}

function same(first: string, second: string): boolean {
  return first.toLowerCase() === second.toLowerCase();
}

/** Whether a line with an address counts for a family. */
function isOf(address: string, family: number): boolean {
  if (isIPv4(address)) return family !== AF_INET6;
  // To those who want IPv4, the C library gives IPv6's loopback as IPv4's.
  return isIPv6(address) &&
    (family !== AF_INET ||
      /^(?:::1|::ffff:.*)$/.test(hostAddress(address).address));
}
