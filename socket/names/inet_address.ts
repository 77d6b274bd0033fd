/**
 * The addresses of `AF_INET` and `AF_INET6`.
 *
 * @module
 */

import { integer, kind } from "../bytes.ts";
import { AF_INET, AF_INET6 } from "../constants.ts";
import { PermissionError } from "../errors.ts";
import type { AddressFamily, ParsedAddress } from "./address.ts";
import { getaddrinfo } from "./getaddrinfo.ts";
import {
  fromInternet,
  type InternetAddress,
  numericHost,
  toInternet,
  wildcard,
} from "./numeric.ts";

/** Messages on an array that has too few or too many parts. */
const SHAPES = {
  AF_INET: "AF_INET address must be a pair [host, port]",
  AF_INET6:
    "AF_INET6 address must be an array [host, port[, flowinfo[, scope_id]]]",
};

function inetFamily(family: number, name: keyof typeof SHAPES): AddressFamily {
  const v6 = family === AF_INET6;

  function parse(argument: unknown, caller: string): ParsedAddress {
    if (!Array.isArray(argument)) {
      throw new TypeError(
        `${caller}(): ${name} address must be an array, not ${kind(argument)}`,
      );
    }
    if (argument.length < 2 || argument.length > (v6 ? 4 : 2)) {
      throw new TypeError(SHAPES[name]);
    }
    const [host, port, flowinfo = 0, scope_id = 0] = argument;
    if (typeof host !== "string") {
      throw new TypeError(
        `${caller}(): host must be a string, not ${kind(host)}`,
      );
    }
    const number = ranged(port, 0xffff, `${caller}(): port`);
    const found = literal(family, host);
    const text = found?.address ?? host;
    const parts: InternetAddress = v6
      ? [
        text,
        number,
        ranged(flowinfo, 0xfffff, `${caller}(): flowinfo`),
        ranged(scope_id, 0xffffffff, `${caller}(): scope_id`) ||
        (found?.scope_id ?? 0),
      ]
      : [text, number];
    const address = fromInternet(parts);
    return found ? { address } : { address, name: host };
  }

  async function lookUp(
    { address, name: host = "" }: ParsedAddress,
    type: number,
  ): Promise<ParsedAddress> {
    const [, port, flowinfo = 0, scope_id = 0] = toInternet(address);
    try {
      const [[, , , , found]] = await getaddrinfo(host, port, family, type);
      const parts: InternetAddress = v6
        ? [found[0], port, flowinfo, scope_id || found[3]!]
        : [found[0], port];
      return { address: fromInternet(parts), name: host };
    } catch (error) {
      // A look-up may need more of a permission than the connection does: the
      // transport tries with the name.
      if (error instanceof PermissionError) return { address, name: host };
      throw error;
    }
  }

  return {
    unbound: parse(["", 0], "").address,
    parse,
    lookUp,
    format: toInternet,
    equals(first, second) {
      const [host, port, , scope] = toInternet(first);
      const [otherHost, otherPort, , otherScope] = toInternet(second);
      return host === otherHost && port === otherPort &&
        (!scope || !otherScope || scope === otherScope);
    },
  };
}

/** The address that a host is; `null` if it has to be looked up. */
function literal(family: number, host: string) {
  if (host === "") return { address: wildcard(family), scope_id: 0 };
  if (family === AF_INET && host === "<broadcast>") {
    return { address: "255.255.255.255", scope_id: 0 };
  }
  try {
    return numericHost(host, family, 0);
  } catch (error) {
    // The transport may know the interface that a scope names.
    if (error instanceof PermissionError) return null;
    throw error;
  }
}

function ranged(value: unknown, most: number, what: string): number {
  const number = integer(value, what);
  if (number >= 0 && number <= most) return number;
  throw new RangeError(`${what} must be 0-${most}.`);
}

/** `AF_INET`. */
export const inet: AddressFamily = inetFamily(AF_INET, "AF_INET");
/** `AF_INET6`. */
export const inet6: AddressFamily = inetFamily(AF_INET6, "AF_INET6");
