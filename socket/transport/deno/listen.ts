/**
 * Binding and listening, which Deno does in one step.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { AF_INET6, EAI_ADDRFAMILY } from "../../constants.ts";
import { gaierror, OSError } from "../../errors.ts";
import type { SocketAddress } from "../transport.ts";
import { oserror } from "./errors.ts";
import { type Claim, claim, release } from "./ports.ts";

/** An address that a stream is bound to. */
export interface Binding {
  /** The host as the caller named it, which is what permissions are given for. */
  readonly hostname: string;
  /** The numeric address. */
  readonly address: SocketAddress;
  /** Keeps the address from other sockets until the system does. */
  readonly claim: Claim;
}

/** Any free port may be taken by another bound socket: then the next one is tried. */
const ATTEMPTS = 32;

/**
 * Finds out whether the system allows an address, and which one it is. The
 * system is asked by listening there for an instant.
 */
export function bind(
  family: number,
  [host, port]: Exclude<SocketAddress, string>,
  reusePort: boolean,
): Binding {
  const hostname = host || (family === AF_INET6 ? "::" : "0.0.0.0");
  for (let attempt = 1;; attempt++) {
    const [name, ...address] = probe(family, hostname, port, reusePort);
    try {
      return {
        hostname: name,
        address: family === AF_INET6 ? [...address, 0, 0] : address,
        claim: claim({ host: address[0], port: address[1], shared: reusePort }),
      };
    } catch (error) {
      if (port !== 0 || attempt === ATTEMPTS) throw error;
    }
  }
}

function probe(
  family: number,
  hostname: string,
  port: number,
  reusePort: boolean,
): [name: string, host: string, port: number] {
  const listener = open({ hostname, port, reusePort });
  const addr = listener.addr as Deno.NetAddr;
  listener.close();
  if (addr.hostname.includes(":") === (family === AF_INET6)) {
    return [hostname, addr.hostname, addr.port];
  }
  // Deno takes the first address that the name has, of whatever family.
  if (hostname === "localhost") {
    const literal = family === AF_INET6 ? "::1" : "127.0.0.1";
    return probe(family, literal, port, reusePort);
  }
  throw new gaierror(
    EAI_ADDRFAMILY,
    "Address family for hostname not supported",
  );
}

/** Listens where a stream is bound, which ends its claim. */
export function listen(
  { hostname, address, claim }: Binding,
  backlog: number,
  reusePort: boolean,
): Deno.Listener {
  const listener = open({
    hostname,
    port: address[1] as number,
    reusePort,
    tcpBacklog: Math.max(0, Math.min(backlog, 0x7fffffff)),
  });
  release(claim);
  return listener;
}

function open(
  options: Deno.TcpListenOptions & { reusePort: boolean },
): Deno.Listener {
  try {
    return Deno.listen(options);
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new OSError(errno.EADDRNOTAVAIL, undefined, { cause });
    }
    throw oserror(cause);
  }
}
