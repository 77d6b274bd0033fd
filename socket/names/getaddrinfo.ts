/**
 * Names and services to addresses.
 *
 * Follows Python's
 * [`socket.getaddrinfo`](https://docs.python.org/3/library/socket.html#socket.getaddrinfo)
 * and `getaddrinfo(3)` of the GNU C library, whatever the system.
 *
 * @module
 */

import { cString, int, isBuffer } from "../arguments.ts";
import { kind } from "../bytes.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  AI_ADDRCONFIG,
  AI_ALL,
  AI_CANONNAME,
  AI_NUMERICHOST,
  AI_PASSIVE,
  AI_V4MAPPED,
  EAI_BADFLAGS,
  EAI_FAMILY,
  EAI_NODATA,
  EAI_NONAME,
} from "../constants.ts";
import { hostToASCII } from "./ascii.ts";
import { gaiError } from "./failures.ts";
import { uses } from "./hints.ts";
import { families } from "./interface_table.ts";
import { addresses, officialNames } from "./dns.ts";
import {
  type HostAddress,
  type InternetAddress,
  mapped,
  numericHost,
  withPort,
} from "./numeric.ts";

export type { InternetAddress } from "./numeric.ts";

/** The `AI_` flags there are, with those of C that Python doesn't name. */
const FLAGS = 0x7ff;

/**
 * One way to reach a service: the arguments for `socket()`, the canonical name
 * of the host or `""`, and the address for `connect()` or `bind()`.
 */
export type AddressInfo = [
  family: number,
  type: number,
  proto: number,
  canonname: string,
  sockaddr: InternetAddress,
];

/**
 * The ways to reach a service on a host, best first.
 *
 * A host that is an address needs no permission, and neither does `null`. A
 * name is looked up by the system, hosts file included, which takes
 * `--allow-net` for that name, or for that name and port. A service's name is
 * looked up as `getservbyname()` does.
 *
 * `AI_ADDRCONFIG` takes `--allow-sys=networkInterfaces`, and counts for nothing
 * without. `AI_CANONNAME` gives the official name from the hosts file with
 * `--allow-read=/etc/hosts`, the end of a chain of aliases from the name
 * servers with an unrestricted `--allow-net`, otherwise the name as it was
 * looked up.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const [info] = await socket.getaddrinfo("127.0.0.1", "http", 0, socket.SOCK_STREAM);
 * assertEquals(info, [
 *   socket.AF_INET,
 *   socket.SOCK_STREAM,
 *   socket.IPPROTO_TCP,
 *   "",
 *   ["127.0.0.1", 80],
 * ]);
 * ```
 *
 * Follows Python's
 * [`socket.getaddrinfo`](https://docs.python.org/3/library/socket.html#socket.getaddrinfo).
 *
 * @param host A name; an IPv4 address in any form that `inet_aton()` takes; an
 * IPv6 address, with a scope behind a `%` if need be (the number or the name
 * of an interface); `null` for this machine: the loopback, or every address
 * with `AI_PASSIVE`.
 * @param port A number, which C cuts to 16 bits; its decimal digits; the name
 * of a service; `null` for none, which gives port 0.
 * @param family `AF_INET`, `AF_INET6`, or 0 for both.
 * @param type `SOCK_STREAM`, `SOCK_DGRAM` and so on, or 0 for all.
 * @param proto `IPPROTO_TCP`, `IPPROTO_UDP` and so on, or 0 for any.
 * @param flags A sum of `AI_` flags.
 * @returns At least one entry.
 * @throws {gaierror} If there is nothing to be found; `errno` is an `EAI_`
 * number.
 * @throws {PermissionError} If the program may not look the name up.
 * @throws {TypeError} If an argument is of the wrong type.
 * @throws {RangeError} If a number is out of C's range, or a part of the name
 * is empty or longer than 63 characters.
 */
export async function getaddrinfo(
  host: string | BufferSource | null,
  port: string | BufferSource | number | null,
  family: number = 0,
  type: number = 0,
  proto: number = 0,
  flags: number = 0,
): Promise<[AddressInfo, ...AddressInfo[]]> {
  const name = host === null ? null : hostArgument(host);
  const service = port === null ? null : serviceArgument(port);
  return await search(
    name,
    service,
    int(family, "getaddrinfo() argument 3"),
    int(type, "getaddrinfo() argument 4"),
    int(proto, "getaddrinfo() argument 5"),
    int(flags, "getaddrinfo() argument 6"),
  );
}

/**
 * What {@linkcode getaddrinfo} does once its arguments are in C's form: text
 * that ends at a NUL, and numbers.
 */
export async function search(
  name: string | null,
  service: string | null,
  family: number,
  type: number,
  proto: number,
  flags: number,
): Promise<[AddressInfo, ...AddressInfo[]]> {
  if (name === "*") name = null;
  if (service === "*") service = null;
  if (name === null && service === null) throw gaiError(EAI_NONAME);
  if (flags & ~FLAGS || (name === null && flags & AI_CANONNAME)) {
    throw gaiError(EAI_BADFLAGS);
  }
  if (![AF_UNSPEC, AF_INET, AF_INET6].includes(family)) {
    throw gaiError(EAI_FAMILY);
  }
  if (flags & AI_ADDRCONFIG) family = configured(family);
  const ways = uses(service, type, proto, flags);
  const [hosts, canonname] = name === null
    ? [local(family, flags), ""]
    : await resolve(name, family, flags, ways[0]?.port ?? 0);
  const [first, ...others] = hosts.flatMap((host) =>
    ways.map(({ type, proto, port }): AddressInfo => [
      host.family,
      type,
      proto,
      "",
      withPort(host, port),
    ])
  );
  if (!first) throw gaiError(EAI_NODATA);
  first[3] = canonname;
  return [first, ...others];
}

/** The addresses of a host, and its canonical name if that is asked for. */
async function resolve(
  host: string,
  family: number,
  flags: number,
  port: number,
): Promise<[hosts: HostAddress[], canonname: string]> {
  const numeric = numericHost(host, family, flags);
  if (numeric) return [[numeric], flags & AI_CANONNAME ? host : ""];
  if (flags & AI_NUMERICHOST) throw gaiError(EAI_NONAME);
  const found = await lookUp(host, family, flags, port);
  if (!(flags & AI_CANONNAME)) return [found, ""];
  const shown = family === AF_INET6 && flags & AI_V4MAPPED ? AF_UNSPEC : family;
  return [found, (await officialNames(host, shown)).name];
}

async function lookUp(
  host: string,
  family: number,
  flags: number,
  port: number,
): Promise<HostAddress[]> {
  if (family !== AF_INET6 || !(flags & AI_V4MAPPED)) {
    return await addresses(host, family, port);
  }
  const all = await addresses(host, AF_UNSPEC, port);
  const v6 = all.filter(({ family }) => family === AF_INET6);
  if (v6.length > 0 && !(flags & AI_ALL)) return v6;
  return all.map((found) => found.family === AF_INET6 ? found : mapped(found));
}

/** This machine's own addresses. The order is the one of RFC 6724. */
function local(family: number, flags: number): HostAddress[] {
  const passive = (flags & AI_PASSIVE) !== 0;
  const v4 = {
    family: AF_INET,
    address: passive ? "0.0.0.0" : "127.0.0.1",
    scope_id: 0,
  };
  const v6 = { family: AF_INET6, address: passive ? "::" : "::1", scope_id: 0 };
  return (passive ? [v4, v6] : [v6, v4])
    .filter((host) => family === AF_UNSPEC || family === host.family);
}

/** The family that is left for a machine with addresses of one only. */
function configured(family: number): number {
  const known = families();
  if (!known) return family;
  const { v4, v6 } = known;
  if (family === AF_UNSPEC) return v4 === v6 ? family : v4 ? AF_INET : AF_INET6;
  if (family === AF_INET ? v4 : v6) return family;
  throw gaiError(EAI_NONAME);
}

function hostArgument(host: unknown): string {
  if (typeof host !== "string" && !isBuffer(host)) {
    throw new TypeError(
      `getaddrinfo() argument 1 must be a string, a buffer or null, not ${
        kind(host)
      }`,
    );
  }
  return cString(hostToASCII(host));
}

function serviceArgument(port: unknown): string {
  if (typeof port === "string") return cString(port);
  if (isBuffer(port)) return cString(new TextDecoder().decode(port));
  if (typeof port !== "number" || !Number.isInteger(port)) {
    throw new TypeError(
      `getaddrinfo() argument 2 must be an integer, a string, a buffer or null, not ${
        typeof port === "number" ? port : kind(port)
      }`,
    );
  }
  if (port < -(2 ** 63) || port >= 2 ** 63) {
    throw new RangeError("int too large to convert to C long");
  }
  return BigInt(port).toString();
}
