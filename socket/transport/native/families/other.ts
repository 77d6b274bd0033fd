/**
 * The families whose addresses have no form of their own.
 *
 * @module
 */

import { OSError } from "../../../errors.ts";
import type { Address, AddressFamily } from "../../../names/address.ts";
import { equals, fromBytes, isRaw, toBytes } from "./raw.ts";

/** Addresses that the kernel tells, and no program can give. */
export const other: AddressFamily = {
  unbound: fromBytes(new Uint8Array(2)),
  parse(_argument, caller) {
    throw new OSError(`${caller}(): bad family`);
  },
  format(address) {
    // Some families borrow the addresses of IP.
    if (!isRaw(address)) return address as unknown as Address;
    const bytes = toBytes(address);
    const family = new DataView(bytes.buffer).getUint16(0, true);
    return [family, bytes.slice(2)];
  },
  equals,
};
