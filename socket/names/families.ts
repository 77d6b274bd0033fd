/**
 * The address families, by number.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import { AF_INET, AF_INET6, AF_UNIX } from "../constants.ts";
import { OSError } from "../errors.ts";
import type { SocketAddress } from "../transport/transport.ts";
import type { Address, AddressFamily, ParsedAddress } from "./address.ts";
import { inet, inet6 } from "./inet_address.ts";
import { unix } from "./unix_address.ts";

const families = new Map<number, AddressFamily>([
  [AF_INET, inet],
  [AF_INET6, inet6],
  [AF_UNIX, unix],
]);

/** Adds a family that only one transport knows. */
export function registerAddressFamily(
  number: number,
  family: AddressFamily,
): void {
  families.set(number, family);
}

/** What stands for the families without one of their own, if anything does. */
let others: AddressFamily | null = null;

/** Lets one stand for all families that aren't registered. */
export function registerOtherFamilies(family: AddressFamily): void {
  others = family;
}

/** A family, or `EAFNOSUPPORT`. */
export function addressFamily(number: number): AddressFamily {
  const family = families.get(number) ?? others;
  if (!family) throw new OSError(errno.EAFNOSUPPORT);
  return family;
}

/** Checks the address argument of `caller`, and looks up the name in it. */
export async function resolveAddress(
  family: number,
  type: number,
  argument: unknown,
  caller: string,
  proto = 0,
): Promise<ParsedAddress> {
  const known = addressFamily(family);
  const parsed = known.parse(argument, caller, proto);
  return parsed.name === undefined ? parsed : await known.lookUp!(parsed, type);
}

/** An address as programs see it; `null` stays. */
export function formatAddress(
  family: number,
  address: SocketAddress,
  proto?: number,
): Address;
export function formatAddress(
  family: number,
  address: SocketAddress | null,
  proto?: number,
): Address | null;
export function formatAddress(
  family: number,
  address: SocketAddress | null,
  proto = 0,
): Address | null {
  return address === null ? null : addressFamily(family).format(address, proto);
}
