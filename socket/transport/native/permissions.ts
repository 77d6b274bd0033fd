/**
 * Deno's permissions, which FFI goes around: they are asked for before each
 * call that reaches out.
 *
 * @module
 */

import { AF_INET, AF_INET6, AF_UNIX } from "../../constants.ts";
import { toInternet } from "../../names/numeric.ts";
import { toPath } from "../../names/unix_address.ts";
import {
  granted,
  hostPort,
  permissionError,
  permitted,
} from "../../permissions.ts";
import type { SocketAddress } from "../transport.ts";

/** Refuses an address that the program's permissions don't allow. */
export function checkPermission(
  family: number,
  address: SocketAddress,
  name?: string,
): void {
  if (family === AF_INET || family === AF_INET6) {
    const [host, port] = toInternet(address);
    if (permitted(host, port)) return;
    if (name !== undefined && permitted(name, port)) return;
    throw permissionError("net", `"${hostPort(name ?? host, port)}"`);
  }
  if (family === AF_UNIX) return checkPath(toPath(address));
  // Other families have no hosts that a flag could name.
  if (!granted({ name: "net" })) throw permissionError("net", "all hosts");
}

function checkPath(path: string): void {
  // An abstract name is no file.
  if (path === "" || path.startsWith("\0")) return;
  for (const name of ["read", "write"] as const) {
    if (!granted({ name, path })) throw permissionError(name, `"${path}"`);
  }
}
