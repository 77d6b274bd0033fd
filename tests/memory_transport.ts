/**
 * A transport over a system in memory. At times its readiness is wrong.
 *
 * @module
 */

import * as errno from "../errno.ts";
import * as c from "../socket/constants.ts";
import { hold, release } from "../socket/reactor/alive.ts";
import type { Transport } from "../socket/transport/default.ts";
import { POLLIN, POLLNVAL } from "../socket/reactor/events.ts";
import type { Watch } from "../socket/reactor/readiness.ts";
import { POLLALWAYS } from "../socket/reactor/watchers.ts";
import type * as t from "../socket/transport/transport.ts";
import * as system from "./memory_system.ts";

export class MemoryEndpoint implements t.Endpoint {
  readonly #shared: system.MemorySocket;
  readonly #watches = new Set<Watch>();
  readonly #wake = (events: number) => this.#notify(events);
  readonly family: number;
  readonly type: number;
  readonly proto = 0;
  /** Every so many promises are wrong. */
  lies = 3;
  #closed = false;
  #armed = true;
  #woken = false;
  #wakes = 0;
  #late = false;

  constructor(it: system.MemorySocket, readonly fd: number = system.open(it)) {
    this.#shared = it;
    this.family = it.family;
    this.type = it.type;
  }

  static pair(type: number = c.SOCK_STREAM): [MemoryEndpoint, MemoryEndpoint] {
    const [a, b] = system.MemorySocket.pair(type);
    return [new MemoryEndpoint(a), new MemoryEndpoint(b)];
  }

  get #socket(): system.MemorySocket {
    return this.#closed ? system.fail(errno.EBADF) : this.#shared;
  }

  get readiness(): number {
    return this.#closed ? POLLNVAL : this.#shared.readiness;
  }

  get busy(): boolean {
    return [...this.#watches].some(({ lasting }) => !lasting);
  }

  watch(watch: Watch): void {
    if (this.#closed) return;
    if (!watch.lasting && !this.#watches.has(watch)) hold();
    this.#watches.add(watch);
    this.#shared.listeners.add(this.#wake);
    // A call that waits is woken in vain once after each event.
    if (this.#armed) queueMicrotask(() => this.#notify(POLLIN, true));
    this.#armed = false;
  }

  unwatch(watch: Watch): void {
    if (this.#watches.delete(watch) && !watch.lasting) release();
    if (this.#watches.size === 0) this.#shared.listeners.delete(this.#wake);
  }

  #notify(events: number, inVain = false): void {
    if (!inVain) this.#armed = this.#woken = true;
    for (const watch of [...this.#watches]) {
      const wanted = (watch.events | POLLALWAYS) & events;
      if (wanted && !(inVain && watch.edge)) watch.wake();
    }
  }

  /** Whether another holder of the descriptor was faster than a woken call. */
  #isLate(): boolean {
    const woken = this.#woken;
    this.#woken = false;
    if (!woken || ++this.#wakes % this.lies > 0) return this.#late;
    this.#late = true;
    queueMicrotask(() => {
      this.#late = false;
      this.#notify(POLLIN, true);
    });
    return true;
  }

  bind = (address: t.SocketAddress) => this.#socket.bind(address);
  listen = (backlog: number) => this.#socket.listen(backlog);
  connect = (address: t.SocketAddress) => this.#socket.connect(address);
  shutdown = (how: number) => this.#socket.shutdown(how);
  takeError = () => this.#socket.takeError();
  getsockname = () => this.#socket.name;
  getpeername = () => this.#socket.peername ?? system.fail(errno.ENOTCONN);
  getsockopt = (at: number, name: number) => this.#socket.getsockopt(at, name);
  setsockopt = (level: number, name: number, value: number | system.Data) =>
    this.#socket.setsockopt(level, name, value);
  snapshot = () => this.#socket.snapshot();
  resume = (left: t.Leftovers) => this.#socket.resume(left);
  putBack = (data: system.Data) => this.#socket.putBack(data);
  dup = () => new MemoryEndpoint(this.#socket);
  recv = (n: number, flags: number) => this.receiveMessage(n, flags)?.data;
  sendMessage = (
    data: system.Data,
    _flags: number,
    address: t.SocketAddress | null,
    ancillary: readonly t.ControlMessage[] = [],
  ) => this.#socket.send(data, address, ancillary);
  send = (data: system.Data, flags: number) =>
    this.sendMessage(data, flags, null);

  accept(): t.Accepted | undefined {
    const socket = this.#socket.accept(this.#isLate());
    if (!socket) return undefined;
    return { endpoint: new MemoryEndpoint(socket), address: socket.peername! };
  }

  recvInto(buffer: system.Data, flags: number): number | undefined {
    const data = this.recv(buffer.length, flags);
    if (data) buffer.set(data);
    return data?.length;
  }

  receiveMessage(count: number, flags: number, controlSize = 0) {
    const message = this.#socket.look(count, flags, controlSize);
    if (!message || message.end) return message;
    if (this.#isLate()) return undefined;
    if (!(flags & c.MSG_PEEK)) this.#socket.skip(message.data.length);
    return message;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    system.close(this.fd);
    this.#notify(POLLNVAL);
    this.#watches.forEach((watch) => this.unwatch(watch));
  }
}

/** The transport, to be installed. */
export const memory: Transport = {
  name: "memory",
  createEndpoint: (family, type) =>
    new MemoryEndpoint(new system.MemorySocket(family, type)),
  createPair: (_, type) => MemoryEndpoint.pair(type),
  descriptors: {
    adopt: (fd) => new MemoryEndpoint(system.socketOf(fd), fd),
    dup: (fd) => system.open(system.socketOf(fd)),
    close: system.close,
  },
};
