/**
 * Sockets that are bound.
 *
 * @module
 */

import { socket } from "../mod.ts";
import { testIf } from "./cases.ts";

/** From a block for documentation: no machine has it. */
export const FOREIGN = "203.0.113.1";

/** An IPv4 address, or the front of an IPv6 one. */
export type Inet = [host: string, port: number];

/** A socket that is bound, of the family that the host is of. */
export function bound(host = "127.0.0.1", port = 0): socket.Socket {
  const s = socket.socket(
    host.includes(":") ? socket.AF_INET6 : socket.AF_INET,
  );
  try {
    s.bind([host, port]);
    return s;
  } catch (error) {
    s.close();
    throw error;
  }
}

/**
 * An address without a listener, at which no socket can listen either: it is
 * that of a connection. A socket that is only bound holds no system port.
 */
export async function nobody(): Promise<Disposable & { address: Inet }> {
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const client = await Deno.connect({ port: server.addr.port });
  const conn = await server.accept();
  const { hostname, port } = client.localAddr as Deno.NetAddr;
  return {
    address: [hostname, port],
    [Symbol.dispose]() {
      client.close();
      conn.close();
    },
  };
}

/** Whether this machine has IPv6. */
export const hasIPv6 = (() => {
  try {
    bound("::1").close();
    return true;
  } catch {
    console.warn("No IPv6 here: the tests of it are ignored.");
    return false;
  }
})();

/** A test that needs IPv6. */
export function testIPv6(name: string, fn: () => void | Promise<void>): void {
  testIf(hasIPv6, name, fn);
}
