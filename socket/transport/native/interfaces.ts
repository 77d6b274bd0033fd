/**
 * The network interfaces, as libc tells them.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { decodePath, encodePath } from "../../names/unix_address.ts";
import type { InterfaceFunctions } from "../../names/interfaces.ts";
import { lastErrno, libc, raiseLast } from "./libc.ts";

/** The longest name with its NUL, IFNAMSIZ. */
const NAME_SIZE = 16;
/** `struct if_nameindex`: the index, and where the name is; in bytes. */
const ENTRY = { size: 16, name: 8 };

const name = new Uint8Array(NAME_SIZE);

/** The functions of libc for interfaces. */
export const interfaces: InterfaceFunctions = {
  nameindex() {
    const list = libc.if_nameindex();
    if (list === null) raiseLast();
    try {
      return entries(list);
    } finally {
      libc.if_freenameindex(list);
    }
  },
  nametoindex(name) {
    // A NUL ends the name.
    return libc.if_nametoindex(Uint8Array.of(...encodePath(name), 0));
  },
  indextoname(index) {
    if (libc.if_indextoname(index, name) !== null) {
      return decodePath(name.subarray(0, name.indexOf(0)));
    }
    if (lastErrno() !== errno.ENXIO) raiseLast();
    return null;
  },
};

/** The entries of a list, which ends with the index 0. */
function entries(list: Deno.PointerObject): [index: number, name: string][] {
  const view = new Deno.UnsafePointerView(list);
  const found: [index: number, name: string][] = [];
  for (let at = 0;; at += ENTRY.size) {
    const index = view.getUint32(at);
    if (index === 0) return found;
    const text = new Deno.UnsafePointerView(view.getPointer(at + ENTRY.name)!);
    const bytes: number[] = [];
    for (let byte; (byte = text.getUint8(bytes.length)) !== 0;) {
      bytes.push(byte);
    }
    found.push([index, decodePath(Uint8Array.from(bytes))]);
  }
}
