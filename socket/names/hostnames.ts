/**
 * The older functions for the names of hosts, and of this machine.
 *
 * Follows Python's
 * [other functions](https://docs.python.org/3/library/socket.html#other-functions)
 * and `gethostbyname(3)` of the GNU C library, whatever the system.
 *
 * @module
 */

import { kind } from "../bytes.ts";
import {
  AF_INET,
  AF_UNSPEC,
  AI_PASSIVE,
  EAI_AGAIN,
  SOCK_DGRAM,
} from "../constants.ts";
import { gaierror, OSError, PermissionError } from "../errors.ts";
import { permissionError } from "../permissions.ts";
import { tracing } from "../stack.ts";
import { addresses, nameOf, officialNames, otherNames } from "./dns.ts";
import { search } from "./getaddrinfo.ts";
import { hostArgument } from "./idna.ts";
import {
  hError,
  HOST_NOT_FOUND,
  NO_RECOVERY,
  TRY_AGAIN,
} from "./lookup_errors.ts";
import { type HostAddress, numericHost } from "./numeric.ts";
import { type HostEntry, resolver } from "./resolver.ts";

/**
 * The IPv4 address of a host.
 *
 * `""` is every address of this machine, `0.0.0.0`; `"<broadcast>"` is
 * `255.255.255.255`. A name takes `--allow-net` for that name.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await socket.gethostbyname("localhost"), "127.0.0.1");
 * ```
 *
 * Follows Python's
 * [`socket.gethostbyname`](https://docs.python.org/3/library/socket.html#socket.gethostbyname).
 *
 * @param hostname A name, or an IPv4 address in any form that `inet_aton()`
 * takes.
 * @returns The address in its dotted form.
 * @throws {gaierror} If the host has no IPv4 address.
 * @throws {PermissionError} If the program may not look the name up.
 * @throws {TypeError} If it is neither string nor buffer, or contains a NUL.
 * @throws {RangeError} If a label is empty or longer than 63 characters.
 */
export async function gethostbyname(
  hostname: string | BufferSource,
): Promise<string> {
  const name = checkedHost(hostname, "gethostbyname()");
  return (await firstAddress(name, AF_INET)).address;
}

/**
 * The official name, the other names and the IPv4 addresses of a host.
 *
 * The names are those of the hosts file if the program may read it
 * (`--allow-read=/etc/hosts`), those of the name servers if it may reach all of
 * the network (`--allow-net`); otherwise the name itself and no others. With
 * native sockets they are the C library's, and take no more than the look-up.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const [, , addresses] = await socket.gethostbyname_ex("localhost");
 * assertEquals(addresses, ["127.0.0.1"]);
 * ```
 *
 * Follows Python's
 * [`socket.gethostbyname_ex`](https://docs.python.org/3/library/socket.html#socket.gethostbyname_ex).
 *
 * @param hostname A name, or an IPv4 address in dotted form.
 * @returns The official name, its aliases, and the addresses.
 * @throws {gaierror} If the host has no IPv4 address.
 * @throws {herror} If it has one and yet is no name: `"<broadcast>"`, `""`, an
 * address in hexadecimal or in IPv6's form.
 * @throws {PermissionError} If the program may not look the name up.
 * @throws {TypeError} If it is neither string nor buffer, or contains a NUL.
 * @throws {RangeError} If a label is empty or longer than 63 characters.
 */
export async function gethostbyname_ex(
  hostname: string | BufferSource,
): Promise<[hostname: string, aliaslist: string[], ipaddrlist: string[]]> {
  const name = checkedHost(hostname, "gethostbyname_ex()");
  if (name === "" || name === "<broadcast>" || numericHost(name, AF_INET, 0)) {
    const { address } = await firstAddress(name, AF_INET);
    if (/^[0-9][0-9.]*$/.test(name)) return [name, [], [address]];
    throw hError(name === "" ? NO_RECOVERY : HOST_NOT_FOUND);
  }
  if (resolver) {
    await firstAddress(name, AF_INET);
    return entry(await tracing(resolver.hostByName(name)));
  }
  const found = await addresses(name, AF_INET, 0);
  const names = await officialNames(name, AF_INET);
  return [names.name, [...names.aliases], found.map(({ address }) => address)];
}

/**
 * The official name, the other names and the address of a host.
 *
 * It takes `--allow-net` for the address. The other names are those of the
 * hosts file, if the program may read it (`--allow-read=/etc/hosts`), or with
 * native sockets the C library's.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const [, , addresses] = await socket.gethostbyaddr("127.0.0.1");
 * assertEquals(addresses, ["127.0.0.1"]);
 * ```
 *
 * Follows Python's
 * [`socket.gethostbyaddr`](https://docs.python.org/3/library/socket.html#socket.gethostbyaddr).
 *
 * @param ip_address An IPv4 or IPv6 address, or the name of a host with one.
 * @returns The official name, its aliases, and the address.
 * @throws {herror} If the address has no name.
 * @throws {gaierror} If it is a name, and has no address.
 * @throws {OSError} If it is `""`, which is more than one address.
 * @throws {PermissionError} If the program may not look it up.
 * @throws {TypeError} If it is neither string nor buffer, or contains a NUL.
 * @throws {RangeError} If a label is empty or longer than 63 characters.
 */
export async function gethostbyaddr(
  ip_address: string | BufferSource,
): Promise<[hostname: string, aliaslist: string[], ipaddrlist: string[]]> {
  const checked = checkedHost(ip_address, "gethostbyaddr()");
  const host = await firstAddress(checked, AF_UNSPEC);
  if (resolver) {
    return entry(
      await tracing(resolver.hostByAddress(host.family, host.address)),
    );
  }
  try {
    const name = await nameOf(host, 0);
    return [name, [...otherNames(name, host)], [host.address]];
  } catch (error) {
    if (!(error instanceof gaierror)) throw error;
    throw hError(error.errno === EAI_AGAIN ? TRY_AGAIN : HOST_NOT_FOUND, error);
  }
}

/**
 * The full name of a host: the first of its names that has a dot, its official
 * name if none has, the name as it was given if the host can't be found.
 *
 * This machine's own name takes `--allow-sys=hostname`; looking a host up takes
 * what {@linkcode gethostbyaddr} takes.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await socket.getfqdn("nobody.invalid"), "nobody.invalid");
 * ```
 *
 * Follows Python's
 * [`socket.getfqdn`](https://docs.python.org/3/library/socket.html#socket.getfqdn).
 *
 * @param name A name or an address; this machine by default, and for `""`,
 * `"0.0.0.0"` and `"::"`.
 * @returns The full name.
 * @throws {PermissionError} If the program may not look up the name, or this
 * machine's.
 * @throws {TypeError} If the name is not a string, or contains a NUL.
 * @throws {RangeError} If a label is empty or longer than 63 characters.
 */
export async function getfqdn(name: string = ""): Promise<string> {
  if (typeof name !== "string") {
    throw new TypeError(
      `getfqdn() argument 1 must be a string, not ${kind(name)}`,
    );
  }
  const given = name.trim();
  const host = ["", "0.0.0.0", "::"].includes(given) ? gethostname() : given;
  try {
    const [hostname, aliases] = await gethostbyaddr(host);
    const names = [hostname, ...aliases];
    return names.find((name) => name.includes(".")) ?? hostname;
  } catch (error) {
    // A missing permission would otherwise look like a host without a name.
    if (error instanceof OSError && !(error instanceof PermissionError)) {
      return host;
    }
    throw error;
  }
}

/**
 * This machine's own name.
 *
 * ```ts ignore
 * import { socket } from "@berkeley/socket";
 *
 * console.log(socket.gethostname());
 * ```
 *
 * Follows Python's
 * [`socket.gethostname`](https://docs.python.org/3/library/socket.html#socket.gethostname).
 *
 * @returns The name, with or without a domain.
 * @throws {PermissionError} If the program lacks `--allow-sys=hostname`.
 */
export function gethostname(): string {
  try {
    return Deno.hostname();
  } catch (cause) {
    throw permissionError("sys", '"hostname"', cause);
  }
}

function entry(
  { name, aliases, addresses }: HostEntry,
): [hostname: string, aliaslist: string[], ipaddrlist: string[]] {
  return [name, [...aliases], [...addresses]];
}

/** The first address of a host, `""` and `"<broadcast>"` included. */
async function firstAddress(
  name: string,
  family: number,
): Promise<HostAddress> {
  if (name === "<broadcast>") {
    return { family: AF_INET, address: "255.255.255.255", scope_id: 0 };
  }
  const results = name === ""
    ? await search(null, "0", { family, type: SOCK_DGRAM, flags: AI_PASSIVE })
    : await search(name, null, { family });
  if (name === "" && results.length > 1) {
    throw new OSError("wildcard resolved to multiple address");
  }
  const [[found, , , , [address, , , scope_id = 0]]] = results;
  return { family: found, address, scope_id };
}

function checkedHost(host: unknown, caller: string): string {
  const name = hostArgument(host, caller);
  if (!name.includes("\0")) return name;
  throw new TypeError(`${caller} argument 1 must not contain a NUL`);
}
