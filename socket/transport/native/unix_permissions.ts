/**
 * Deno's permissions for Unix sockets: a path takes those to read it, to write
 * it and to use it on the network, an abstract name the last one.
 *
 * @module
 */

import { cString } from "../../arguments.ts";
import { toPath } from "../../names/unix_address.ts";
import { permissionError } from "../../permissions.ts";
import type { SocketAddress } from "../transport.ts";

/** Refuses a name; the permissions to a path are asked for in this order. */
export function checkUnix(
  address: SocketAddress,
  kinds: readonly ("read" | "write")[],
): void {
  const name = toPath(address);
  if (name === "" || name.startsWith("\0")) return checkNet(name);
  // The system's path ends at a NUL, which Deno would read as part of a name.
  const path = cString(name);
  for (const kind of kinds) {
    const ask = isTelling(path) ? { name: kind, path } : { name: kind };
    const { state, partial } = Deno.permissions.querySync(ask);
    const all = "path" in ask || !partial;
    if (state !== "granted" || !all) throw permissionError(kind, `"${path}"`);
  }
  checkNet(absolute(path));
}

/**
 * Whether Deno and the system take a path for the same file. Deno has no bytes
 * that aren't UTF-8; it takes `a/..` away where `a` may be a link; and it has
 * rules of its own for `/proc`, which has links to everything.
 */
function isTelling(path: string): boolean {
  const inner = path.replace(/^(?:\.{0,2}\/+)*/, "");
  return path.isWellFormed() && !inner.split("/").includes("..") &&
    !/^\/+proc(?:\/|$)/.test(path);
}

function absolute(path: string): string {
  if (path.startsWith("/")) return path;
  try {
    return `${Deno.cwd()}/${path}`;
  } catch {
    // A flag for a path alone can't allow this one.
    return "";
  }
}

/** Asks for the network; a name that is no absolute path takes all of it. */
function checkNet(name: string): void {
  const ask = name.startsWith("/") && name.isWellFormed()
    ? { name: "net", host: `unix:${name}` } as const
    : { name: "net" } as const;
  if (Deno.permissions.querySync(ask).state === "granted") return;
  throw permissionError("net", `"unix:${name}"`);
}
