/**
 * The system's network databases: hosts, services and protocols.
 *
 * Follows `hosts(5)`, `services(5)` and `protocols(5)`.
 *
 * @module
 */

import { AF_INET, AF_INET6, AF_UNSPEC } from "../constants.ts";
import { granted } from "../permissions.ts";
import { pton4, pton6 } from "./inet.ts";
import { raiseExhausted } from "./lookup_errors.ts";
import { hostAddress } from "./numeric.ts";

const WINDOWS = "C:\\Windows\\System32\\drivers\\etc\\";

/**
 * The text of a database; `undefined` if the program may not read it or the
 * system has none. Never asks the user for permission.
 */
export function readDatabase(
  name: "hosts" | "services" | "protocols",
): string | undefined {
  const windows = name === "protocols" ? "protocol" : name;
  const path = Deno.build.os === "windows" ? WINDOWS + windows : `/etc/${name}`;
  if (!granted({ name: "read", path })) return;
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    raiseExhausted(error);
    return;
  }
}

/** The fields of the lines of a database, without comments. */
function* lines(
  database: string,
): Generator<[first: string, ...others: string[]]> {
  for (const line of database.split("\n")) {
    const [first, ...others] = line.replace(/#[^]*/, "").match(/[^\t-\r ]+/g) ??
      [];
    if (first !== undefined) yield [first, ...others];
  }
}

// Services and protocols

/** An entry of `/etc/services` or `/etc/protocols`. */
export interface Entry {
  /** The official name. */
  readonly name: string;
  /** The port or the protocol's number. */
  readonly number: number;
  /** The protocol of a service; empty for a protocol. */
  readonly proto: string;
  /** Other names. */
  readonly aliases: readonly string[];
}

/** The entries of a database of services (`80/tcp`) or protocols (`6`). */
export function* entries(database: string): Generator<Entry> {
  for (const [name, key, ...aliases] of lines(database)) {
    const [number = "", protos = ""] = key?.split("/") ?? [];
    if (!/^[0-9]+$/.test(number)) continue;
    for (const proto of protos.split(",")) {
      yield { name, number: Number(number), proto, aliases };
    }
  }
}

/** Whether an entry goes by a name; case counts. */
export function named(entry: Entry, name: string): boolean {
  return entry.name === name || entry.aliases.includes(name);
}

// Hosts

/** A host's official name, and its other ones. */
export interface HostNames {
  readonly name: string;
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
  const wanted = host.toLowerCase();
  for (const [address, first, ...others] of lines(database)) {
    if (first === undefined || !isOf(address, family)) continue;
    if (![first, ...others].some((name) => name.toLowerCase() === wanted)) {
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

/** Whether a line with an address counts for a family. */
function isOf(address: string, family: number): boolean {
  if (pton4(address)) return family !== AF_INET6;
  // For IPv4, the C library gives the IPv6 loopback address as 127.0.0.1.
  return pton6(address) !== null &&
    (family !== AF_INET ||
      /^(?:::1|::ffff:.*)$/.test(hostAddress(address).address));
}
