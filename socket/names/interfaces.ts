/**
 * The machine's network interfaces by name and by index.
 *
 * Deno gives no list of the indexes. On Linux they are read from `/sys`, which
 * needs `--allow-all`. With `--allow-sys=networkInterfaces` those are known
 * that have an IPv6 link-local address. The loopback of Linux, `lo`, is always
 * 1 and needs no permission. No permission is asked for.
 *
 * Follows Python's
 * [other functions](https://docs.python.org/3/library/socket.html#other-functions)
 * and `if_nametoindex(3)`.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import { text } from "../arguments.ts";
import { integer, view } from "../bytes.ts";
import { OSError } from "../errors.ts";
import { indexOf, known, missing, nameOf } from "./interface_table.ts";

/**
 * Index and name of every network interface.
 *
 * ```ts ignore
 * import { socket } from "@berkeley/socket";
 *
 * console.log(socket.if_nameindex()); // [[1, "lo"], [2, "eth0"]]
 * ```
 *
 * Follows Python's
 * [`socket.if_nameindex`](https://docs.python.org/3/library/socket.html#socket.if_nameindex).
 *
 * @returns `[index, name]` pairs, by rising index.
 * @throws {PermissionError} If the program's permissions don't show all
 * interfaces: it needs `--allow-all` on Linux,
 * `--allow-sys=networkInterfaces` elsewhere.
 */
export function if_nameindex(): [index: number, name: string][] {
  const { interfaces, complete } = known();
  if (!complete) throw missing();
  return interfaces;
}

/**
 * The index of the network interface with a name.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * if (Deno.build.os === "linux") assertEquals(socket.if_nametoindex("lo"), 1);
 * ```
 *
 * Follows Python's
 * [`socket.if_nametoindex`](https://docs.python.org/3/library/socket.html#socket.if_nametoindex).
 *
 * @param if_name The name.
 * @returns The index, 1 or more.
 * @throws {OSError} If there is no such interface (`errno` is `null`).
 * @throws {PermissionError} If the program's permissions don't show it: see
 * {@linkcode if_nameindex}.
 * @throws {TypeError} If the name is neither a string nor a buffer.
 * @throws {RangeError} If the name contains a NUL.
 */
export function if_nametoindex(if_name: string | BufferSource): number {
  const name = typeof if_name === "string"
    ? if_name
    : new TextDecoder().decode(view(if_name));
  const index = indexOf(text(name, "if_nametoindex() argument 1"));
  if (index === undefined) throw missing();
  if (index === 0) throw new OSError("no interface with this name");
  return index;
}

/**
 * The name of the network interface with an index.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * if (Deno.build.os === "linux") assertEquals(socket.if_indextoname(1), "lo");
 * ```
 *
 * Follows Python's
 * [`socket.if_indextoname`](https://docs.python.org/3/library/socket.html#socket.if_indextoname).
 *
 * @param if_index The index, 0 to 4294967295.
 * @returns The name.
 * @throws {OSError} If there is no such interface (`ENXIO`).
 * @throws {PermissionError} If the program's permissions don't show it: see
 * {@linkcode if_nameindex}.
 * @throws {TypeError} If the index is not an integer.
 * @throws {RangeError} If the index is out of range.
 */
export function if_indextoname(if_index: number): string {
  const index = integer(if_index, "if_indextoname() argument 1");
  if (index < 0 || index > 0xffffffff) {
    throw new RangeError("if_indextoname(): index must be 0-4294967295.");
  }
  const name = nameOf(index);
  if (name === undefined) throw missing();
  if (name === null) throw new OSError(errno.ENXIO);
  return name;
}
