/**
 * A transport without Deno: sockets of a system in memory.
 *
 * It reports readiness, and completes nothing. Every now and then it is wrong:
 * it wakes calls in vain, and another holder of a descriptor is faster.
 *
 * @module
 */

import * as errno from "../errno.ts";
import * as c from "../socket/constants.ts";
import { hold, release } from "../socket/reactor/alive.ts";
import type { Transport } from "../socket/transport/default.ts";
import * as t from "../socket/transport/transport.ts";
import * as system from "./memory_system.ts";
import { type Data, fail, MemorySocket } from "./memory_system.ts";

const NOTHING = { data: new Uint8Array(0), address: null, flags: 0 };
/** An endpoint with a descriptor. */
export class MemoryEndpoint implements t.Endpoint {
  readonly #shared: MemorySocket;
  readonly #watches = new Set<t.Watch>();
  readonly #wake = (events: number) => this.#notify(events, false);
  readonly family: number;
  readonly type: number;
  readonly proto = 0;
  readonly fd: number;
  /** Every so many promises are wrong. */
  lies = 3;
  #closed = false;
  /** Calls that wait were not yet woken in vain since something happened. */
  #armed = true;
  #woken = false;
  #wakes = 0;
  /** For a moment, another holder has taken everything. */
  #late = false;

  constructor(socket: MemorySocket, fd: number = system.open(socket)) {
    this.#shared = socket;
    this.family = socket.family;
    this.type = socket.type;
    this.fd = fd;
  }

  static pair(type: number = c.SOCK_STREAM): [MemoryEndpoint, MemoryEndpoint] {
    const [a, b] = [type, type].map((it) => new MemorySocket(c.AF_UNIX, it));
    a!.meet(b!);
    b!.meet(a!);
    return [new MemoryEndpoint(a!), new MemoryEndpoint(b!)];
  }

  get #socket(): MemorySocket {
    return this.#closed ? fail(errno.EBADF) : this.#shared;
  }

  get readiness(): number {
    return this.#closed ? t.POLLNVAL : this.#shared.readiness;
  }

  get busy(): boolean {
    return [...this.#watches].some(({ lasting }) => !lasting);
  }

  watch(watch: t.Watch): void {
    if (this.#closed) return;
    if (!watch.lasting && !this.#watches.has(watch)) hold();
    this.#watches.add(watch);
    this.#shared.listeners.add(this.#wake);
    if (watch.lasting || !this.#armed) return;
    this.#armed = false;
    queueMicrotask(() => this.#notify(t.POLLIN, true));
  }

  unwatch(watch: t.Watch): void {
    if (this.#watches.delete(watch) && !watch.lasting) release();
    if (this.#watches.size === 0) this.#shared.listeners.delete(this.#wake);
  }

  #notify(events: number, inVain: boolean): void {
    if (!inVain) this.#armed = this.#woken = true;
    for (const watch of [...this.#watches]) {
      const wanted = (watch.events | t.POLLALWAYS) & events;
      if (wanted && !(inVain && watch.edge)) watch.wake();
    }
  }

  /** Whether another holder of the descriptor was faster than who was woken. */
  #isLate(): boolean {
    const woken = this.#woken;
    this.#woken = false;
    if (!woken || ++this.#wakes % this.lies > 0) return this.#late;
    this.#late = true;
    queueMicrotask(() => {
      this.#late = false;
      this.#notify(t.POLLIN, true);
    });
    return true;
  }

  bind = (address: t.SocketAddress) => this.#socket.bind(address);
  listen = (backlog: number) => this.#socket.listen(backlog);
  connect = (address: t.SocketAddress) => this.#socket.connect(address);
  shutdown = (how: number) => this.#socket.shutdown(how);
  takeError = () => this.#socket.takeError();
  getsockname = () => this.#socket.name;
  getpeername = () => this.#socket.peername ?? fail(errno.ENOTCONN);
  getsockopt = (level: number, name: number) =>
    this.#socket.getsockopt(level, name);
  resume = (left: t.Leftovers) => this.#socket.resume(left);
  putBack = (data: Data) => this.#socket.putBack(data);
  dup = () => new MemoryEndpoint(this.#socket);
  recv = (count: number, flags: number) =>
    this.receiveMessage(count, flags)?.data;
  send = (data: Data, flags: number) => this.sendMessage(data, flags, null);

  accept(): t.Accepted | undefined {
    if (this.#socket.phase !== "listening") fail(errno.EINVAL);
    const socket = this.#isLate() ? undefined : this.#socket.waiting.shift();
    if (!socket) return undefined;
    return { endpoint: new MemoryEndpoint(socket), address: socket.peername! };
  }

  recvInto(buffer: Data, flags: number): number | undefined {
    const data = this.recv(buffer.length, flags);
    if (data) buffer.set(data);
    return data?.length;
  }

  receiveMessage(count: number, flags: number, controlSize = 0) {
    const socket = this.#socket;
    if (socket.phase === "connecting") return undefined;
    const usable = socket.phase === "connected" || t.isConnectionless(this);
    if (!usable && !socket.error) fail(errno.ENOTCONN);
    const message = socket.look(count, controlSize);
    if (!message) {
      if (socket.error) throw this.takeError();
      return socket.readEnded ? { ...NOTHING, end: true as const } : undefined;
    }
    const { length } = message.data;
    const short = length < count && socket.expects(length);
    if (short && flags & c.MSG_WAITALL || this.#isLate()) return undefined;
    if (!(flags & c.MSG_PEEK)) socket.skip(length);
    return message;
  }

  sendMessage(
    data: Data,
    _flags: number,
    address: t.SocketAddress | null,
    ancillary: readonly t.ControlMessage[] = [],
  ): number | undefined {
    return this.#socket.send(data, address, ancillary);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    system.close(this.fd);
    this.#notify(t.POLLNVAL, false);
    this.#watches.forEach((watch) => this.unwatch(watch));
  }

  setsockopt(level: number, name: number, value: number | Data): void {
    this.#socket.options.set(`${level},${name}`, value);
    this.#notify(this.readiness, true);
  }

  snapshot(): t.Snapshot {
    const { phase, name, peername, writeEnded } = this.#socket;
    return { phase, sockname: name, peername, writeEnded };
  }
}

/** The transport, to be installed. */
export const memory: Transport = {
  createEndpoint: (family, type) =>
    new MemoryEndpoint(new MemorySocket(family, type)),
  createPair: (_, type) => MemoryEndpoint.pair(type),
  adopt: (fd) => new MemoryEndpoint(system.socketOf(fd), fd),
};
