/**
 * The transports that a socket has to behave the same on.
 *
 * @module
 */

import * as socket from "../socket/mod.ts";
import type { Socket } from "../socket/mod.ts";
import { AF_INET, SOCK_STREAM } from "../socket/constants.ts";
import { openDescriptor } from "../socket/descriptors.ts";
import { turn } from "../socket/reactor/turn.ts";
import { transport as installed } from "../socket/transport/default.ts";
import { within } from "../thread/timeout.ts";
import { testIf } from "./cases.ts";
import { memory } from "./memory_transport.ts";
import { relayed, session } from "./relay.ts";

/** A way to come by stream sockets. */
export interface Transport {
  /** Stands in the names of the tests. */
  readonly name: string;
  /** Its sockets are TCP's. */
  readonly tcp?: true;
  /** A new socket. */
  socket(): Socket;
  /** A socket that listens at an address of its own. */
  listener(backlog?: number): Socket;
  /** Two connected sockets, if there is a way without a listener. */
  pair?(): Promise<[Socket, Socket]>;
  /** Bytes wait in so many places, each with its limit; 1 if left out. */
  readonly queues?: number;
  /** Begins before a test's sockets, and ends behind them. */
  session?(): AsyncDisposable;
}

/** Streams within this machine, under names that need no permission to write. */
const unix = {
  socket: () => socket.socket(socket.AF_UNIX),
  listener(backlog?: number): Socket {
    const server = socket.socket(socket.AF_UNIX);
    server.bind(`\0berkeley-${crypto.randomUUID()}`);
    server.listen(backlog);
    return server;
  },
};

/** Whether the native transport is installed, and tested. */
export const native: boolean = installed.name === "native";

const tcp = {
  tcp: true,
  socket: () => socket.socket(),
  listener: (backlog?: number) =>
    socket.create_server(["127.0.0.1", 0], { backlog }),
} as const;

/** The transports over Deno, each with the sockets of one family. */
const overDeno: readonly [Transport, ...Transport[]] = [
  { name: "deno", ...tcp },
  {
    name: "relay",
    tcp: true,
    queues: 2,
    socket: () => relayed(),
    session,
    listener(backlog) {
      const server = relayed();
      server.bind(["127.0.0.1", 0]);
      server.listen(backlog);
      return server;
    },
  },
  { name: "unix", ...unix },
  { name: "socketpair", ...unix, pair: () => socket.socketpair() },
  {
    name: "memory",
    socket: remembered,
    listener(backlog) {
      const server = remembered();
      server.bind(["127.0.0.1", 0]);
      server.listen(backlog);
      return server;
    },
  },
];

/** The transports, each with the sockets of one family. */
export const transports: readonly [Transport, ...Transport[]] = native
  ? [
    { name: "native", ...tcp },
    { name: "native unix", ...unix },
    { name: "native socketpair", ...unix, pair: () => socket.socketpair() },
  ]
  : overDeno;

/** A socket of the transport in memory. */
function remembered(): Socket {
  const endpoint = memory.createEndpoint(AF_INET, SOCK_STREAM, 0);
  return socket.socket(-1, -1, -1, openDescriptor(endpoint));
}

/** Two connected sockets. */
export async function pair(
  transport: Transport,
): Promise<[client: Socket, accepted: Socket]> {
  if (transport.pair) return await transport.pair();
  using server = transport.listener();
  const client = transport.socket();
  await client.connect(server.getsockname());
  const [accepted] = await server.accept();
  return [client, accepted];
}

/** Milliseconds after which what should have ended counts as hanging. */
const PATIENCE = 10_000;

/** The sockets of one test, which are closed when it is over. */
export class Net implements AsyncDisposable {
  readonly #transport: Transport;
  readonly #open = new Set<Socket>();
  #clock: Promise<[Socket, Socket]> | null = null;

  /** Sockets of a transport. */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Its sockets are the kernel's of `AF_UNIX`: their errors may be others. */
  get nativeUnix(): boolean {
    return native && !this.#transport.tcp;
  }

  /** In how many places bytes wait. */
  get queues(): number {
    return this.#transport.queues ?? 1;
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

  /** A new socket with a number that has become free. */
  socketAt(fd: number): Socket {
    const socket = this.socket();
    // The system gives the lowest one first.
    return socket.fileno() < fd ? this.socketAt(fd) : socket;
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
   * Waits until a message has gone there and back on other sockets, so that
   * pending events have been handled.
   */
  async tick(): Promise<void> {
    // The read of a pair within this thread may be taking its turn.
    await turn();
    const [a, b] = await (this.#clock ??= this.#startClock());
    for (let round = 0; round < 3; round++) {
      // The calls wait, so that the transport has to report events.
      const received = [b.recv(4), a.recv(4)];
      await a.sendall("tick");
      await received[0];
      await b.sendall("tock");
      await received[1];
    }
  }

  async #startClock(): Promise<[Socket, Socket]> {
    // Of a pair within this thread, the system knows nothing.
    const { session } = this.#transport;
    return await pair(session ? this.#transport : transports[0]);
  }

  /** Whether a promise settles, if that takes long on a busy machine too. */
  async ends(promise: Promise<unknown>): Promise<boolean> {
    let ends = false;
    const settle = () => void (ends = true);
    await within(promise.then(settle, settle), PATIENCE);
    return ends;
  }

  /** Whether a promise still waits after a {@linkcode tick}. */
  async waits(promise: Promise<unknown>): Promise<boolean> {
    let waits = true;
    const settle = () => waits = false;
    promise.then(settle, settle);
    await this.tick();
    return waits;
  }

  /**
   * Closes all sockets. A closed one may still be sending, until it hears that
   * its peer is closed too, which is before the clock has ticked.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.close();
    await this.tick();
    for (const socket of await this.#clock!) socket.close();
    // A pair's own read may still be taking its turn.
    await turn();
  }
}

type Body = (net: Net) => void | Promise<void>;

/** A test of a socket's behaviour, on every transport, unless it is ignored. */
export function testEach(name: string, fn: Body, options = {}): void {
  testOn(transports, name, fn, options);
}

/** The same, for the limits of Deno or the queues over it. */
export function testOverDeno(name: string, fn: Body, options = {}): void {
  const over = transports.filter(({ name }) => name !== "memory");
  testOn(native ? [] : over, name, fn, options);
}

/** The same, on Deno's sockets in this thread, which queue bytes behind a call that waits. */
export function testQueued(name: string, fn: Body, options = {}): void {
  const queued = transports.filter(({ name, session }) =>
    name !== "memory" && !session && !native
  );
  testOn(queued, name, fn, options);
}

/** The same, for behaviour of TCP alone. */
export function testTcp(name: string, fn: Body, options = {}): void {
  testOn(transports.filter(({ tcp }) => tcp), name, fn, options);
}

function testOn(
  transports: readonly Transport[],
  name: string,
  fn: Body,
  { ignore = false },
): void {
  for (const transport of transports) {
    testIf(!ignore, `${name} (${transport.name})`, async () => {
      await using _session = transport.session?.();
      await using net = new Net(transport);
      try {
        await fn(net);
      } catch (error) {
        // Rejections of abandoned calls would hide why it failed.
        addEventListener(
          "unhandledrejection",
          (event) => event.preventDefault(),
        );
        throw error;
      }
    });
  }
}
