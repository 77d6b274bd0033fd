/**
 * Addresses as programs write them.
 *
 * @module
 */

import { AF_INET, AF_INET6, AF_UNIX } from "../constants.ts";
import { integer, kind } from "../bytes.ts";
import type { SocketAddress } from "../transport/transport.ts";

/**
 * Where a socket is or goes: `[host, port]` for `AF_INET`,
 * `[host, port, flowinfo?, scope_id?]` for `AF_INET6`, a path for `AF_UNIX`.
 *
 * `host` is a name, a numeric address, or `""` for all of this machine's
 * addresses; `port` is 0 to 65535. What comes back from `accept()`,
 * `getsockname()`, `getpeername()` and `getaddrinfo()` has a numeric host and,
 * for `AF_INET6`, all four parts.
 *
 * Follows Python's
 * [socket families](https://docs.python.org/3/library/socket.html#socket-families).
 */
export type Address = SocketAddress;

/** Checks an address argument of `caller` as CPython does. */
export function checkAddress(
  family: number,
  address: unknown,
  caller: string,
): Address {
  if (family === AF_UNIX) {
    if (typeof address === "string") return address;
    throw new TypeError(
      `${caller}(): AF_UNIX address must be a string, not ${kind(address)}`,
    );
  }
  const name = family === AF_INET6 ? "AF_INET6" : "AF_INET";
  if (!Array.isArray(address)) {
    throw new TypeError(
      `${caller}(): ${name} address must be an array, not ${kind(address)}`,
    );
  }
  const most = family === AF_INET ? 2 : 4;
  if (address.length < 2 || address.length > most) {
    throw new TypeError(
      family === AF_INET
        ? "AF_INET address must be a pair [host, port]"
        : "AF_INET6 address must be an array [host, port[, flowinfo[, scope_id]]]",
    );
  }
  const [host, port, flowinfo = 0, scope = 0] = address;
  if (typeof host !== "string") {
    throw new TypeError(
      `${caller}(): host must be a string, not ${kind(host)}`,
    );
  }
  range(
    integer(port, `${caller}(): port`),
    0xffff,
    `${caller}(): port must be 0-65535.`,
  );
  if (family === AF_INET) return [host, port];
  range(
    integer(flowinfo, `${caller}(): flowinfo`),
    0xfffff,
    `${caller}(): flowinfo must be 0-1048575.`,
  );
  range(
    integer(scope, `${caller}(): scope_id`),
    0xffffffff,
    `${caller}(): scope_id must be 0-4294967295.`,
  );
  return [host, port, flowinfo, scope];
}

function range(value: number, most: number, message: string): void {
  if (value < 0 || value > most) throw new RangeError(message);
}
