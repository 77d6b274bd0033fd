/**
 * Deno's permissions, which FFI goes around: they are asked for before each
 * call that reaches out.
 *
 * @module
 */

import { cString } from "../../arguments.ts";
import {
  AF_INET,
  AF_INET6,
  AF_RDS,
  AF_UNIX,
  SOCK_DGRAM,
  SOCK_STREAM,
} from "../../constants.ts";
import { toInternet } from "../../names/numeric.ts";
import { toPath } from "../../names/unix_address.ts";
import {
  granted,
  hostPort,
  permissionError,
  permitted,
} from "../../permissions.ts";
import type { SocketAddress } from "../transport.ts";

/** Families whose addresses have hosts. */
const HOSTED: readonly number[] = [AF_INET, AF_INET6, AF_RDS];
/** Types whose sockets get nothing before they have an address. */
const ADDRESSED: readonly number[] = [SOCK_STREAM, SOCK_DGRAM];

/**
 * Refuses a socket that could send or receive at once, whatever the host, if
 * the program's permissions aren't for all hosts.
 */
export function checkSocket(family: number, type: number): void {
  if (family === AF_UNIX || family === AF_RDS) return;
  if (HOSTED.includes(family) && ADDRESSED.includes(type)) return;
  checkAllHosts();
}

/** Refuses an address that the program's permissions don't allow. */
export function checkPermission(
  family: number,
  address: SocketAddress,
  name?: string,
): void {
  if (HOSTED.includes(family)) {
    const [host, port] = toInternet(address);
    if (permitted(host, port)) return;
    if (name !== undefined && permitted(name, port)) return;
    throw permissionError("net", `"${hostPort(name ?? host, port)}"`);
  }
  if (family === AF_UNIX) return checkPath(toPath(address));
  checkAllHosts();
}

/** Other families have no hosts that a flag could name. */
function checkAllHosts(): void {
  if (!granted({ name: "net" })) throw permissionError("net", "all hosts");
}

function checkPath(whole: string): void {
  // An abstract name is no file. A path ends at its first NUL, in the kernel.
  const path = cString(whole);
  if (path === "") return;
  for (const name of ["read", "write"] as const) {
    if (!granted({ name, path })) throw permissionError(name, `"${path}"`);
  }
}
