/**
 * The network interfaces, as libc tells them.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { decodePath, encodePath } from "../../names/unix_address.ts";
import { exhausted } from "../../names/lookup_errors.ts";
import type { InterfaceFunctions } from "../../names/interfaces.ts";
import { IF_NAMEINDEX } from "./layout.ts";
import { lastErrno, libc, raiseLast } from "./libc.ts";
import { stringAt, viewAt } from "./memory.ts";

/** The longest name with its NUL, IFNAMSIZ. */
const NAME_SIZE = 16;

const name = new Uint8Array(NAME_SIZE);

/** The functions of libc for interfaces. */
export const interfaces: InterfaceFunctions = {
  nameindex() {
    const list = libc.if_nameindex();
    if (list === 0n) raiseLast();
    try {
      return entries(list);
    } finally {
      libc.if_freenameindex(list);
    }
  },
  nametoindex(name) {
    // A NUL ends the name.
    const index = libc.if_nametoindex(Uint8Array.of(...encodePath(name), 0));
    const error = index === 0 ? exhausted() : null;
    if (error) throw error;
    return index;
  },
  indextoname(index) {
    if (libc.if_indextoname(index, name) !== 0n) {
      return decodePath(name.subarray(0, name.indexOf(0)));
    }
    if (lastErrno() !== errno.ENXIO) raiseLast();
    return null;
  },
};

/** The entries of a list, which ends with the index 0. */
function entries(list: bigint): [index: number, name: string][] {
  const found: [index: number, name: string][] = [];
  for (let at = list;; at += BigInt(IF_NAMEINDEX.size)) {
    const entry = viewAt(at, IF_NAMEINDEX.size);
    const index = entry.getUint32(IF_NAMEINDEX.index, true);
    if (index === 0) return found;
    const name = stringAt(entry.getBigUint64(IF_NAMEINDEX.name, true));
    found.push([index, decodePath(name)]);
  }
}
