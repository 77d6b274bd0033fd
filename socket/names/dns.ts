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
import {
  EAI_ADDRFAMILY,
  EAI_FAIL,
  EAI_FAMILY,
  EAI_MEMORY,
  EAI_OVERFLOW,
  EAI_SYSTEM,
} from "../constants.ts";
import type { OSError } from "../errors.ts";
import { raise } from "../stack.ts";
import { isBefore } from "../version.ts";
import { readDatabase } from "./database.ts";
import { exhausted, raiseExhausted } from "./exhausted.ts";
import { gaiError, permissionError } from "./failures.ts";
import { type HostNames, namesAt, namesOf } from "./hosts.ts";
import { type HostAddress, hostAddress } from "./numeric.ts";
import { reverse } from "./reverse.ts";

/** libuv's numbers of the resolver's errors, which Deno has too. */
const UV: Record<number, number> = {
  [-3000]: EAI_ADDRFAMILY,
  [-3001]: EAI_AGAIN,
  [-3004]: EAI_FAIL,
  [-3005]: EAI_FAMILY,
  [-3006]: EAI_MEMORY,
  [-3007]: EAI_NODATA,
  [-3008]: EAI_NONAME,
  [-3009]: EAI_OVERFLOW,
};

/**
 * Deno has it from 2.6 on. An import by name would keep this module from being
 * loaded before that.
 */
const hasLookupService = typeof dns.lookupService === "function";

/**
 * Deno asks them itself before 2.3, and if the program may not reach them it
 * says no more than that there is no such host.
 */
const asksNameServers = isBefore([2, 3]);

/** What Deno passes on to the system. It answers `EAI_NODATA` for all else. */
const NAME = /^(?:[\w-]{1,63}\.)*[\w-]{1,63}\.?$/;

/** The longest chain of aliases that is followed. */
const MOST_ALIASES = 16;

/**
 * The addresses of a name, in the order in which they should be tried.
 *
 * @param port What the caller wants to reach there: a program that may reach
 * one port of a host only may look it up for that port. 0 for none.
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
    const fail = (error: OSError) => resolve(raise(error));
    dns.lookup(name, options, (cause, found) => {
      if (cause) return fail(failure(cause, port ? `${name}:${port}` : name));
      if (found.length === 0) return fail(gaiError(EAI_NODATA));
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
      if (cause) {
        const host = address.includes(":") ? `[${address}]` : address;
        const error = failure(cause, port ? `${host}:${port}` : address);
        return resolve(raise(error));
      }
      resolve(name);
    });
  });
}

/**
 * The official name and the other names of a host that was found: from the
 * hosts file, if the program may read it, or from the name servers, if it may
 * reach all of the network. Otherwise the name itself.
 */
export async function officialNames(
  host: string,
  family: number,
  nameServer?: Deno.ResolveDnsOptions["nameServer"],
): Promise<HostNames> {
  const names = namesOf(readDatabase("hosts") ?? "", host, family);
  if (names) return names;
  const chain = [host];
  // A name without a dot is none of the name servers'.
  while (chain.at(-1)!.includes(".") && chain.length <= MOST_ALIASES) {
    const target = await canonical(chain.at(-1)!, nameServer);
    if (target === undefined) break;
    chain.push(target);
  }
  return { name: chain.at(-1)!, aliases: chain.slice(0, -1) };
}

/** The names of the host at an address, of which `name` is the official one. */
export function otherNames(
  name: string,
  { address }: HostAddress,
): readonly string[] {
  const names = namesAt(readDatabase("hosts") ?? "", address);
  return names?.name === name ? names.aliases : [];
}

async function canonical(
  name: string,
  nameServer: Deno.ResolveDnsOptions["nameServer"],
): Promise<string | undefined> {
  // A look-up that the user has been asked about must not lead to a second question.
  if (!mayReachAll()) return;
  try {
    const [target] = await Deno.resolveDns(
      name,
      "CNAME",
      nameServer && { nameServer },
    );
    return target?.replace(/\.$/, "");
  } catch (error) {
    raiseExhausted(error);
    // Most names are no aliases.
    return;
  }
}

function mayReachAll(): boolean {
  return Deno.permissions.querySync({ name: "net" }).state === "granted";
}

function failure(
  cause: NodeJS.ErrnoException,
  host: string,
): OSError {
  if (cause.code === "EPERM") {
    return permissionError(`net access to "${host}"`, "--allow-net", cause);
  }
  if (asksNameServers && !mayReachAll()) {
    return permissionError("net access to name servers", "--allow-net", cause);
  }
  return exhausted(cause) ?? gaiError(
    UV[cause.errno ?? 0] ??
      (cause.code === "ENOTFOUND" ? EAI_NONAME : EAI_SYSTEM),
    cause,
  );
}

/** The domain of this machine, as far as the program may know it. */
export function localDomain(): string | undefined {
  const hosts = readDatabase("hosts") ?? "";
  const sys = Deno.permissions.querySync({ name: "sys", kind: "hostname" });
  const own = sys.state === "granted" ? Deno.hostname() : "";
  const names = [
    namesOf(hosts, "localhost", AF_INET)?.name,
    own,
    namesOf(hosts, own, AF_INET)?.name,
  ];
  return names.find((name) => name?.includes("."))?.split(".").slice(1).join(
    ".",
  );
}
