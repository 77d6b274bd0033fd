/**
 * Services and protocols by name and by number.
 *
 * The system's own lists, `/etc/services` and `/etc/protocols`, count if the
 * program may read them (`--allow-read=/etc/services,/etc/protocols`);
 * otherwise a list of the common ones does. No permission is asked for.
 *
 * Follows Python's
 * [other functions](https://docs.python.org/3/library/socket.html#other-functions)
 * and `getservbyname(3)`, `getservbyport(3)`, `getprotobyname(3)`.
 *
 * @module
 */

import { text } from "../arguments.ts";
import { integer } from "../bytes.ts";
import { OSError } from "../errors.ts";
import { entries, named, readDatabase } from "./database.ts";
import { PROTOCOLS, SERVICES } from "./tables.ts";

/**
 * The port of a service. Case counts.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(socket.getservbyname("http"), 80);
 * assertEquals(socket.getservbyname("domain", "udp"), 53);
 * ```
 *
 * Follows Python's
 * [`socket.getservbyname`](https://docs.python.org/3/library/socket.html#socket.getservbyname).
 *
 * @param servicename The name of the service, or one of its other names.
 * @param protocolname `"tcp"` or `"udp"`; any protocol by default.
 * @returns The port, 0 to 65535.
 * @throws {OSError} If there is no such service (`errno` is `null`).
 * @throws {TypeError} If an argument is not a string.
 * @throws {RangeError} If an argument contains a NUL.
 */
export function getservbyname(
  servicename: string,
  protocolname?: string,
): number {
  text(servicename, "getservbyname() argument 1");
  const protocol = optional(protocolname, "getservbyname() argument 2");
  for (const entry of entries(services())) {
    if (
      named(entry, servicename) && entry.proto === (protocol ?? entry.proto)
    ) {
      return entry.number;
    }
  }
  throw new OSError("service/proto not found");
}

/**
 * The name of the service that a port is for.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(socket.getservbyport(443, "tcp"), "https");
 * ```
 *
 * Follows Python's
 * [`socket.getservbyport`](https://docs.python.org/3/library/socket.html#socket.getservbyport).
 *
 * @param port 0 to 65535.
 * @param protocolname `"tcp"` or `"udp"`; any protocol by default.
 * @returns The official name of the service.
 * @throws {OSError} If there is no such service (`errno` is `null`).
 * @throws {RangeError} If the port is out of range, or the protocol contains a
 * NUL.
 * @throws {TypeError} If an argument is of the wrong type.
 */
export function getservbyport(port: number, protocolname?: string): string {
  integer(port, "getservbyport() argument 1");
  const protocol = optional(protocolname, "getservbyport() argument 2");
  if (port < 0 || port > 0xffff) {
    throw new RangeError("getservbyport: port must be 0-65535.");
  }
  for (const entry of entries(services())) {
    if (entry.number === port && entry.proto === (protocol ?? entry.proto)) {
      return entry.name;
    }
  }
  throw new OSError("port/proto not found");
}

/**
 * The number of a protocol, for the third argument of `socket()`. Case counts:
 * there are `"tcp"` and `"TCP"`.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(socket.getprotobyname("tcp"), socket.IPPROTO_TCP);
 * ```
 *
 * Follows Python's
 * [`socket.getprotobyname`](https://docs.python.org/3/library/socket.html#socket.getprotobyname).
 *
 * @param protocolname The name of the protocol, or one of its other names.
 * @returns The number, `IPPROTO_…` where there is such a constant.
 * @throws {OSError} If there is no such protocol (`errno` is `null`).
 * @throws {TypeError} If the name is not a string.
 * @throws {RangeError} If the name contains a NUL.
 */
export function getprotobyname(protocolname: string): number {
  text(protocolname, "getprotobyname() argument 1");
  for (const entry of entries(readDatabase("protocols") ?? PROTOCOLS)) {
    if (named(entry, protocolname)) return entry.number;
  }
  throw new OSError("protocol not found");
}

function services(): string {
  return readDatabase("services") ?? SERVICES;
}

function optional(name: string | undefined, what: string): string | undefined {
  return name === undefined ? undefined : text(name, what);
}
