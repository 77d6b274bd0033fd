/**
 * The name of an address, on versions of Deno without `lookupService()` of
 * `node:dns` (before 2.6): from the hosts file, if the program may read it, or
 * from the name servers.
 *
 * @module
 */

import { AF_INET, EAI_AGAIN, EAI_NONAME } from "../constants.ts";
import { inet_pton } from "./inet.ts";
import { readDatabase } from "./database.ts";
import { gaiError, permissionError } from "./failures.ts";
import { namesAt } from "./hosts.ts";
import type { HostAddress } from "./numeric.ts";

/** The name of an address, a rejection with `EAI_NONAME` if it has none. */
export async function reverse(
  host: HostAddress,
  nameServer?: Deno.ResolveDnsOptions["nameServer"],
): Promise<string> {
  const names = namesAt(readDatabase("hosts") ?? "", host.address);
  if (names) return names.name;
  let name: string | undefined;
  try {
    const options = nameServer ? { nameServer } : {};
    [name] = await Deno.resolveDns(pointer(host), "PTR", options);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) {
      throw permissionError("net access to name servers", "--allow-net", cause);
    }
    const unknown = cause instanceof Deno.errors.NotFound;
    throw gaiError(unknown ? EAI_NONAME : EAI_AGAIN, cause);
  }
  if (name === undefined) throw gaiError(EAI_NONAME);
  return name.replace(/\.$/, "");
}

/** The name under which name servers know the address. */
export function pointer({ family, address }: HostAddress): string {
  const bytes = [...inet_pton(family, address)].toReversed();
  if (family === AF_INET) return `${bytes.join(".")}.in-addr.arpa.`;
  const digits = bytes.flatMap((byte) => [byte & 15, byte >> 4]);
  return `${digits.map((digit) => digit.toString(16)).join(".")}.ip6.arpa.`;
}
