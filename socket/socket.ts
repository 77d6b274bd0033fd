/**
 * The socket class.
 *
 * @module
 */

import * as errno from "../errno.ts";
import type { Address, AddressLike } from "./names/address.ts";
import { int } from "./arguments.ts";
import { begin } from "./bootstrap.ts";
import { bytes, integer, view } from "./bytes.ts";
import {
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_WAITALL,
  SOCK_STREAM,
  SOMAXCONN,
} from "./constants.ts";
import { dupDescriptor, openDescriptor, sharesOf } from "./descriptors.ts";
import { BlockingIOError, gaierror, OSError, TimeoutError } from "./errors.ts";
import { formatAddress, resolveAddress } from "./names/families.ts";
import { traced } from "./stack.ts";
import { StreamSocket } from "./stream_socket.ts";
import { readableStream, writableStream } from "./streams.ts";
import {
  type Movable,
  onArrival,
  type ThreadLink,
  transfer,
  type TransferRecord,
} from "./link/transfer.ts";
import { intact } from "./transport/intact.ts";
import { POLLERR, POLLIN, POLLNVAL, POLLOUT } from "./reactor/events.ts";
import type { Endpoint, SocketAddress } from "./transport/transport.ts";

/**
 * A Berkeley socket.
 *
 * What may have to wait returns a promise, all else happens at once. Made by
 * `socket()`, `accept()`, `fromfd()`.
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
 * Follows Python's
 * [socket objects](https://docs.python.org/3/library/socket.html#socket-objects).
 */
export class Socket extends StreamSocket implements Movable {
  #readable: ReadableStream<Uint8Array<ArrayBuffer>> | null = null;
  #writable: WritableStream<string | BufferSource> | null = null;

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
  dup(): Socket {
    return new Socket(dupDescriptor(this.fileno()), this.timeout);
  }

  /**
   * Gives the socket to another thread, with its mode. It is closed here from
   * then on; `dup()` before keeps a share.
   *
   * @throws {TypeError} If a call waits for it.
   */
  [transfer](link: ThreadLink): TransferRecord {
    const fd = this.fileno();
    if (this.endpoint.busy && sharesOf(fd) === 1) {
      throw new TypeError("is in use by a call that waits");
    }
    const { message, send } = link.lend(fd);
    return {
      kind: "socket",
      message: [message, this.timeout],
      send: () => {
        this.detach();
        send();
      },
    };
  }

  static {
    onArrival(
      "socket",
      ([message, timeout]: [unknown, number | null], link) =>
        new Socket(link.borrow(message), timeout),
    );
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
   * @throws {OSError} `EADDRINUSE` if somebody else took the port meanwhile,
   * `EINVAL` for a connected socket.
   * @throws {RangeError} If `backlog` doesn't fit in a C `int`.
   */
  listen(backlog: number = Math.min(SOMAXCONN, 128)): void {
    begin("listen");
    this.endpoint.listen(Math.max(0, int(backlog, "backlog")));
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
  async accept(): Promise<[conn: Socket, address: Address]> {
    const { endpoint } = this;
    const accepted = await this.perform(POLLIN, () => endpoint.accept());
    const conn = new Socket(openDescriptor(accepted.endpoint));
    return [conn, formatAddress(this.family, accepted.address)];
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
    [conn: Socket, address: Address],
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
   * @throws {OSError} `ConnectionRefusedError` if nobody listens there,
   * `TimeoutError` as the mode has it (connecting goes on), `EISCONN`,
   * `EALREADY`; `gaierror` if the host can't be resolved.
   */
  async connect(address: AddressLike): Promise<void> {
    const { endpoint, family, type, timeout } = this;
    const parsed = await resolveAddress(family, type, address, "connect");
    const { address: peer, name } = parsed;
    // What is under way may have come to its end.
    if (timeout === 0) await endpoint.settle?.(POLLOUT);
    if (started(endpoint, peer, name)) return;
    if (timeout === 0) throw new OSError(errno.EINPROGRESS);
    await this.perform(POLLOUT, () => {
      const { readiness } = endpoint;
      if (readiness & POLLNVAL) throw new OSError(errno.EBADF);
      return readiness & POLLOUT ? true : undefined;
    }, timeout);
    if (!(endpoint.readiness & POLLERR)) return;
    try {
      // Asking again raises what went wrong, and leaves the socket as new.
      started(endpoint, peer, name);
    } catch (error) {
      // It did connect; what came after that is for recv() to tell.
      if ((error as OSError).errno !== errno.EISCONN) throw error;
    }
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
   * using nobody = socket.socket();
   * nobody.bind(["127.0.0.1", 0]); // It doesn't listen.
   * using s = socket.socket();
   * assertEquals(await s.connect_ex(nobody.getsockname()), errno.ECONNREFUSED);
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
    return promise(() => {
      if (integer(bufsize, "bufsize") < 0) {
        throw new RangeError("negative buffersize in recv");
      }
      if (bufsize === 0) return Promise.resolve(new Uint8Array(0));
      const { endpoint } = this;
      if (flags & MSG_WAITALL && this.type === SOCK_STREAM) {
        if (!(flags & MSG_PEEK)) return this.#receiveNew(bufsize, flags);
        if (this.mode(flags) === 0) flags &= ~MSG_WAITALL;
      }
      return this.#direct(flags) && endpoint.receive?.(bufsize) || this.perform(
        POLLIN,
        () => endpoint.recv(bufsize, flags),
        this.mode(flags),
      );
    });
  }

  async #receiveNew(
    bufsize: number,
    flags: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const buffer = new Uint8Array(bufsize);
    return buffer.subarray(0, await this.#receiveAll(buffer, flags));
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
  recv_into(
    buffer: BufferSource,
    nbytes = 0,
    flags = 0,
  ): Promise<number> {
    return promise(() => {
      const target = this.#target(buffer, nbytes);
      const { length } = target;
      if (length === 0) return Promise.resolve(0);
      const { endpoint } = this;
      if (flags & MSG_WAITALL && this.type === SOCK_STREAM) {
        if (!(flags & MSG_PEEK)) return this.#receiveAll(target, flags);
        if (this.mode(flags) === 0) flags &= ~MSG_WAITALL;
      }
      return this.#direct(flags) && endpoint.read?.(target) || this.perform(
        POLLIN,
        () => endpoint.recvInto(intact(target, length), flags),
        this.mode(flags),
      );
    });
  }

  #target(buffer: BufferSource, nbytes: number): Uint8Array<ArrayBuffer> {
    const target = view(buffer);
    if (nbytes === 0) return target;
    if (integer(nbytes, "nbytes") < 0) {
      throw new RangeError("negative buffersize in recv_into");
    }
    if (nbytes > target.length) {
      throw new RangeError("buffer too small for requested bytes");
    }
    return target.subarray(0, nbytes);
  }

  /** Fills `target`, unless the stream ends or the time runs out before. */
  async #receiveAll(
    target: Uint8Array<ArrayBuffer>,
    flags: number,
  ): Promise<number> {
    const { endpoint } = this;
    const { length } = target;
    // Memory that is gone shows before anything is taken for it.
    const rest = () => intact(target, length).subarray(count);
    let count = 0;
    try {
      do {
        const received = await this.perform(POLLIN, () => {
          // The error is for the next call to raise, as in Linux.
          if (count > 0 && endpoint.readiness & POLLERR) return 0;
          return endpoint.recvInto(rest(), flags & ~MSG_WAITALL);
        }, this.mode(flags));
        count += received;
        if (received === 0) break;
      } while (count < length && !(flags & MSG_DONTWAIT));
    } catch (error) {
      // What has come is not lost: the next call meets the error again.
      const waiting = error instanceof BlockingIOError ||
        error instanceof TimeoutError;
      if (count === 0 || !waiting) throw error;
    }
    return count;
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
    return promise(() => {
      const whole = bytes(data);
      const { length } = whole;
      const direct = this.#write(whole, flags);
      if (direct) return direct.then(() => length);
      return this.#send(whole, flags, this.mode(flags));
    });
  }

  /**
   * Sends all of `data`. After an error nobody can tell how much of it went
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
    return promise(() => {
      const whole = bytes(data);
      return this.#write(whole, flags) ?? this.#sendAll(whole, flags);
    });
  }

  async #sendAll(rest: Uint8Array<ArrayBuffer>, flags: number): Promise<void> {
    const timeout = this.mode(flags);
    const deadline = timeout && performance.now() + timeout * 1000;
    let left = timeout;
    for (let size = rest.length;;) {
      const count = await this.#send(intact(rest, size), flags, left);
      if (count === size) return;
      rest = intact(rest, size).subarray(count);
      size -= count;
      if (!deadline) continue;
      left = (deadline - performance.now()) / 1000;
      // Also if it never stood still.
      if (left <= 0) throw new TimeoutError("timed out");
    }
  }

  #send(
    data: Uint8Array<ArrayBuffer>,
    flags: number,
    timeout: number | null,
  ): Promise<number> {
    const { endpoint } = this;
    const { length } = data;
    return this.transmit(
      endpoint,
      timeout,
      () => endpoint.send(intact(data, length), flags),
    );
  }

  /** Sends all of `data` by the short cut of the transport, if that is open. */
  #write(
    data: Uint8Array<ArrayBuffer>,
    flags: number,
  ): Promise<void> | undefined {
    return this.sendsStraight(flags) ? this.endpoint.write?.(data) : undefined;
  }

  /** Nothing speaks against a short cut of the transport. */
  #direct(flags: number): boolean {
    return flags === 0 && this.timeout === null;
  }

  // Web streams

  /**
   * What is received, as a Web stream of bytes. Cancelling it closes the way
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
    return this.#readable ??= readableStream(this);
  }

  /**
   * A Web stream for what is to be sent. Closing it closes the way out
   * (`SHUT_WR`), aborting it closes the socket.
   */
  get writable(): WritableStream<string | BufferSource> {
    return this.#writable ??= writableStream(this);
  }
}

/** Starts to connect; what it throws may have happened before. */
function started(
  endpoint: Endpoint,
  address: SocketAddress,
  name?: string,
): boolean {
  try {
    return endpoint.connect(address, name);
  } catch (error) {
    throw traced(error);
  }
}

/**
 * What `start` promises; what it throws is rejected. Unlike an `async`
 * function it adds no promise of its own, which counts where every message
 * passes.
 */
function promise<T>(start: () => Promise<T>): Promise<T> {
  try {
    return start();
  } catch (error) {
    return Promise.reject(traced(error));
  }
}
