/**
 * What every socket has, whatever it transfers: a descriptor, a mode, options,
 * names, and an end.
 *
 * @module
 */

import * as errno from "../errno.ts";
import type { Address, AddressLike } from "./names/address.ts";
import { addressFamily, formatAddress } from "./names/families.ts";
import { int } from "./arguments.ts";
import { integer, kind, view } from "./bytes.ts";
import { MSG_DONTWAIT, SHUT_RDWR } from "./constants.ts";
import { closeDescriptor, endpointOf, isOpen } from "./descriptors.ts";
import { OSError } from "./errors.ts";
import { type Pollable, readiness } from "./reactor/readiness.ts";
import { checkTimeout, getdefaulttimeout } from "./timeouts.ts";
import { POLLOUT } from "./reactor/events.ts";
import type { Source } from "./reactor/readiness.ts";
import type { Endpoint } from "./transport/transport.ts";
import { perform } from "./reactor/wait.ts";

/** Closes the descriptors of sockets that were dropped without `close()`. */
const abandoned = new FinalizationRegistry<number>((fd) => {
  // Closed behind its socket's back.
  if (!isOpen(fd)) return;
  // A call that waits may outlive its socket: the next collection asks again.
  if (endpointOf(fd).busy) abandoned.register({}, fd);
  else closeDescriptor(fd);
});

/** The part of a socket that has nothing to do with what it transfers. */
export abstract class BaseSocket implements Disposable, Pollable {
  /** The address family: `AF_INET`, `AF_INET6` or `AF_UNIX`. */
  readonly family: number;
  /** The type: `SOCK_STREAM` or `SOCK_DGRAM`. */
  readonly type: number;
  /** The protocol as it was asked for: an `IPPROTO_` number or 0. */
  readonly proto: number;
  #endpoint: Endpoint | null;
  #fd: number;
  #timeout: number | null;

  /**
   * Takes over an open descriptor.
   *
   * @param fd A descriptor, from
   * {@linkcode BaseSocket.prototype.detach | detach} or `dup()`.
   * @param timeout The time-out in seconds; the default one if left out.
   * @throws {OSError} `EBADF` if nothing is open under that number.
   */
  constructor(fd: number, timeout: number | null = getdefaulttimeout()) {
    const endpoint = endpointOf(fd);
    this.family = endpoint.family;
    this.type = endpoint.type;
    this.proto = endpoint.proto;
    this.#endpoint = endpoint;
    this.#fd = fd;
    this.#timeout = timeout;
    abandoned.register(this, fd, this);
  }

  /**
   * The open endpoint, or `EBADF`.
   *
   * @internal
   */
  protected get endpoint(): Endpoint {
    if (this.#endpoint === null) throw new OSError(errno.EBADF);
    return this.#endpoint;
  }

  /** What `select()` and `poll()` wait for. */
  get [readiness](): Source {
    return this.endpoint;
  }

  /**
   * Does an operation in the socket's mode: at once, or as soon as one of
   * `events` lets it.
   *
   * @internal
   */
  protected perform<T>(
    events: number,
    attempt: () => T | undefined,
    timeout: number | null = this.#timeout,
  ): Promise<T> {
    return perform(this.endpoint, timeout, events, attempt);
  }

  /**
   * Sends in the mode that `timeout` says, and gives what was queued a chance
   * to leave: the program may end next. How many bytes.
   *
   * @internal
   */
  protected async transmit(
    endpoint: Endpoint,
    timeout: number | null,
    attempt: () => number | undefined,
  ): Promise<number> {
    const count = await perform(endpoint, timeout, POLLOUT, attempt);
    const flushing = endpoint.flush?.();
    if (flushing) await flushing;
    return count;
  }

  /**
   * The time-out of a call with these flags.
   *
   * @internal
   */
  protected mode(flags: number): number | null {
    return int(flags, "flags") & MSG_DONTWAIT ? 0 : this.#timeout;
  }

  // The end

  /** `true` once the socket is closed or detached. */
  get closed(): boolean {
    return this.#endpoint === null;
  }

  /**
   * The descriptor: a small number, unique among the open sockets of this
   * thread; -1 once the socket is closed.
   *
   * Follows Python's
   * [`socket.fileno`](https://docs.python.org/3/library/socket.html#socket.socket.fileno).
   */
  fileno(): number {
    return this.#fd;
  }

  /**
   * Closes the socket. What was sent is still delivered; calls that wait on
   * the socket, and all later ones, raise `OSError` (`EBADF`). Closing twice
   * does nothing.
   *
   * Follows Python's
   * [`socket.close`](https://docs.python.org/3/library/socket.html#socket.socket.close).
   */
  close(): void {
    const fd = this.detach();
    if (fd !== -1) closeDescriptor(fd);
  }

  /**
   * Puts the socket out of use without closing what is below, and returns the
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
    const fd = this.#fd;
    this.#endpoint = null;
    this.#fd = -1;
    abandoned.unregister(this);
    return fd;
  }

  /** {@linkcode BaseSocket.prototype.close | close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Closes one way of the connection or both.
   *
   * After `SHUT_WR` the peer finds the end of the stream behind what was sent;
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
    const { endpoint } = this;
    if (int(how, "how") < 0 || how > SHUT_RDWR) {
      throw new OSError(errno.EINVAL);
    }
    endpoint.shutdown(how);
  }

  // The mode

  /**
   * The time-out in seconds, as
   * {@linkcode BaseSocket.prototype.gettimeout | gettimeout} gives it.
   */
  get timeout(): number | null {
    return this.#timeout;
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
    this.endpoint;
    this.#timeout = checked;
  }

  /**
   * The time-out in seconds; `null` if the socket is blocking, 0 if it is
   * non-blocking.
   *
   * Follows Python's
   * [`socket.gettimeout`](https://docs.python.org/3/library/socket.html#socket.socket.gettimeout).
   */
  gettimeout(): number | null {
    return this.#timeout;
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
    return this.#timeout !== 0;
  }

  // Names

  /**
   * Gives the socket an address of this machine. Port 0 lets the system choose
   * one, which {@linkcode BaseSocket.prototype.getsockname | getsockname} tells
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
    const parsed = addressFamily(this.family).parse(address, "bind");
    this.endpoint.bind(parsed.address);
  }

  /**
   * The socket's own address; port 0 if it has none yet.
   *
   * Follows Python's
   * [`socket.getsockname`](https://docs.python.org/3/library/socket.html#socket.socket.getsockname).
   */
  getsockname(): Address {
    return formatAddress(this.family, this.endpoint.getsockname());
  }

  /**
   * The peer's address.
   *
   * Follows Python's
   * [`socket.getpeername`](https://docs.python.org/3/library/socket.html#socket.socket.getpeername).
   *
   * @throws {OSError} `ENOTCONN` without a connection.
   */
  getpeername(): Address {
    return formatAddress(this.family, this.endpoint.getpeername());
  }

  // Options

  /**
   * The value of an option, as a number.
   *
   * Follows Python's
   * [`socket.getsockopt`](https://docs.python.org/3/library/socket.html#socket.socket.getsockopt).
   *
   * @param level `SOL_SOCKET` or an `IPPROTO_` number.
   * @param optname An `SO_`, `TCP_`, `IP_` or `IPV6_` number.
   * @throws {OSError} `ENOPROTOOPT` for what the transport can't tell.
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
    int(level, "level");
    int(optname, "optname");
    if (int(buflen, "buflen") < 0 || buflen > 1024) {
      throw new OSError("getsockopt buflen out of range");
    }
    const value = this.endpoint.getsockopt(level, optname, buflen);
    if (buflen === 0) {
      if (typeof value === "number") return value;
      const [number = 0] = new Int32Array(value.buffer);
      return number;
    }
    const whole = typeof value === "number"
      ? new Uint8Array(Int32Array.of(value).buffer)
      : value;
    return whole.slice(0, buflen);
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
    int(level, "level");
    int(optname, "optname");
    if ((value === null) !== (optlen !== undefined)) {
      throw new TypeError(
        "setsockopt() takes optlen with a null value, and only then",
      );
    }
    this.endpoint.setsockopt(level, optname, optionValue(value, optlen));
  }

  /** What Python's `repr()` shows: descriptor, family, type and names. */
  toString(): string {
    const state = this.closed ? " [closed]" : "";
    const { family, type, proto } = this;
    return `<socket.socket${state} fd=${this.#fd}, family=${family}, type=${type}, proto=${proto}${this.#names()}>`;
  }

  #names(): string {
    let names = "";
    try {
      names += `, laddr=${JSON.stringify(this.getsockname())}`;
      names += `, raddr=${JSON.stringify(this.getpeername())}`;
    } catch {
      // A socket without an address or a peer shows none.
    }
    return names;
  }

  /**
   * {@linkcode BaseSocket.prototype.toString | toString}, for `console.log`.
   */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

function optionValue(
  value: number | boolean | BufferSource | null,
  optlen = 0,
): number | Uint8Array<ArrayBuffer> {
  if (value === null) return new Uint8Array(integer(optlen, "optlen"));
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "object") return view(value);
  // As in CPython, what is too large for an `int` is no such value at all.
  if (value === (value | 0)) return value;
  throw new TypeError(
    `an option's value must be an integer of 32 bits or bytes, not ${
      typeof value === "number" ? value : kind(value)
    }`,
  );
}
