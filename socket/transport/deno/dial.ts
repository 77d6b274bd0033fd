/**
 * Opening a connection.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { AF_INET6, EAI_ADDRFAMILY } from "../../constants.ts";
import { gaierror, OSError } from "../../errors.ts";
import type { SocketAddress } from "../transport.ts";
import { dialFrom } from "./dial_from.ts";
import { oserror } from "./errors.ts";
import type { Stream } from "./stream.ts";

/** Where to, and for whom. */
export interface Dial {
  readonly family: number;
  readonly to: Exclude<SocketAddress, string>;
  /** The address that the connection shall come from, if it matters. */
  readonly from?: Exclude<SocketAddress, string>;
  /** What the caller wrote for the host. */
  readonly name?: string;
  readonly signal: AbortSignal;
}

/** Connects to an address, or raises an `OSError`. */
export async function dial(
  { family, to, from, name, signal }: Dial,
): Promise<Stream> {
  const [host, port] = to;
  if (port === 0) throw new OSError(errno.ECONNREFUSED);
  try {
    if (from) return await dialFrom(from, to, signal);
    const conn = await Deno.connect({
      hostname: permittedHost(host, port, name),
      port,
      autoSelectFamily: false,
      signal,
    });
    if (conn.remoteAddr.hostname.includes(":") === (family === AF_INET6)) {
      return conn;
    }
    conn.close();
  } catch (cause) {
    throw oserror(cause);
  }
  throw new gaierror(
    EAI_ADDRFAMILY,
    "Address family for hostname not supported",
  );
}

/**
 * The address, unless only its name is permitted: `--allow-net=example.com`
 * says nothing about the addresses of example.com.
 */
function permittedHost(host: string, port: number, name?: string): string {
  if (name === undefined || name === host) return host;
  const { state } = Deno.permissions.querySync({
    name: "net",
    host: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`,
  });
  return state === "granted" ? host : name;
}
