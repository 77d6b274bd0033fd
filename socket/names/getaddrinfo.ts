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
import * as c from "../constants.ts";
import { AF_INET, AF_INET6, AF_UNSPEC } from "../constants.ts";
import { tracing } from "../stack.ts";
import { addresses, officialNames } from "./dns.ts";
import { hostArgument } from "./idna.ts";
import { families } from "./interfaces.ts";
import { gaiError } from "./lookup_errors.ts";
import {
  type HostAddress,
  type InternetAddress,
  localhost,
  mapped,
  numericHost,
  toInternet,
  wildcard,
  withPort,
} from "./numeric.ts";
import { type Found, type Hints, resolver } from "./resolver.ts";
import { getservbyname } from "./services.ts";

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
 * looked up. With native sockets the C library answers, and both take no more
 * than the look-up.
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
 * @throws {RangeError} If a number is out of C's range, or a label of the name
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
  const types = "a string, a buffer or null";
  const name = host === null
    ? null
    : cString(hostArgument(host, "getaddrinfo()", types));
  const service = port === null ? null : serviceArgument(port);
  return await search(name, service, {
    family: int(family, "getaddrinfo() argument 3"),
    type: int(type, "getaddrinfo() argument 4"),
    proto: int(proto, "getaddrinfo() argument 5"),
    flags: int(flags, "getaddrinfo() argument 6"),
  });
}

/** {@linkcode getaddrinfo} with arguments in C's form. */
export async function search(
  name: string | null,
  service: string | null,
  hints: Hints,
): Promise<[AddressInfo, ...AddressInfo[]]> {
  if (resolver) {
    return format(await tracing(resolver.search(name, service, hints)));
  }
  const { type = 0, proto = 0, flags = 0 } = hints;
  let { family = AF_UNSPEC } = hints;
  if (name === "*") name = null;
  if (service === "*") service = null;
  if (name === null && service === null) throw gaiError(c.EAI_NONAME);
  if (flags & ~FLAGS || (name === null && flags & c.AI_CANONNAME)) {
    throw gaiError(c.EAI_BADFLAGS);
  }
  if (![AF_UNSPEC, AF_INET, AF_INET6].includes(family)) {
    throw gaiError(c.EAI_FAMILY);
  }
  if (flags & c.AI_ADDRCONFIG) family = configured(family);
  const uses = usesOf(service, type, proto, flags);
  const [hosts, canonname] = name === null
    ? [local(family, flags), ""]
    : await resolve(name, family, flags, uses[0]?.[2] ?? 0);
  const [first, ...others] = hosts.flatMap((host) =>
    uses.map(([type, proto, port]): AddressInfo => {
      return [host.family, type, proto, "", withPort(host, port)];
    })
  );
  if (!first) throw gaiError(c.EAI_NODATA);
  first[3] = canonname;
  return [first, ...others];
}

function format(found: readonly Found[]): [AddressInfo, ...AddressInfo[]] {
  const [first, ...others] = found.map((
    { family, type, proto, canonname, address },
  ): AddressInfo => [family, type, proto, canonname, toInternet(address)]);
  if (!first) throw gaiError(c.EAI_NODATA);
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
  if (numeric) return [[numeric], flags & c.AI_CANONNAME ? host : ""];
  if (flags & c.AI_NUMERICHOST) throw gaiError(c.EAI_NONAME);
  const both = family === AF_INET6 && (flags & c.AI_V4MAPPED) !== 0;
  const wanted = both ? AF_UNSPEC : family;
  let found = await addresses(host, wanted, port);
  if (both) {
    const v6 = found.filter(({ family }) => family === AF_INET6);
    found = v6.length > 0 && !(flags & c.AI_ALL) ? v6 : found.map(mapped);
  }
  const named = (flags & c.AI_CANONNAME) !== 0;
  return [found, named ? (await officialNames(host, wanted)).name : ""];
}

/** This machine's own addresses, in the order of RFC 6724. */
function local(family: number, flags: number): HostAddress[] {
  const passive = (flags & c.AI_PASSIVE) !== 0;
  const order = passive ? [AF_INET, AF_INET6] : [AF_INET6, AF_INET];
  return order.filter((each) => family === AF_UNSPEC || family === each)
    .map((family) => ({
      family,
      address: passive ? wildcard(family) : localhost(family),
      scope_id: 0,
    }));
}

/** The family that is left for a machine with addresses of one only. */
function configured(family: number): number {
  const known = families();
  if (!known || known.includes(family)) return family;
  if (family !== AF_UNSPEC) throw gaiError(c.EAI_NONAME);
  return known.length === 1 ? known[0]! : family;
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

// Services

/** The arguments for `socket()`, and the port. */
type Use = [type: number, proto: number, port: number];

/**
 * A type, its protocol and the name of that in the list of services, and
 * whether callers get it that ask for none.
 */
type Kind = [type: number, proto: number, name: string, usual: boolean];

/** In the order of the results. */
const KINDS: readonly Kind[] = [
  [c.SOCK_STREAM, c.IPPROTO_TCP, "tcp", true],
  [c.SOCK_DGRAM, c.IPPROTO_UDP, "udp", true],
  // Python has no names for Linux's SOCK_DCCP and IPPROTO_DCCP.
  [6, 33, "dccp", false],
  [c.SOCK_DGRAM, c.IPPROTO_UDPLITE, "udplite", false],
  [c.SOCK_STREAM, c.IPPROTO_SCTP, "sctp", false],
  [c.SOCK_SEQPACKET, c.IPPROTO_SCTP, "sctp", false],
  [c.SOCK_RAW, 0, "", true],
];

/** The kinds of sockets for a service; a `gaierror` if the hints exclude all. */
function usesOf(
  service: string | null,
  type: number,
  proto: number,
  flags: number,
): Use[] {
  const number = service ? portOf(service) : 0;
  if (number === null && flags & c.AI_NUMERICSERV) throw gaiError(c.EAI_NONAME);
  // A number that C takes for negative is looked up as a name, in vain.
  const byName = number === null || number < 0;
  const any = type === 0 && proto === 0;
  const kinds = KINDS.filter(([own, ownProto, name, usual]) =>
    any ? usual || byName : (type === 0 || own === type) &&
      (proto === 0 || name === "" || ownProto === proto)
  ).slice(0, any ? KINDS.length : 1);
  const [first] = kinds;
  if (!first) throw gaiError(type === 0 ? c.EAI_SERVICE : c.EAI_SOCKTYPE);
  if (!any && first[2] === "" && service) throw gaiError(c.EAI_SERVICE);
  const uses = kinds.flatMap(([type, ownProto, name]): Use[] => {
    const port = byName ? find(service!, name) : number & 0xffff;
    return port === undefined ? [] : [[type, name ? ownProto : proto, port]];
  });
  if (uses.length === 0) throw gaiError(c.EAI_SERVICE);
  return uses;
}

function find(service: string, proto: string): number | undefined {
  if (proto === "") return;
  try {
    return getservbyname(service, proto);
  } catch {
    return;
  }
}

/**
 * The result of `strtoul()` for a service, converted to C's `int`; `null` if it
 * is no decimal number.
 */
function portOf(service: string): number | null {
  const [, sign, digits] = /^[\t-\r ]*([+-]?)([0-9]+)$/.exec(service) ?? [];
  if (digits === undefined) return null;
  const value = BigInt(digits);
  if (value >= 2n ** 64n) return -1;
  return Number(BigInt.asIntN(32, sign === "-" ? -value : value));
}
