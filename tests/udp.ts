/**
 * UDP sockets for the tests.
 *
 * @module
 */

import { socket } from "../mod.ts";

/** An IPv4 address, or the front of an IPv6 one. */
export type Inet = [host: string, port: number];

/** The UDP sockets of one test, which are closed when it is over. */
export class Udp implements Disposable {
  readonly #open = new DisposableStack();
  #clock: Promise<[socket.Socket, socket.Socket]> | null = null;

  /** A UDP socket without an address. */
  unbound(family = socket.AF_INET): socket.Socket {
    return this.#open.use(socket.socket(family, socket.SOCK_DGRAM));
  }

  /** One with an address, of the family that the host is of. */
  bound(host = "127.0.0.1", port = 0): socket.Socket {
    const family = host.includes(":") ? socket.AF_INET6 : socket.AF_INET;
    const s = this.unbound(family);
    s.bind([host, port]);
    return s;
  }

  /** Two that are connected to each other. */
  async pair(host?: string): Promise<[socket.Socket, socket.Socket]> {
    const a = this.bound(host);
    const b = this.bound(host);
    await a.connect(b.getsockname());
    await b.connect(a.getsockname());
    return [a, b];
  }

  /**
   * Waits until datagrams have gone there and back on other sockets, so that
   * earlier datagrams have arrived.
   */
  async tick(): Promise<void> {
    const [a, b] = await (this.#clock ??= this.pair());
    for (let round = 0; round < 50; round++) {
      await a.send("tick");
      await b.recv(4);
      await b.send("tock");
      await a.recv(4);
    }
  }

  /** Closes them. */
  [Symbol.dispose](): void {
    this.#open.dispose();
  }
}

/** The port of a socket. */
export function portOf(s: socket.Socket): number {
  return s.getsockname()[1] as number;
}
