/**
 * The transports that a socket has to behave the same on.
 *
 * @module
 */

import * as socket from "../socket/mod.ts";
import type { Socket } from "../socket/mod.ts";
import { testIf } from "./cases.ts";

/** A way to come by stream sockets. */
export interface Transport {
  /** What the tests on it are called after. */
  readonly name: string;
  /** A new socket. */
  socket(): Socket;
  /** A socket that listens at an address of its own. */
  listener(backlog?: number): Socket;
}

/** The transports, each with the sockets of one family. */
export const transports: readonly Transport[] = [
  {
    name: "deno",
    socket: () => socket.socket(),
    listener: (backlog) => socket.create_server(["127.0.0.1", 0], { backlog }),
  },
];

/** Two connected sockets. */
export async function pair(
  transport: Transport,
): Promise<[client: Socket, accepted: Socket]> {
  using server = transport.listener();
  const client = transport.socket();
  await client.connect(server.getsockname());
  const [accepted] = await server.accept();
  return [client, accepted];
}

/** The sockets of one test, which are closed when it is over. */
export class Net implements Disposable {
  readonly #transport: Transport;
  readonly #open = new Set<Socket>();
  #clock: Promise<[Socket, Socket]> | null = null;

  /** Sockets of a transport. */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Has a socket closed in the end. */
  track(socket: Socket): Socket {
    this.#open.add(socket);
    return socket;
  }

  /** A new socket. */
  socket(): Socket {
    return this.track(this.#transport.socket());
  }

  /** A socket that listens. */
  listener(backlog?: number): Socket {
    return this.track(this.#transport.listener(backlog));
  }

  /** Two connected sockets. */
  async pair(): Promise<[client: Socket, accepted: Socket]> {
    const sockets = await pair(this.#transport);
    sockets.forEach((socket) => this.track(socket));
    return sockets;
  }

  /** The next client of a listener. */
  async accept(listener: Socket): Promise<Socket> {
    const [accepted] = await listener.accept();
    return this.track(accepted);
  }

  /**
   * Waits until a message has gone there and back on other sockets: what
   * could happen meanwhile has happened.
   */
  async tick(): Promise<void> {
    const [a, b] = await (this.#clock ??= this.pair());
    for (let round = 0; round < 3; round++) {
      await a.sendall("tick");
      await b.recv(4);
      await b.sendall("tock");
      await a.recv(4);
    }
  }

  /** Whether a promise still waits after a {@linkcode tick}. */
  async waits(promise: Promise<unknown>): Promise<boolean> {
    let waits = true;
    const settle = () => waits = false;
    promise.then(settle, settle);
    await this.tick();
    return waits;
  }

  /** Closes all sockets. */
  [Symbol.dispose](): void {
    for (const socket of this.#open) socket.close();
  }
}

/** A test of what a socket does, on every transport, unless it is ignored. */
export function testEach(
  name: string,
  fn: (net: Net) => void | Promise<void>,
  { ignore = false } = {},
): void {
  for (const transport of transports) {
    testIf(!ignore, `${name} (${transport.name})`, async () => {
      using net = new Net(transport);
      try {
        await fn(net);
      } catch (error) {
        // Calls that nobody waits for any more would hide why it failed.
        addEventListener(
          "unhandledrejection",
          (event) => event.preventDefault(),
        );
        throw error;
      }
    });
  }
}
