/**
 * Questions to the system's resolver, which knows the hosts file too.
 *
 * @module
 */

import dns from "node:dns";
import { domainToASCII } from "node:url";
import {
  AF_INET,
  AF_INET6,
  EAI_AGAIN,
  EAI_NODATA,
  EAI_NONAME,
} from "../constants.ts";
import type { OSError } from "../errors.ts";
import { granted, hostPort, permissionError } from "../permissions.ts";
import { raise } from "../stack.ts";
import { isBefore } from "../version.ts";
import { type HostNames, namesAt, namesOf, readDatabase } from "./database.ts";
import { inet_pton } from "./inet.ts";
import { dnsError, gaiError, raiseExhausted } from "./lookup_errors.ts";
import { type HostAddress, hostAddress } from "./numeric.ts";

/** Of `Deno.resolveDns`. */
type NameServer = Deno.ResolveDnsOptions["nameServer"];

/**
 * Deno has it from 2.6 on. An import by name would keep this module from being
 * loaded before that.
 */
const hasLookupService = typeof dns.lookupService === "function";

/**
 * Before 2.3, Deno asks the name servers itself. If the program may not reach
 * them, the error only says that there is no such host.
 */
const asksNameServers = isBefore([2, 3]);

/** Names that Deno passes on to the system. All others give `EAI_NODATA`. */
const NAME = /^(?:[\w-]{1,63}\.)*[\w-]{1,63}\.?$/;

/** The longest chain of aliases that is followed. */
const MOST_ALIASES = 16;

/**
 * The addresses of a name, in the order in which they should be tried.
 *
 * @param port The port that the caller wants to reach: a permission for one
 * port of a host allows the look-up for that port only. 0 for none.
 */
export function addresses(
  name: string,
  family: number,
  port: number,
): Promise<HostAddress[]> {
  if (!NAME.test(name) || !domainToASCII(name)) {
    return Promise.reject(gaiError(EAI_NONAME));
  }
  const options = {
    all: true,
    family: family === AF_INET ? 4 : family === AF_INET6 ? 6 : 0,
    order: "verbatim",
    port,
  } as const;
  return new Promise((resolve) => {
    dns.lookup(name, options, (cause, found) => {
      if (cause) return resolve(raise(failure(cause, name, port)));
      if (found.length === 0) return resolve(raise(gaiError(EAI_NODATA)));
      resolve(found.map(({ address }) => hostAddress(address)));
    });
  });
}

/** The name of an address, a rejection with `EAI_NONAME` if it has none. */
export function nameOf(host: HostAddress, port: number): Promise<string> {
  if (!hasLookupService) return reverse(host);
  const { address } = host;
  return new Promise((resolve) => {
    dns.lookupService(address, port, (cause, name) => {
      resolve(cause ? raise(failure(cause, address, port)) : name);
    });
  });
}

/** The same from the hosts file, if it may be read, or from name servers. */
export async function reverse(
  host: HostAddress,
  nameServer?: NameServer,
): Promise<string> {
  const names = namesAt(readDatabase("hosts") ?? "", host.address);
  if (names) return names.name;
  let name: string | undefined;
  try {
    [name] = await ask(pointer(host), "PTR", nameServer);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) {
      throw permissionError("net", "name servers", cause);
    }
    const unknown = cause instanceof Deno.errors.NotFound;
    throw gaiError(unknown ? EAI_NONAME : EAI_AGAIN, cause);
  }
  if (name === undefined) throw gaiError(EAI_NONAME);
  return name;
}

/** The name under which name servers know the address. */
export function pointer({ family, address }: HostAddress): string {
  const bytes = [...inet_pton(family, address)].toReversed();
  if (family === AF_INET) return `${bytes.join(".")}.in-addr.arpa.`;
  const digits = bytes.flatMap((byte) => [byte & 15, byte >> 4]);
  return `${digits.map((digit) => digit.toString(16)).join(".")}.ip6.arpa.`;
}

async function ask(
  name: string,
  type: "CNAME" | "PTR",
  nameServer: NameServer,
): Promise<string[]> {
  const options = nameServer && { nameServer };
  const names = await Deno.resolveDns(name, type, options);
  return names.map((name) => name.replace(/\.$/, ""));
}

/**
 * The official name and the other names of a host that was found: from the
 * hosts file, if the program may read it, or from the name servers, if it may
 * reach all of the network. Otherwise the name itself.
 */
export async function officialNames(
  host: string,
  family: number,
  nameServer?: NameServer,
): Promise<HostNames> {
  const names = namesOf(readDatabase("hosts") ?? "", host, family);
  if (names) return names;
  const aliases: string[] = [];
  let name = host;
  // Name servers know no names without a dot.
  while (name.includes(".") && aliases.length < MOST_ALIASES) {
    const target = await canonical(name, nameServer);
    if (target === undefined) break;
    aliases.push(name);
    name = target;
  }
  return { name, aliases };
}

async function canonical(
  name: string,
  nameServer: NameServer,
): Promise<string | undefined> {
  // The look-up may have prompted for the permission: don't prompt again.
  if (!granted({ name: "net" })) return;
  try {
    return (await ask(name, "CNAME", nameServer))[0];
  } catch (error) {
    raiseExhausted(error);
    // Most names are no aliases.
    return;
  }
}

/** The names of the host at an address, of which `name` is the official one. */
export function otherNames(
  name: string,
  { address }: HostAddress,
): readonly string[] {
  const names = namesAt(readDatabase("hosts") ?? "", address);
  return names?.name === name ? names.aliases : [];
}

function failure(
  cause: NodeJS.ErrnoException,
  host: string,
  port: number,
): OSError {
  if (cause.code === "EPERM") {
    const place = port ? hostPort(host, port) : host;
    return permissionError("net", `"${place}"`, cause);
  }
  if (asksNameServers && !granted({ name: "net" })) {
    return permissionError("net", "name servers", cause);
  }
  return dnsError(cause);
}
