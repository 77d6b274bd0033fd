/**
 * The socket class: its methods and their meaning. The implementation is
 * in modules for each group of methods, which work on a {@linkcode Handle}.
 *
 * This file is long because each method has its documentation here.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { algMessages, type AlgOptions } from "./afalg.ts";
import { int } from "./arguments.ts";
import { begin } from "./bootstrap.ts";
import { view } from "./bytes.ts";
import { connect } from "./connect.ts";
import { SHUT_RDWR, SOMAXCONN } from "./constants.ts";
import { dupDescriptor, openDescriptor, sharesOf } from "./descriptors.ts";
import { gaierror, OSError, TimeoutError } from "./errors.ts";
import {
  type BinaryFile,
  type BinaryMode,
  type BufferedIO,
  type FileSocket,
  makefile,
  type SocketIO,
  type TextIO,
  type TextMode,
  type TextOptions,
} from "./file/mod.ts";
import { Handle } from "./handle.ts";
import {
  type Movable,
  onArrival,
  type ThreadLink,
  transfer,
  type TransferRecord,
} from "./link/transfer.ts";
import type { Address, AddressLike } from "./names/address.ts";
import { addressFamily, formatAddress } from "./names/families.ts";
import { getsockopt, setsockopt } from "./options.ts";
import { type Pollable, readiness, type Source } from "./reactor/readiness.ts";
import { perform } from "./reactor/wait.ts";
import {
  type Ancillary,
  details,
  front,
  lengthOf,
  receiveMessage,
  recv,
  recvInto,
} from "./receive.ts";
import { send, sendAll, sendmsg, sendTo } from "./send.ts";
import { type FileLike, sendfile } from "./sendfile.ts";
import { traced } from "./stack.ts";
import { read, readInto, readLine, write } from "./stream.ts";
import { readableStream, writableStream } from "./streams.ts";
import { checkTimeout, getdefaulttimeout } from "./timeouts.ts";
import { POLLIN } from "./reactor/events.ts";
import type { SocketAddress } from "./transport/transport.ts";

/**
 * A Berkeley socket.
 *
 * A method that may have to wait returns a promise; all others act at once.
 * `socket()`, `accept()` and `fromfd()` make sockets.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * using server = socket.create_server(["127.0.0.1", 0]);
 * using client = await socket.create_connection(server.getsockname());
 * const [conn, address] = await server.accept();
 * assertEquals(address, client.getsockname());
 *
 * await client.sendall("Hello, world");
 * assertEquals(new TextDecoder().decode(await conn.recv(1024)), "Hello, world");
 * conn.close();
 * assertEquals(await client.recv(1024), new Uint8Array(0));
 * ```
 *
 * What `socket()` and `create_server()` make with `AF_INET` or `AF_INET6` has
 * addresses of a known type: `const [host, port] = s.getsockname();`. A plain
 * `Socket` may be of any family, and has the type {@linkcode Address}. All are
 * assignable to each other. A method's type argument says what the program knows
 * better: `s.getsockname<string>()`.
 *
 * Follows Python's
 * [socket objects](https://docs.python.org/3/library/socket.html#socket-objects).
 *
 * @typeParam A The type of its addresses.
 * @typeParam S The type of what `recvfrom()` returns for the sender.
 */
// The methods have type parameters of their own so that sockets of all types are
// assignable to each other: a list of servers takes any socket.
export class Socket<
  A extends Address = Address,
  S extends Address | null = A | null,
> implements Disposable, FileSocket, Movable, Pollable {
  /**
   * The address family: `AF_INET`, `AF_INET6` or `AF_UNIX`; with the native
   * transport, any that the kernel has.
   */
  readonly family: number;
  /** The type: `SOCK_STREAM`, `SOCK_DGRAM` or, with the native transport, any. */
  readonly type: number;
  /** The protocol as it was asked for: an `IPPROTO_` number or 0. */
  readonly proto: number;
  readonly #handle: Handle;
  #readable: ReadableStream<Uint8Array<ArrayBuffer>> | null = null;
  #writable: WritableStream<string | BufferSource> | null = null;

  /**
   * Takes over an open descriptor.
   *
   * @param fd A descriptor, from
   * {@linkcode Socket.prototype.detach | detach} or `dup()`.
   * @param timeout The time-out in seconds; the default one if left out.
   * @throws {OSError} `EBADF` if nothing is open under that number.
   */
  constructor(fd: number, timeout: number | null = getdefaulttimeout()) {
    this.#handle = new Handle(fd, timeout);
    const { family, type, proto } = this.#handle.endpoint;
    this.family = family;
    this.type = type;
    this.proto = proto;
  }

  /** The source that `select()` and `poll()` wait for. */
  get [readiness](): Source {
    return this.#handle.endpoint;
  }

  // Descriptors

  /** `true` once the socket is closed or detached. */
  get closed(): boolean {
    return this.#handle.fd === -1;
  }

  /**
   * The descriptor: a small number, unique among the open sockets of this
   * thread; -1 once the socket is closed.
   *
   * Follows Python's
   * [`socket.fileno`](https://docs.python.org/3/library/socket.html#socket.socket.fileno).
   */
  fileno(): number {
    return this.#handle.fd;
  }

  /**
   * Closes the socket. Data already sent is still delivered; calls that wait on
   * the socket, and all later ones, raise `OSError` (`EBADF`). Closing twice
   * does nothing.
   *
   * Follows Python's
   * [`socket.close`](https://docs.python.org/3/library/socket.html#socket.socket.close).
   */
  close(): void {
    this.#handle.close();
  }

  /** {@linkcode Socket.prototype.close | close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Puts the socket out of use without closing its descriptor, and returns the
   * descriptor, which can be given to `fromfd()`, `socket()` or `close()`; -1
   * if the socket was closed.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * const s = socket.socket();
   * const fd = s.detach();
   * assertEquals(s.fileno(), -1);
   * using same = socket.socket(-1, -1, -1, fd);
   * assertEquals(same.fileno(), fd);
   * ```
   *
   * Follows Python's
   * [`socket.detach`](https://docs.python.org/3/library/socket.html#socket.socket.detach).
   */
  detach(): number {
    return this.#handle.detach();
  }

  /**
   * A second socket for the same connection, with a descriptor of its own. The
   * connection is closed when both are.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = await socket.socketpair();
   * const second = a.dup();
   * a.close(); // The connection stays open.
   * await second.sendall("Hello, world");
   * second.close();
   * assertEquals((await b.recv(1024)).length, 12);
   * b.close();
   * ```
   *
   * Follows Python's
   * [`socket.dup`](https://docs.python.org/3/library/socket.html#socket.socket.dup).
   */
  dup(): Socket<A, S> {
    return new Socket(dupDescriptor(this.fileno()), this.timeout);
  }

  /**
   * Whether programs that this one starts get the descriptor too, under the
   * same number; `false` at first.
   *
   * Follows Python's
   * [`socket.get_inheritable`](https://docs.python.org/3/library/socket.html#socket.socket.get_inheritable).
   */
  get_inheritable(): boolean {
    return this.#handle.inheritable;
  }

  /**
   * Sets whether programs that this one starts get the descriptor too. There it
   * doesn't block (`O_NONBLOCK`) until that program says otherwise, which counts
   * for both: `accept()`, `connect()` and `sendfile()` may then hold this one up.
   *
   * ```ts ignore
   * import "@berkeley/socket/native";
   * import { socket } from "@berkeley/socket";
   *
   * using server = socket.create_server(["127.0.0.1", 0]);
   * server.set_inheritable(true);
   * const args = ["server.py", String(server.fileno())];
   * new Deno.Command("python3", { args }).spawn();
   * ```
   *
   * Follows Python's
   * [`socket.set_inheritable`](https://docs.python.org/3/library/socket.html#socket.socket.set_inheritable).
   *
   * @throws {OSError} `EOPNOTSUPP` over Deno, whose sockets are never inherited.
   */
  set_inheritable(inheritable: boolean): void {
    this.#handle.inheritable = Boolean(inheritable);
  }

  /**
   * Gives the socket to another thread, with its mode. It is closed here from
   * then on; `dup()` before keeps a share.
   *
   * @throws {TypeError} If a call waits for it.
   */
  [transfer](link: ThreadLink): TransferRecord {
    const fd = this.fileno();
    if (this.#handle.endpoint.busy && sharesOf(fd) === 1) {
      throw new TypeError("is in use by a call that waits");
    }
    const { message, send, cancel } = link.lend(fd);
    return {
      kind: "socket",
      message: [message, this.timeout],
      send: () => {
        this.detach();
        send();
      },
      cancel,
    };
  }

  static {
    onArrival(
      "socket",
      ([message, timeout]: [unknown, number | null], link) =>
        new Socket(link.borrow(message), timeout),
    );
  }

  // The mode

  /**
   * The time-out in seconds, as
   * {@linkcode Socket.prototype.gettimeout | gettimeout} gives it.
   */
  get timeout(): number | null {
    return this.#handle.timeout;
  }

  /**
   * Sets the mode: `null` lets calls wait, 0 makes them raise
   * `BlockingIOError` instead, a number of seconds (fractions count) makes
   * them raise `TimeoutError` after that time.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertRejects } from "@std/assert";
   *
   * const [a, b] = await socket.socketpair();
   * a.settimeout(0.01);
   * await assertRejects(() => a.recv(1024), socket.TimeoutError);
   * a.settimeout(0);
   * await assertRejects(() => a.recv(1024), socket.BlockingIOError);
   * a.close();
   * b.close();
   * ```
   *
   * Follows Python's
   * [`socket.settimeout`](https://docs.python.org/3/library/socket.html#socket.socket.settimeout).
   *
   * @throws {TypeError} If `timeout` is neither a number nor `null`.
   * @throws {RangeError} If it is negative or not a number of seconds.
   */
  settimeout(timeout: number | null): void {
    const checked = checkTimeout(timeout);
    this.#handle.endpoint; // Raises if the socket is closed.
    this.#handle.timeout = checked;
  }

  /**
   * The time-out in seconds; `null` if the socket is blocking, 0 if it is
   * non-blocking.
   *
   * Follows Python's
   * [`socket.gettimeout`](https://docs.python.org/3/library/socket.html#socket.socket.gettimeout).
   */
  gettimeout(): number | null {
    return this.timeout;
  }

  /**
   * `setblocking(true)` is `settimeout(null)`, `setblocking(false)` is
   * `settimeout(0)`. Numbers count as in Python: 0 is false.
   *
   * Follows Python's
   * [`socket.setblocking`](https://docs.python.org/3/library/socket.html#socket.socket.setblocking).
   */
  setblocking(flag: boolean | number): void {
    this.settimeout(flag ? null : 0);
  }

  /**
   * `false` if the socket is non-blocking.
   *
   * Follows Python's
   * [`socket.getblocking`](https://docs.python.org/3/library/socket.html#socket.socket.getblocking).
   */
  getblocking(): boolean {
    return this.timeout !== 0;
  }

  // Names and options

  /**
   * Gives the socket an address of this machine. Port 0 lets the system choose
   * one, which {@linkcode Socket.prototype.getsockname | getsockname} tells
   * at once.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * using s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
   * s.bind(["127.0.0.1", 0]);
   * const [host, port] = s.getsockname();
   * assertEquals(host, "127.0.0.1");
   * console.log("The system chose port", port);
   * ```
   *
   * Follows Python's
   * [`socket.bind`](https://docs.python.org/3/library/socket.html#socket.socket.bind).
   *
   * @throws {OSError} `EADDRINUSE`, `EADDRNOTAVAIL`, `EINVAL` if the socket has
   * an address, `EACCES` if a permission is missing; `gaierror` if the host has
   * no address of the socket's family.
   */
  bind(address: AddressLike): void {
    const parsed = addressFamily(this.family)
      .parse(address, "bind", this.proto);
    this.#handle.endpoint.bind(parsed.address);
  }

  /**
   * The socket's own address; port 0 if it has none yet.
   *
   * Follows Python's
   * [`socket.getsockname`](https://docs.python.org/3/library/socket.html#socket.socket.getsockname).
   */
  getsockname<Own extends Address = A>(): NoInfer<Own> {
    return this.#format(this.#handle.endpoint.getsockname());
  }

  /**
   * The peer's address.
   *
   * Follows Python's
   * [`socket.getpeername`](https://docs.python.org/3/library/socket.html#socket.socket.getpeername).
   *
   * @throws {OSError} `ENOTCONN` without a connection.
   */
  getpeername<Peer extends Address = A>(): NoInfer<Peer> {
    return this.#format(this.#handle.endpoint.getpeername());
  }

  /** An address as programs see it: its family decides which type it has. */
  #format<Type extends Address | null>(address: SocketAddress | null): Type {
    return formatAddress(this.family, address, this.proto) as Type;
  }

  /**
   * The value of an option, as a number.
   *
   * Follows Python's
   * [`socket.getsockopt`](https://docs.python.org/3/library/socket.html#socket.socket.getsockopt).
   *
   * @param level `SOL_SOCKET` or an `IPPROTO_` number.
   * @param optname An `SO_`, `TCP_`, `IP_` or `IPV6_` number.
   * @throws {OSError} `ENOPROTOOPT` for an option the transport can't read.
   */
  getsockopt(level: number, optname: number): number;
  /**
   * The value of an option, as at most `buflen` bytes (1 to 1024) in the
   * machine's order.
   */
  getsockopt(
    level: number,
    optname: number,
    buflen: number,
  ): Uint8Array<ArrayBuffer>;
  getsockopt(
    level: number,
    optname: number,
    buflen = 0,
  ): number | Uint8Array<ArrayBuffer> {
    return getsockopt(this.#handle, level, optname, buflen);
  }

  /**
   * Sets an option, to a number or to the bytes of a structure. `null` with
   * `optlen` stands for so many zero bytes.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * using s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
   * s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1);
   * assertEquals(s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), 1);
   * ```
   *
   * Follows Python's
   * [`socket.setsockopt`](https://docs.python.org/3/library/socket.html#socket.socket.setsockopt).
   *
   * @throws {OSError} `ENOPROTOOPT` for what the transport can't do, unless the
   * option has that value anyway.
   */
  setsockopt(
    level: number,
    optname: number,
    value: number | boolean | BufferSource,
  ): void;
  /** Sets an option to `optlen` zero bytes. */
  setsockopt(level: number, optname: number, value: null, optlen: number): void;
  setsockopt(
    level: number,
    optname: number,
    value: number | boolean | BufferSource | null,
    optlen?: number,
  ): void {
    setsockopt(this.#handle, level, optname, value, optlen);
  }

  // Servers

  /**
   * Lets clients connect. Without `bind()` the system chooses a port.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   *
   * using server = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
   * server.bind(["127.0.0.1", 0]);
   * server.listen(5);
   * console.log("Listening at", server.getsockname());
   * ```
   *
   * Follows Python's
   * [`socket.listen`](https://docs.python.org/3/library/socket.html#socket.socket.listen).
   *
   * @param backlog How many connections may wait for `accept()`, from 0 to
   * `SOMAXCONN`.
   * @throws {OSError} `EADDRINUSE` if another socket took the port meanwhile,
   * `EINVAL` for a connected socket.
   * @throws {RangeError} If `backlog` doesn't fit in a C `int`.
   */
  listen(backlog: number = Math.min(SOMAXCONN, 128)): void {
    begin("listen");
    this.#handle.endpoint.listen(Math.max(0, int(backlog, "backlog")));
  }

  /**
   * Waits for a client, and returns a socket connected to it and its address.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * using server = socket.create_server(["127.0.0.1", 0]);
   * using client = await socket.create_connection(server.getsockname());
   * const [conn, address] = await server.accept();
   * assertEquals(address, client.getsockname());
   * conn.close();
   * ```
   *
   * Follows Python's
   * [`socket.accept`](https://docs.python.org/3/library/socket.html#socket.socket.accept).
   *
   * @throws {OSError} `EINVAL` if the socket doesn't listen; `BlockingIOError`
   * and `TimeoutError` as the mode has it.
   */
  async accept<Peer extends Address = A>(): Promise<
    [conn: Socket<Peer>, address: NoInfer<Peer>]
  > {
    const { endpoint, timeout } = this.#handle;
    const attempt = () => endpoint.accept();
    const accepted = await perform(endpoint, timeout, POLLIN, attempt);
    return [
      new Socket<Peer>(openDescriptor(accepted.endpoint)),
      this.#format(accepted.address),
    ];
  }

  /**
   * The clients as they come, until the socket is closed:
   * `for await (const [conn, address] of server)`.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   *
   * using server = socket.create_server(["127.0.0.1", 0]);
   * using client = await socket.create_connection(server.getsockname());
   * for await (const [conn, address] of server) {
   *   console.log("Connected by", address);
   *   conn.close();
   *   server.close(); // Ends the loop.
   * }
   * await client.recv(1024);
   * ```
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<
    [conn: Socket<A>, address: Address],
    void,
    void
  > {
    while (!this.closed) {
      let accepted;
      try {
        accepted = await this.accept();
      } catch (error) {
        if (this.closed) return;
        throw error;
      }
      yield accepted;
    }
  }

  // Clients

  /**
   * Connects to a server.
   *
   * In non-blocking mode it raises `BlockingIOError` with `EINPROGRESS`; the
   * socket becomes writable when it is done, and
   * `getsockopt(SOL_SOCKET, SO_ERROR)` tells how.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * using server = socket.create_server(["127.0.0.1", 0]);
   * using s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
   * s.settimeout(5);
   * await s.connect(server.getsockname());
   * assertEquals(s.getpeername(), server.getsockname());
   * ```
   *
   * Follows Python's
   * [`socket.connect`](https://docs.python.org/3/library/socket.html#socket.socket.connect).
   *
   * @throws {OSError} `ConnectionRefusedError` if no socket listens there,
   * `TimeoutError` as the mode has it (connecting goes on), `EISCONN`,
   * `EALREADY`; `gaierror` if the host can't be resolved.
   */
  async connect(address: AddressLike): Promise<void> {
    await connect(this.#handle, address);
  }

  /**
   * `connect()`, but returns the error number, 0 if all went well. A time-out
   * gives `EAGAIN`. What isn't an error of the system (a wrong argument, a host
   * that can't be resolved) is still thrown.
   *
   * ```ts
   * import { errno, socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * using unused = socket.socket();
   * unused.bind(["127.0.0.1", 0]); // It doesn't listen.
   * using s = socket.socket();
   * assertEquals(await s.connect_ex(unused.getsockname()), errno.ECONNREFUSED);
   * ```
   *
   * Follows Python's
   * [`socket.connect_ex`](https://docs.python.org/3/library/socket.html#socket.socket.connect_ex).
   */
  async connect_ex(address: AddressLike): Promise<number> {
    try {
      await this.connect(address);
      return 0;
    } catch (error) {
      if (error instanceof TimeoutError && error.errno === null) {
        return errno.EAGAIN;
      }
      if (!(error instanceof OSError) || error instanceof gaierror) throw error;
      return error.errno ?? errno.EIO;
    }
  }

  /**
   * Closes one way of the connection or both.
   *
   * After `SHUT_WR` the peer finds the end of the stream after the sent data;
   * after `SHUT_RD` this side does. The socket must still be closed.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = await socket.socketpair();
   * await a.sendall("Hello, world");
   * a.shutdown(socket.SHUT_WR); // No more to say, but still listening.
   * assertEquals((await b.read())!.length, 12);
   * await b.sendall("Goodbye");
   * assertEquals((await a.recv(1024)).length, 7);
   * a.close();
   * b.close();
   * ```
   *
   * Follows Python's
   * [`socket.shutdown`](https://docs.python.org/3/library/socket.html#socket.socket.shutdown).
   *
   * @param how `SHUT_RD`, `SHUT_WR` or `SHUT_RDWR`.
   * @throws {OSError} `ENOTCONN` without a connection, `EINVAL` for another `how`.
   * @throws {RangeError} If `how` doesn't fit in a C `int`.
   */
  shutdown(how: number): void {
    const { endpoint } = this.#handle;
    if (int(how, "how") < 0 || how > SHUT_RDWR) {
      throw new OSError(errno.EINVAL);
    }
    endpoint.shutdown(how);
  }

  // Receiving

  /**
   * Receives at most `bufsize` bytes; none at the end of the stream.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = await socket.socketpair();
   * await a.sendall("Hello, world");
   * a.close();
   * const text = new TextDecoder();
   * assertEquals(text.decode(await b.recv(5)), "Hello");
   * assertEquals(text.decode(await b.recv(1024)), ", world");
   * assertEquals((await b.recv(1024)).length, 0); // The end.
   * b.close();
   * ```
   *
   * Follows Python's
   * [`socket.recv`](https://docs.python.org/3/library/socket.html#socket.socket.recv).
   *
   * @param flags `MSG_PEEK` leaves the bytes in place, `MSG_WAITALL` waits for
   * all of them (of a stream), `MSG_DONTWAIT` doesn't wait.
   * @throws {OSError} `ENOTCONN`, `ConnectionResetError`, `EOPNOTSUPP` for
   * other flags; `BlockingIOError` and `TimeoutError` as the mode has it.
   * @throws {RangeError} If `bufsize` is negative.
   */
  recv(bufsize: number, flags = 0): Promise<Uint8Array<ArrayBuffer>> {
    return promise(() => recv(this.#handle, bufsize, flags));
  }

  /**
   * Receives into a buffer of the caller's, and returns how many bytes. The
   * fastest way to receive: no memory is taken for each message.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = await socket.socketpair();
   * await a.sendall("Hello, world");
   * a.close();
   * const buffer = new Uint8Array(1024);
   * const count = await b.recv_into(buffer);
   * assertEquals(new TextDecoder().decode(buffer.subarray(0, count)), "Hello, world");
   * b.close();
   * ```
   *
   * Follows Python's
   * [`socket.recv_into`](https://docs.python.org/3/library/socket.html#socket.socket.recv_into).
   *
   * @param nbytes At most so many bytes; 0 for as many as fit.
   * @param flags As for `recv()`.
   * @throws {RangeError} If `nbytes` is negative or more than fits.
   */
  recv_into(buffer: BufferSource, nbytes = 0, flags = 0): Promise<number> {
    return promise(() => recvInto(this.#handle, buffer, nbytes, flags));
  }

  /**
   * Receives a datagram: at most `bufsize` bytes of it, and its sender (`null`
   * on a stream, unless an `AF_UNIX` peer has a name). The rest of a longer
   * datagram is gone. After `shutdown(SHUT_RD)` the sender is `null`, which the
   * type leaves out for sockets that `socket(AF_INET, SOCK_DGRAM)` made.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * using server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
   * server.bind(["127.0.0.1", 0]);
   * using client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
   * client.bind(["127.0.0.1", 0]);
   * await client.sendto("Hello, world", server.getsockname());
   * server.settimeout(5); // A datagram may get lost.
   * const [data, address] = await server.recvfrom(65536);
   * assertEquals(data.length, 12);
   * assertEquals(address, client.getsockname());
   * ```
   *
   * Follows Python's
   * [`socket.recvfrom`](https://docs.python.org/3/library/socket.html#socket.socket.recvfrom).
   *
   * @param flags `MSG_PEEK`, `MSG_DONTWAIT`.
   * @throws {OSError} `BlockingIOError` and `TimeoutError` as the mode has it.
   * @throws {RangeError} If `bufsize` is negative.
   */
  async recvfrom<Sender extends Address | null = S>(
    bufsize: number,
    flags = 0,
  ): Promise<[data: Uint8Array<ArrayBuffer>, address: NoInfer<Sender>]> {
    const message = await receiveMessage(
      this.#handle,
      bufsize,
      flags,
      "recvfrom",
    );
    return [
      message.data,
      this.#format(message.address),
    ];
  }

  /**
   * {@linkcode Socket.prototype.recvfrom | recvfrom} into a buffer of
   * the caller's: how many bytes, and their sender.
   *
   * Follows Python's
   * [`socket.recvfrom_into`](https://docs.python.org/3/library/socket.html#socket.socket.recvfrom_into).
   *
   * @param nbytes At most so many bytes; 0 for as many as fit.
   * @throws {RangeError} If `nbytes` is negative or more than fits.
   */
  async recvfrom_into<Sender extends Address | null = S>(
    buffer: BufferSource,
    nbytes = 0,
    flags = 0,
  ): Promise<[count: number, address: NoInfer<Sender>]> {
    const caller = "recvfrom_into";
    const target = front(
      buffer,
      nbytes,
      caller,
      "nbytes is greater than the length of the buffer",
    );
    const message = await receiveMessage(
      this.#handle,
      [target],
      flags,
      caller,
    );
    return [
      lengthOf(message),
      this.#format(message.address),
    ];
  }

  /**
   * Receives a message with all that is known of it.
   *
   * Follows Python's
   * [`socket.recvmsg`](https://docs.python.org/3/library/socket.html#socket.socket.recvmsg).
   *
   * Descriptors that come (`SCM_RIGHTS`) are an array of `int`, of four bytes
   * each in the machine's order. They are new ones, which the caller has to close
   * and programs that are started don't get; `recv_fds()` makes numbers of them.
   *
   * @param ancbufsize Room for ancillary data, in bytes: the sum of
   * `CMSG_SPACE()` for each item. What has no room is cut or left out, and the
   * flags have `MSG_CTRUNC`. Over Deno no such data comes.
   * @param flags As for {@linkcode Socket.prototype.recvfrom | recvfrom}.
   * @returns The bytes, the ancillary data, the system's flags, such as
   * `MSG_TRUNC` if there were more bytes than `bufsize`, and the sender.
   * @throws {RangeError} If `bufsize` or `ancbufsize` is negative.
   */
  async recvmsg<Sender extends Address | null = S>(
    bufsize: number,
    ancbufsize = 0,
    flags = 0,
  ): Promise<
    [
      data: Uint8Array<ArrayBuffer>,
      ancdata: Ancillary<Uint8Array<ArrayBuffer>>[],
      msg_flags: number,
      address: NoInfer<Sender>,
    ]
  > {
    const message = await receiveMessage(
      this.#handle,
      bufsize,
      flags,
      "recvmsg",
      ancbufsize,
    );
    return [message.data, ...details(message), this.#format(message.address)];
  }

  /**
   * {@linkcode Socket.prototype.recvmsg | recvmsg} into buffers of the
   * caller's, one after the other; the first part of the result is how many
   * bytes.
   *
   * Follows Python's
   * [`socket.recvmsg_into`](https://docs.python.org/3/library/socket.html#socket.socket.recvmsg_into).
   */
  async recvmsg_into<Sender extends Address | null = S>(
    buffers: Iterable<BufferSource>,
    ancbufsize = 0,
    flags = 0,
  ): Promise<
    [
      count: number,
      ancdata: Ancillary<Uint8Array<ArrayBuffer>>[],
      msg_flags: number,
      address: NoInfer<Sender>,
    ]
  > {
    const message = await receiveMessage(
      this.#handle,
      [...buffers].map((buffer) => view(buffer)),
      flags,
      "recvmsg_into",
      ancbufsize,
    );
    return [
      lengthOf(message),
      ...details(message),
      this.#format(message.address),
    ];
  }

  // Sending

  /**
   * Sends the front of `data`, and returns how many bytes. Text goes out as
   * UTF-8.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = await socket.socketpair();
   * assertEquals(await a.send("Grüße"), 7); // Bytes, not characters.
   * a.close();
   * b.close();
   * ```
   *
   * Follows Python's
   * [`socket.send`](https://docs.python.org/3/library/socket.html#socket.socket.send).
   *
   * @param flags `MSG_DONTWAIT` doesn't wait.
   * @throws {OSError} `BrokenPipeError`, `ConnectionResetError`, `EOPNOTSUPP`
   * for other flags; `BlockingIOError` and `TimeoutError` as the mode has it.
   */
  send(data: string | BufferSource, flags = 0): Promise<number> {
    return promise(() => send(this.#handle, data, flags));
  }

  /**
   * Sends all of `data`. After an error it is unknown how much of it went
   * out. A time-out is meant for the whole of it.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = await socket.socketpair();
   * const sent = a.sendall(new Uint8Array(1_000_000)).then(() => a.close());
   * assertEquals((await b.read())!.length, 1_000_000);
   * await sent;
   * b.close();
   * ```
   *
   * Follows Python's
   * [`socket.sendall`](https://docs.python.org/3/library/socket.html#socket.socket.sendall).
   */
  sendall(data: string | BufferSource, flags = 0): Promise<void> {
    return promise(() => sendAll(this.#handle, data, flags));
  }

  /**
   * Sends a datagram to an address; how many bytes it had.
   *
   * Follows Python's
   * [`socket.sendto`](https://docs.python.org/3/library/socket.html#socket.socket.sendto).
   *
   * @throws {OSError} `EMSGSIZE` for more than 65507 bytes, `ENETUNREACH` if
   * there is no way there, `EACCES` for a broadcast without `SO_BROADCAST` or
   * a missing permission; `gaierror` if the host can't be resolved.
   */
  sendto(data: string | BufferSource, address: AddressLike): Promise<number>;
  /**
   * {@linkcode Socket.prototype.sendto | sendto} with `flags`:
   * `MSG_DONTWAIT`.
   */
  sendto(
    data: string | BufferSource,
    flags: number,
    address: AddressLike,
  ): Promise<number>;
  sendto(
    data: string | BufferSource,
    ...rest: [address: AddressLike] | [flags: number, address: AddressLike]
  ): Promise<number> {
    return sendTo(this.#handle, data, rest);
  }

  /**
   * Sends buffers as one message, to an address if one is given; how many
   * bytes.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = await socket.socketpair();
   * await a.sendmsg(["Hello, ", "world"]);
   * const [data] = await b.recvmsg(1024);
   * assertEquals(new TextDecoder().decode(data), "Hello, world");
   * a.close();
   * b.close();
   * ```
   *
   * Follows Python's
   * [`socket.sendmsg`](https://docs.python.org/3/library/socket.html#socket.socket.sendmsg).
   *
   * @param ancdata Ancillary data: `[level, type, data]` for each item. The data
   * is a structure of the system, such as an `Int32Array` of descriptors for
   * `SOL_SOCKET` and `SCM_RIGHTS`.
   * @throws {OSError} `EOPNOTSUPP` for ancillary data over Deno, which has no
   * access to it; what `sendmsg(2)` raises with the native transport.
   */
  sendmsg(
    buffers: Iterable<string | BufferSource>,
    ancdata: Iterable<Ancillary> = [],
    flags = 0,
    address: AddressLike | null = null,
  ): Promise<number> {
    return sendmsg(this.#handle, buffers, ancdata, flags, address);
  }

  /**
   * Sends data to the kernel's cryptography (`AF_ALG`, with the native
   * transport), and what to do with it.
   *
   * ```ts ignore
   * import { socket } from "@berkeley/socket";
   *
   * const { AF_ALG, ALG_OP_ENCRYPT, ALG_SET_KEY, SOCK_SEQPACKET } = socket;
   * using algorithm = socket.socket(AF_ALG, SOCK_SEQPACKET);
   * algorithm.bind(["skcipher", "cbc(aes)"]);
   * algorithm.setsockopt(socket.SOL_ALG, ALG_SET_KEY, new Uint8Array(16));
   * const [operation] = await algorithm.accept();
   * const iv = new Uint8Array(16);
   * await operation.sendmsg_afalg(["sixteen bytes..."], { op: ALG_OP_ENCRYPT, iv });
   * console.log(await operation.recv(16));
   * operation.close();
   * ```
   *
   * Follows Python's
   * [`socket.sendmsg_afalg`](https://docs.python.org/3/library/socket.html#socket.socket.sendmsg_afalg).
   *
   * @param msg The data, in parts.
   * @returns How many bytes were taken.
   * @throws {OSError} If the socket is of another family (`errno` is `null`),
   * and what `sendmsg()` raises.
   * @throws {TypeError} If `op` is missing, or a number is negative.
   */
  async sendmsg_afalg(
    msg: Iterable<string | BufferSource> = [],
    options: AlgOptions,
  ): Promise<number> {
    const ancdata = algMessages(this.family, options);
    return await this.sendmsg(msg, ancdata, options.flags ?? 0);
  }

  /**
   * Sends a file from `offset` up to its end, or `count` bytes of it, and
   * returns how many bytes that is. Behind them is where the file is
   * afterwards, also if sending failed.
   *
   * With the native transport, the system sends a `Deno.FsFile` by itself
   * (`sendfile(2)`), where it can. Its bytes then don't pass through the program,
   * and closing it meanwhile doesn't stop them.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = await socket.socketpair();
   * using file = await Deno.open("README.md");
   * const count = await a.sendfile(file);
   * a.close();
   * assertEquals((await b.read())!.length, count);
   * b.close();
   * ```
   *
   * Follows Python's
   * [`socket.sendfile`](https://docs.python.org/3/library/socket.html#socket.socket.sendfile).
   *
   * @param file A `Deno.FsFile`, or an object with its reading methods.
   * @throws {RangeError} If `offset` is negative or `count` isn't positive, if
   * the type isn't `SOCK_STREAM`, or the socket is non-blocking.
   * @throws {OSError} What {@linkcode Socket.prototype.send | send} raises, and
   * what the file does.
   */
  sendfile(
    file: FileLike,
    offset = 0,
    count: number | null = null,
  ): Promise<number> {
    return sendfile(this.#handle, file, offset, count);
  }

  // Stream methods

  /**
   * Receives exactly `size` bytes, or everything up to the end of the stream if
   * `size` is left out, `null` or negative. Less comes at the end of the
   * stream, or if a non-blocking socket would have to wait; `null` if nothing
   * has come there.
   *
   * With a time-out it raises `TimeoutError` when so long nothing has come.
   * The bytes that came before then stay to be received, as after every other
   * error.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = await socket.socketpair();
   * await a.write("Hello, world");
   * a.close();
   * assertEquals((await b.read(5))!.length, 5); // Exactly so many.
   * assertEquals((await b.read())!.length, 7); // The rest.
   * b.close();
   * ```
   *
   * Follows MicroPython's
   * [`socket.read`](https://docs.micropython.org/en/latest/library/socket.html#socket.socket.read);
   * CPython's sockets don't have it.
   *
   * @throws {OSError} What {@linkcode Socket.prototype.recv | recv} raises;
   * `EOPNOTSUPP` unless the type is `SOCK_STREAM`.
   */
  read(size: number | null = -1): Promise<Uint8Array<ArrayBuffer> | null> {
    return read(this.#handle, size);
  }

  /**
   * {@linkcode Socket.prototype.read | read} into a buffer of the
   * caller's, which is filled, or its first `nbytes` bytes. Returns how many
   * bytes came; `null` if the socket is non-blocking and nothing has.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = await socket.socketpair();
   * const header = new Uint8Array(4);
   * const received = b.readinto(header); // Waits for all four.
   * await a.write(Uint8Array.of(0, 0));
   * await a.write(Uint8Array.of(1, 0));
   * assertEquals(await received, 4);
   * a.close();
   * b.close();
   * ```
   *
   * Follows MicroPython's
   * [`socket.readinto`](https://docs.micropython.org/en/latest/library/socket.html#socket.socket.readinto);
   * CPython's sockets don't have it.
   *
   * @throws {OSError} What {@linkcode Socket.prototype.read | read}
   * raises.
   * @throws {RangeError} If `nbytes` is negative.
   */
  readinto(
    buffer: BufferSource,
    nbytes: number | null = null,
  ): Promise<number | null> {
    return readInto(this.#handle, buffer, nbytes);
  }

  /**
   * Receives a line with its end, `\n`, and nothing behind it. It has no end at
   * the end of the stream, or if a non-blocking socket would have to wait;
   * `null` if nothing has come there.
   *
   * A time-out is treated as in {@linkcode Socket.prototype.read | read}.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = await socket.socketpair();
   * await a.write("HTTP/1.0 200 OK\r\n\r\n");
   * a.close();
   * const line = await b.readline();
   * assertEquals(new TextDecoder().decode(line!), "HTTP/1.0 200 OK\r\n");
   * b.close();
   * ```
   *
   * Follows MicroPython's
   * [`socket.readline`](https://docs.micropython.org/en/latest/library/socket.html#socket.socket.readline);
   * CPython's sockets don't have it.
   *
   * @param size At most so many bytes; no bound if it is negative or `null`.
   * @throws {OSError} What {@linkcode Socket.prototype.read | read}
   * raises.
   */
  readline(size: number | null = -1): Promise<Uint8Array<ArrayBuffer> | null> {
    return readLine(this.#handle, size);
  }

  /**
   * Sends all of `data`, and returns how many bytes that is. A non-blocking
   * socket takes what it can; `null` if that is nothing.
   *
   * Follows MicroPython's
   * [`socket.write`](https://docs.micropython.org/en/latest/library/socket.html#socket.socket.write);
   * CPython's sockets don't have it.
   *
   * @throws {OSError} What {@linkcode Socket.prototype.sendall | sendall}
   * raises.
   */
  write(data: string | BufferSource): Promise<number | null> {
    return write(this.#handle, data);
  }

  // Files and Web streams

  /**
   * A file over the socket. The connection stays open until the socket and all
   * its files are closed, in any order.
   *
   * The file follows the socket's mode, even if that is set later. It should be
   * a waiting one: see {@linkcode BufferedIO} for what happens otherwise.
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * using server = socket.create_server(["127.0.0.1", 0]);
   * using client = await socket.create_connection(server.getsockname());
   * const [conn] = await server.accept();
   *
   * const writer = conn.makefile("w");
   * await writer.write("one\ntwo\n");
   * await writer.close(); // Only now it is sent.
   * conn.close();
   *
   * await using reader = client.makefile("r");
   * for await (const line of reader) console.log(line.trimEnd());
   * assertEquals(await reader.readline(), "");
   * ```
   *
   * Follows Python's
   * [`socket.makefile`](https://docs.python.org/3/library/socket.html#socket.socket.makefile).
   *
   * @param mode `r`, `w` and `b` in any order: to be read (also if neither `r`
   * nor `w` is there), to be written, bytes instead of text.
   * @param buffering How much is read at once, and how much that was written is
   * kept, in bytes; 8192 if it is left out, `null` or negative. 0 is for no
   * buffer, which only bytes can do without; 1 for text sends every line.
   * @throws {RangeError} For another mode, text without a buffer, or what
   * {@linkcode TextIO} doesn't know.
   * @throws {OSError} `EBADF` if the socket is closed.
   */
  makefile(
    mode?: TextMode,
    buffering?: number | null,
    options?: TextOptions,
  ): TextIO;
  /** A file of bytes. */
  makefile<Buffering extends number | null = null>(
    mode: BinaryMode,
    buffering?: Buffering,
  ): BinaryFile<Buffering>;
  /** A file of whatever `mode` and `buffering` ask for. */
  makefile(
    mode: string,
    buffering?: number | null,
    options?: TextOptions,
  ): SocketIO | BufferedIO | TextIO;
  makefile(
    mode = "r",
    buffering: number | null = null,
    options: TextOptions = {},
  ): SocketIO | BufferedIO | TextIO {
    return makefile(this, mode, buffering, options);
  }

  /**
   * The received bytes as a Web stream. Cancelling it closes the way
   * in (`SHUT_RD`).
   *
   * ```ts
   * import { socket } from "@berkeley/socket";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = await socket.socketpair();
   * await new Blob(["Hello, world"]).stream().pipeTo(a.writable);
   * assertEquals(await new Response(b.readable).text(), "Hello, world");
   * a.close();
   * b.close();
   * ```
   */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#readable ??= readableStream(this.#handle);
  }

  /**
   * A Web stream for what is to be sent. Closing it closes the way out
   * (`SHUT_WR`), aborting it closes the socket.
   */
  get writable(): WritableStream<string | BufferSource> {
    return this.#writable ??= writableStream(this.#handle);
  }

  /** As Python's `repr()`: descriptor, family, type and names. */
  toString(): string {
    const state = this.closed ? " [closed]" : "";
    const { family, type, proto } = this;
    let text =
      `<socket.socket${state} fd=${this.fileno()}, family=${family}, type=${type}, proto=${proto}`;
    try {
      text += `, laddr=${JSON.stringify(this.getsockname())}`;
      text += `, raddr=${JSON.stringify(this.getpeername())}`;
    } catch {
      // A socket without an address or a peer shows none.
    }
    return `${text}>`;
  }

  /** {@linkcode Socket.prototype.toString | toString}, for `console.log`. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

/**
 * The promise that `start` returns, or one that rejects with what it throws.
 * Unlike an `async` function it adds no promise of its own, which counts where
 * every message passes.
 */
function promise<T>(start: () => Promise<T>): Promise<T> {
  try {
    return start();
  } catch (error) {
    return Promise.reject(traced(error));
  }
}
