/**
 * What a program may know of the machine's network interfaces.
 *
 * @module
 */

import type { PermissionError } from "../errors.ts";
import { oserror } from "../oserror.ts";
import { raiseExhausted } from "./exhausted.ts";
import { permissionError } from "./failures.ts";

const LINUX = Deno.build.os === "linux";

/** Where Linux lists its interfaces. */
const SYS = "/sys/class/net";

/** The kernel's own constant, LOOPBACK_IFINDEX. */
const LOOPBACK = 1;

/** What can be known with the program's permissions. */
export interface Known {
  /** Index and name, by rising index. */
  readonly interfaces: [index: number, name: string][];
  /** Whether these are all. */
  readonly complete: boolean;
}

/**
 * The index of an interface, 0 if there is none with that name, `undefined`
 * if the program's permissions don't tell.
 */
export function indexOf(name: string): number | undefined {
  // Linux's longest name has 15 bytes.
  if (LINUX && (name === "" || name.length > 15)) return 0;
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
  if (entries === undefined) return undefined;
  const entry = entries.find((entry) =>
    entry.name === name && entry.family === "IPv4"
  );
  return entry?.address ?? null;
}

/** The error that names the flag under which more interfaces can be seen. */
export function missing(): PermissionError {
  return LINUX
    ? permissionError(`all access to "${SYS}"`, "--allow-all")
    : permissionError('sys access to "networkInterfaces"', "--allow-sys");
}

/**
 * The families that this machine has addresses of, loopback aside, `undefined`
 * if the program may not know.
 */
export function families(): { v4: boolean; v6: boolean } | undefined {
  const addresses = listed()?.map((entry) => entry.address);
  return addresses && {
    v4: addresses.some((address) =>
      !address.includes(":") && address !== "127.0.0.1"
    ),
    v6: addresses.some((address) => address.includes(":") && address !== "::1"),
  };
}

/** The interfaces that can be known. Never asks the user for permission. */
export function known(): Known {
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
  // Whatever isn't a link isn't an interface (bonding_masters).
  return Array.from(Deno.readDirSync(SYS))
    .filter(({ isSymlink }) => isSymlink)
    .map(({ name }): [number, string] => [sysIndex(name), name])
    .sort(([first], [second]) => first - second);
}

function sysIndex(name: string): number {
  return Number(Deno.readTextFileSync(`${SYS}/${name}/ifindex`));
}

function listed(): Deno.NetworkInterfaceInfo[] | undefined {
  if (!granted({ name: "sys", kind: "networkInterfaces" })) return;
  try {
    return Deno.networkInterfaces();
  } catch (cause) {
    throw oserror(cause);
  }
}

function granted(descriptor: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}
