/**
 * A socket of the kernel's.
 *
 * Each operation is the system call, tried at once. One that would have to wait
 * returns `undefined`, and the poller wakes its watches.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import {
  AF_UNIX,
  SO_ACCEPTCONN,
  SO_DOMAIN,
  SO_ERROR,
  SO_PROTOCOL,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOL_SOCKET,
} from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { addressFamily } from "../../names/families.ts";
import { toInternet } from "../../names/numeric.ts";
import { POLLIN, POLLRDHUP } from "../../reactor/events.ts";
import type {
  Accepted,
  Carrier,
  ControlMessage,
  Departure,
  Endpoint,
  Leftovers,
  Message,
  OpenFile,
  Snapshot,
  SocketAddress,
} from "../transport.ts";
import {
  close,
  duplicate,
  isInheritable,
  open,
  setInheritable,
} from "./descriptor.ts";
import { Front } from "./front.ts";
import { depart } from "./handover.ts";
import { check, interrupted, lastErrno, libc } from "./libc.ts";
import { resolveNow } from "./lookup.ts";
import { getOption, setOption } from "./options.ts";
import { marks, self } from "./owners.ts";
import {
  checkAnyPort,
  checkBind,
  checkConnect,
  checkSocket,
  isInternet,
} from "./permissions.ts";
import { PolledSocket } from "./polled.ts";
import { Receiver } from "./receiver.ts";
import { holds } from "./registrations.ts";
import { Sender } from "./sender.ts";
import { AddressBuffer, sockaddr } from "./sockaddr.ts";

const F_GETFL = 3;
const F_SETFL = 4;
/** Flags of all new sockets. */
const FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC;

const peer = new AddressBuffer();

/** A socket of the kernel's. */
export class NativeEndpoint extends PolledSocket implements Endpoint {
  readonly #receiver: Receiver;
  readonly #sender: Sender;
  #connecting = false;

  /**
   * Takes over an open descriptor that doesn't block.
   *
   * @param front Bytes that come before those that the kernel has.
   */
  constructor(
    fd: number,
    family: number,
    type: number,
    proto: number,
    front: Front = new Front(),
  ) {
    super(fd, family, type, proto);
    this.#receiver = new Receiver(this, front);
    this.#sender = new Sender(this);
  }

  /** A new socket. */
  static create(family: number, type: number, proto: number): NativeEndpoint {
    checkSocket(family, type, proto);
    const fd = open(() => libc.socket(family, type | FLAGS, proto));
    return new NativeEndpoint(fd, family, type, proto);
  }

  /** Two sockets that are connected to each other. */
  static pair(
    family: number,
    type: number,
    proto: number,
  ): [NativeEndpoint, NativeEndpoint] {
    checkSocket(family, type, proto);
    const fds = new Int32Array(2);
    check(() => {
      const result = libc.socketpair(family, type | FLAGS, proto, fds);
      if (result === 0) marks[fds[0]!] = marks[fds[1]!] = self;
      return result;
    });
    let first: NativeEndpoint | undefined;
    try {
      first = new NativeEndpoint(fds[0]!, family, type, proto);
    } finally {
      if (!first) close(fds[1]!);
    }
    try {
      return [first, new NativeEndpoint(fds[1]!, family, type, proto)];
    } catch (error) {
      first.close();
      throw error;
    }
  }

  /** Takes over a descriptor that was opened elsewhere. */
  static adopt(fd: number): NativeEndpoint {
    const option = (name: number) => getOption(fd, SOL_SOCKET, name);
    const parts = [SO_DOMAIN, SO_TYPE, SO_PROTOCOL].map(option);
    const flags = check(() => libc.fcntl(fd, F_GETFL, 0));
    check(() => libc.fcntl(fd, F_SETFL, flags | SOCK_NONBLOCK));
    const [family, type, proto] = parts as [number, number, number];
    // What is refused stays somebody else's.
    marks[fd] = self;
    return new NativeEndpoint(fd, family, type, proto);
  }

  /** A second descriptor of the same socket. */
  dup(): NativeEndpoint {
    this.check();
    const fd = duplicate(this.fd);
    const { family, type, proto } = this;
    const { front } = this.#receiver;
    const copy = new NativeEndpoint(fd, family, type, proto, front);
    copy.shared = this.shared = true;
    holds(copy);
    return copy;
  }

  get inheritable(): boolean {
    this.check();
    return isInheritable(this.fd);
  }

  set inheritable(inheritable: boolean) {
    this.check();
    setInheritable(this.fd, inheritable);
  }

  // Readiness

  get held(): number {
    return this.#receiver.held;
  }

  protected get queued(): boolean {
    return !this.#receiver.empty || !this.#sender.idle;
  }

  protected serve(events: number): void {
    this.#receiver.serve();
    if (events & ~POLLIN) this.#sender.serve();
  }

  // Connections

  bind(address: SocketAddress): void {
    this.check();
    const { found, name } = resolveNow(this, address);
    checkBind(this.family, found, name);
    const own = sockaddr(this.family, found);
    check(() => libc.bind(this.fd, own, own.length));
  }

  listen(backlog: number): void {
    this.check();
    const { family } = this;
    if (isInternet(family) && toInternet(this.getsockname())[1] === 0) {
      checkAnyPort(family);
    }
    check(() => libc.listen(this.fd, backlog));
  }

  accept(): Accepted | undefined {
    this.check();
    const returned = this.#receiver.accept();
    if (returned) return returned;
    if (!this.admit()) return undefined;
    const { bytes, length } = peer.reset();
    let fd;
    do {
      fd = libc.accept4(this.fd, bytes, length, FLAGS);
    } while (interrupted(fd));
    if (fd < 0) return this.#refused();
    marks[fd] = self;
    const { family, type, proto } = this;
    return {
      address: this.#address(),
      endpoint: new NativeEndpoint(fd, family, type, proto),
    };
  }

  /** Raises the error of an `accept()`, unless that only has to wait. */
  #refused(): undefined {
    const code = lastErrno();
    // That an AF_UNIX listener was shut down, the kernel tells only a call that
    // waits within it.
    const over = code === errno.EAGAIN && this.family === AF_UNIX &&
      (this.readiness & POLLRDHUP) !== 0;
    return this.failed(over ? errno.EINVAL : code);
  }

  connect(address: SocketAddress, name?: string): boolean {
    this.check();
    const { found } = resolveNow(this, address);
    checkConnect(this.family, found, name);
    const to = sockaddr(this.family, found);
    const connected = libc.connect(this.fd, to, to.length) === 0;
    const code = connected ? 0 : lastErrno();
    this.#connecting = code === errno.EINPROGRESS || code === errno.EALREADY;
    if (connected) return true;
    if (code === errno.EINPROGRESS) return false;
    throw new OSError(code);
  }

  // Receiving

  receive(count: number): Promise<Uint8Array<ArrayBuffer>> | undefined {
    return this.#receiver.receive(count);
  }

  read(buffer: Uint8Array<ArrayBuffer>): Promise<number> | undefined {
    return this.#receiver.read(buffer);
  }

  recv(count: number, flags: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#receiver.recv(count, flags);
  }

  recvInto(buffer: Uint8Array<ArrayBuffer>, flags: number): number | undefined {
    return this.#receiver.recvInto(buffer, flags);
  }

  putBack(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.closed && bytes.length > 0) this.#receiver.putBack(bytes);
  }

  receiveMessage(
    count: number,
    flags: number,
    controlSize = 0,
  ): Message | undefined {
    return this.#receiver.receiveMessage(count, flags, controlSize);
  }

  // Sending

  write(data: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    return this.#sender.write(data);
  }

  send(data: Uint8Array<ArrayBuffer>, flags: number): number | undefined {
    return this.#sender.send(data, flags);
  }

  sendMessage(
    data: Uint8Array<ArrayBuffer>,
    flags: number,
    address: SocketAddress | null,
    ancillary?: readonly ControlMessage[],
  ): number | undefined {
    return this.#sender.sendMessage(data, flags, address, ancillary);
  }

  flush(): Promise<void> | undefined {
    return this.pace();
  }

  openFile(file: Deno.FsFile): OpenFile | null {
    return this.#sender.openFile(file);
  }

  // The end

  shutdown(how: number): void {
    this.check();
    check(() => libc.shutdown(this.fd, how));
    // That the way out of AF_UNIX was closed, the kernel tells the calls that
    // wait within it, but it reports no event.
    this.ending = true;
    this.retry();
  }

  close(): void {
    if (this.closed) return;
    this.#receiver.close();
    // What is owed closes the descriptor behind itself, maybe at once.
    const { owes } = this.#sender;
    this.end();
    if (!owes) this.finish();
  }

  depart(fd: number, { peer }: Carrier): Departure | null {
    if (this.#sender.owes || this.#receiver.isReturned) return null;
    return depart(this, fd, this.#receiver.front, peer);
  }

  // Names and options

  takeError(): Error | null {
    const error = this.#receiver.takeError();
    if (error) return error;
    const code = this.getsockopt(SOL_SOCKET, SO_ERROR, 0) as number;
    return code === 0 ? null : new OSError(code);
  }

  getsockname(): SocketAddress {
    this.check();
    check(() => libc.getsockname(this.fd, peer.bytes, peer.reset().length));
    return this.#address();
  }

  getpeername(): SocketAddress {
    this.check();
    check(() => libc.getpeername(this.fd, peer.bytes, peer.reset().length));
    return this.#address();
  }

  /** The address that the last call filled in. */
  #address(): SocketAddress {
    return peer.address ?? addressFamily(this.family).unbound;
  }

  getsockopt(
    level: number,
    name: number,
    size: number,
  ): number | Uint8Array<ArrayBuffer> {
    this.check();
    // SO_ERROR takes the error away.
    this.outdate();
    return getOption(this.fd, level, name, size);
  }

  setsockopt(
    level: number,
    name: number,
    value: number | Uint8Array<ArrayBuffer>,
  ): void {
    this.check();
    this.outdate();
    setOption(this.fd, level, name, value);
  }

  // Other threads

  snapshot(): Snapshot {
    const listening = this.getsockopt(SOL_SOCKET, SO_ACCEPTCONN, 0) !== 0;
    let peername: SocketAddress | null = null;
    try {
      peername = this.getpeername();
    } catch {
      // It is not connected.
    }
    return {
      phase: listening
        ? "listening"
        : peername !== null
        ? "connected"
        : this.#connecting
        ? "connecting"
        : "new",
      sockname: this.getsockname(),
      peername,
      writeEnded: false,
    };
  }

  resume(leftovers: Leftovers): void {
    this.#receiver.resume(leftovers);
    this.#sender.resume(leftovers.unsent);
    this.putBack(leftovers.bytes);
    this.retry();
    this.demand();
  }
}
