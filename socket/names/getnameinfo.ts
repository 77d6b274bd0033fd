/**
 * Addresses to names and services.
 *
 * Follows Python's
 * [`socket.getnameinfo`](https://docs.python.org/3/library/socket.html#socket.getnameinfo)
 * and `getnameinfo(3)` of the GNU C library, whatever the system.
 *
 * @module
 */

import { int, text } from "../arguments.ts";
import { integer, kind } from "../bytes.ts";
import * as c from "../constants.ts";
import { gaierror, OSError } from "../errors.ts";
import { granted } from "../permissions.ts";
import { tracing } from "../stack.ts";
import { namesOf, readDatabase } from "./database.ts";
import { nameOf } from "./dns.ts";
import { search } from "./getaddrinfo.ts";
import { inet_pton } from "./inet.ts";
import { nameOf as interfaceName } from "./interfaces.ts";
import { gaiError, raiseExhausted } from "./lookup_errors.ts";
import {
  fromInternet,
  type HostAddress,
  type InternetAddress,
  isLinkLocal,
} from "./numeric.ts";
import { resolver } from "./resolver.ts";
import { getservbyport } from "./services.ts";

/** The `NI_` flags there are, with those of C that Python doesn't name. */
const FLAGS = 0xff;

/**
 * The name of the host and of the service that an address belongs to.
 *
 * A host without a name gives its address, with its scope behind a `%`; a port
 * without a service gives its digits. Looking up the host takes `--allow-net`
 * for the address and port; with `NI_NUMERICHOST` no permission is needed. The
 * service is looked up as `getservbyport()` does.
 *
 * `NI_NOFQDN` takes the local domain off the name. It is known from the
 * machine's own name (`--allow-sys=hostname`) or the hosts file
 * (`--allow-read=/etc/hosts`), and stays on without these.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   await socket.getnameinfo(["127.0.0.1", 80], socket.NI_NUMERICHOST),
 *   ["127.0.0.1", "http"],
 * );
 * ```
 *
 * Follows Python's
 * [`socket.getnameinfo`](https://docs.python.org/3/library/socket.html#socket.getnameinfo).
 *
 * @param sockaddr `[host, port]`, or `[host, port, flowinfo?, scope_id?]` for
 * IPv6. The host is an address, no name; the port is cut to 16 bits as in C.
 * @param flags A sum of `NI_` flags.
 * @returns Host and service.
 * @throws {gaierror} If the host is no address, if it has no name and
 * `NI_NAMEREQD` is set, or if the name servers don't answer.
 * @throws {PermissionError} If the program may not look the address up.
 * @throws {OSError} If an IPv4 address comes with more than a port.
 * @throws {TypeError} If an argument is of the wrong type.
 * @throws {RangeError} If a number is out of C's range, `flowinfo` is not 0 to
 * 1048575, or the host contains a NUL.
 */
export async function getnameinfo(
  sockaddr: readonly [
    host: string,
    port: number,
    flowinfo?: number,
    scope_id?: number,
  ],
  flags: number,
): Promise<[host: string, service: string]> {
  if (!Array.isArray(sockaddr)) {
    throw new TypeError(
      `getnameinfo() argument 1 must be an array, not ${kind(sockaddr)}`,
    );
  }
  int(flags, "getnameinfo() argument 2");
  const [host, port, flowinfo = 0, scope = 0] = sockaddr;
  if (sockaddr.length < 2 || sockaddr.length > 4 || typeof host !== "string") {
    throw new TypeError("getnameinfo(): illegal sockaddr argument");
  }
  int(port, "getnameinfo(): port");
  // As in CPython, the scope is cut to 32 bits and the flow isn't.
  const scope_id = integer(scope, "getnameinfo(): scope_id") >>> 0;
  if (integer(flowinfo, "getnameinfo(): flowinfo") >>> 0 > 0xfffff) {
    throw new RangeError("getnameinfo(): flowinfo must be 0-1048575.");
  }
  const found = await search(text(host, "getnameinfo(): host"), `${port}`, {
    type: c.SOCK_DGRAM,
    flags: c.AI_NUMERICHOST,
  });
  if (found.length > 1) {
    throw new OSError("sockaddr resolved to multiple addresses");
  }
  const [[family, , , , [address, number]]] = found;
  if (family === c.AF_INET && sockaddr.length !== 2) {
    throw new OSError("IPv4 sockaddr must be 2 tuple");
  }
  if (flags & ~FLAGS) throw gaiError(c.EAI_BADFLAGS);
  if (resolver) {
    const parts = [address, number, flowinfo, scope_id];
    const to = parts.slice(0, family === c.AF_INET ? 2 : 4) as InternetAddress;
    return await tracing(
      resolver.nameInfo(family, fromInternet(to), flags),
    );
  }
  return [
    await hostName({ family, address, scope_id }, number, flags),
    serviceName(number, flags),
  ];
}

async function hostName(
  host: HostAddress,
  port: number,
  flags: number,
): Promise<string> {
  if (!(flags & c.NI_NUMERICHOST)) {
    try {
      const name = await nameOf(host, port);
      return flags & c.NI_NOFQDN ? withoutDomain(name) : name;
    } catch (error) {
      // Only a host without a name goes by its address.
      if (!(error instanceof gaierror) || error.errno !== c.EAI_NONAME) {
        throw error;
      }
    }
  }
  if (flags & c.NI_NAMEREQD) throw gaiError(c.EAI_NONAME);
  return numeric(host);
}

function withoutDomain(name: string): string {
  const domain = localDomain();
  const at = domain === undefined ? -1 : name.indexOf(`.${domain}`);
  return at > 0 ? name.slice(0, at) : name;
}

/** The domain of this machine, as far as the program may know it. */
function localDomain(): string | undefined {
  const hosts = readDatabase("hosts") ?? "";
  const known = granted({ name: "sys", kind: "hostname" });
  const own = known ? Deno.hostname() : "";
  const localhost = namesOf(hosts, "localhost", c.AF_INET)?.name;
  return [localhost, own, namesOf(hosts, own, c.AF_INET)?.name]
    .find((name) => name?.includes("."))?.replace(/^[^.]*\./, "");
}

function numeric({ family, address, scope_id }: HostAddress): string {
  if (family === c.AF_INET || scope_id === 0) return address;
  const named = isLinkLocal(inet_pton(family, address), false) &&
    interfaceName(scope_id);
  return `${address}%${named || scope_id}`;
}

function serviceName(port: number, flags: number): string {
  if (!(flags & c.NI_NUMERICSERV)) {
    try {
      return getservbyport(port, flags & c.NI_DGRAM ? "udp" : "tcp");
    } catch (error) {
      raiseExhausted(error);
      // Not every port has a service.
    }
  }
  return `${port}`;
}
