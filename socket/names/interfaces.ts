/**
 * The machine's network interfaces by name and by index.
 *
 * Deno gives no list of the indexes. On Linux they are read from `/sys`, which
 * needs `--allow-all`. With `--allow-sys=networkInterfaces` those are known
 * that have an IPv6 link-local address, or all if a transport can ask the
 * system. The loopback of Linux, `lo`, is always 1 and needs no permission. No
 * permission is asked for.
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
import { AF_INET, AF_INET6 } from "../constants.ts";
import { OSError, type PermissionError } from "../errors.ts";
import { oserror } from "../oserror.ts";
import { granted, permissionError } from "../permissions.ts";
import { raiseExhausted } from "./lookup_errors.ts";

const LINUX = Deno.build.os === "linux";

/** The folder in which Linux lists its interfaces. */
const SYS = "/sys/class/net";

/** The kernel's own constant, LOOPBACK_IFINDEX. */
const LOOPBACK = 1;

/** The system's own functions for interfaces. */
export interface InterfaceFunctions {
  /** Index and name of each. */
  nameindex(): [index: number, name: string][];
  /** The index of one, 0 if there is none with that name. */
  nametoindex(name: string): number;
  /** The name of one, `null` if there is none with that index. */
  indextoname(index: number): string | null;
}

let system: InterfaceFunctions | null = null;

/** Has the system asked, as far as the program's permissions go. */
export function useInterfaces(functions: InterfaceFunctions): void {
  system = functions;
}

/** The system's functions, if there are any that the program may use. */
function askable(): InterfaceFunctions | null {
  return system && granted({ name: "sys", kind: "networkInterfaces" })
    ? system
    : null;
}

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
 * `--allow-sys=networkInterfaces` elsewhere and with the native transport.
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

/**
 * The index of an interface, 0 if there is none with that name, `undefined`
 * if the program's permissions don't tell.
 */
export function indexOf(name: string): number | undefined {
  // Linux's longest name has 15 bytes.
  if (LINUX && (name === "" || name.length > 15)) return 0;
  const functions = askable();
  if (functions) return functions.nametoindex(name);
  const { interfaces, complete } = known();
  return interfaces.find((entry) => entry[1] === name)?.[0] ??
    (complete ? 0 : undefined);
}

/**
 * The name of an interface, `null` if there is none with that index,
 * `undefined` if the program's permissions don't tell.
 */
export function nameOf(index: number): string | null | undefined {
  if (index === 0) return null;
  const functions = askable();
  if (functions) return functions.indextoname(index);
  const { interfaces, complete } = known();
  return interfaces.find((entry) => entry[0] === index)?.[1] ??
    (complete ? null : undefined);
}

/** An IPv4 address of the interface with an index, otherwise as {@linkcode nameOf}. */
export function addressOf(index: number): string | null | undefined {
  const name = nameOf(index);
  if (typeof name !== "string") return name;
  if (LINUX && index === LOOPBACK) return "127.0.0.1";
  const entries = listed();
  return entries &&
    (entries.find((entry) => entry.name === name && entry.family === "IPv4")
      ?.address ?? null);
}

/** The error that names the flag under which more interfaces can be seen. */
export function missing(): PermissionError {
  return LINUX && !system
    ? permissionError("all", `"${SYS}"`)
    : permissionError("sys", '"networkInterfaces"');
}

/**
 * The families that this machine has addresses of, loopback aside; `undefined`
 * if the program may not know.
 */
export function families(): number[] | undefined {
  const found = listed()?.filter(({ address }) =>
    address !== "127.0.0.1" && address !== "::1"
  ).map(({ family }) => family === "IPv4" ? AF_INET : AF_INET6);
  return found && [...new Set(found)];
}

/**
 * The interfaces that the program may know, by rising index, and whether these
 * are all. Never asks the user for permission.
 */
function known(): {
  interfaces: [index: number, name: string][];
  complete: boolean;
} {
  const functions = askable();
  if (functions) return { interfaces: functions.nameindex(), complete: true };
  let complete = !LINUX;
  if (LINUX && granted({ name: "read", path: SYS })) {
    try {
      return { interfaces: sysInterfaces(), complete: true };
    } catch (error) {
      raiseExhausted(error);
      // Granted and yet refused: all of /sys needs every permission.
      complete = !(error instanceof Deno.errors.NotCapable);
    }
  }
  const entries = listed();
  const names = new Map(
    entries?.map(({ name, scopeid }) => [scopeid ?? 0, name]),
  );
  names.delete(0);
  if (LINUX) names.set(LOOPBACK, "lo");
  return {
    interfaces: [...names].sort(([first], [second]) => first - second),
    complete: complete && entries !== undefined,
  };
}

function sysInterfaces(): [index: number, name: string][] {
  // Each interface is a link; bonding_masters is a file.
  return Array.from(Deno.readDirSync(SYS))
    .filter(({ isSymlink }) => isSymlink)
    .map(({ name }): [number, string] => {
      return [Number(Deno.readTextFileSync(`${SYS}/${name}/ifindex`)), name];
    })
    .sort(([first], [second]) => first - second);
}

function listed(): Deno.NetworkInterfaceInfo[] | undefined {
  if (!granted({ name: "sys", kind: "networkInterfaces" })) return;
  try {
    return Deno.networkInterfaces();
  } catch (cause) {
    throw oserror(cause);
  }
}
