/**
 * Sockets with TLS, and the contexts that make them. Each needs the other.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import {
  closeDescriptor,
  dupDescriptor,
  endpointOf,
  openDescriptor,
} from "../descriptors.ts";
import { BlockingIOError, OSError, TimeoutError } from "../errors.ts";
import type { Address, AddressLike } from "../names/address.ts";
import { hostToASCII } from "../names/idna.ts";
import { POLLIN, POLLOUT } from "../reactor/events.ts";
import { perform } from "../reactor/wait.ts";
import { Socket } from "../socket.ts";
import { traced } from "../stack.ts";
import { SOCK_STREAM } from "../constants.ts";
import { describe, type PeerCertificate } from "./certificate.ts";
import { keyBits } from "./ciphers.ts";
import * as c from "./constants.ts";
import { TlsEndpoint } from "./endpoint.ts";
import { SSLError, wantRead, wantWrite } from "./errors.ts";
import type { Role } from "./profile.ts";
import { ContextSettings, profileOf } from "./settings.ts";

/** How a socket is wrapped: see {@linkcode SSLContext.prototype.wrap_socket | wrap_socket}. */
export interface WrapOptions {
  /** This side is the server; `false` if left out. */
  server_side?: boolean;
  /** Connecting, accepting and wrapping make the handshake too, if left out. */
  do_handshake_on_connect?: boolean;
  /**
   * An end of the connection without the end of the TLS layer is an end like any
   * other, if left out; otherwise it raises {@linkcode SSLEOFError}.
   */
  suppress_ragged_eofs?: boolean;
  /** The host that a client wants to talk to: a name or an address. */
  server_hostname?: string | null;
}

/** A role, and the context that it is from. */
interface ContextRole extends Role {
  readonly context: SSLContext;
}

/**
 * What sockets with TLS have in common: certificates, and what is asked of the
 * peer.
 *
 * ```ts
 * import { socket, ssl } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER);
 * server.load_cert_chain("tests/certs/server.pem", "tests/certs/server.key");
 * const client = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, {
 *   cafile: "tests/certs/ca.pem",
 * });
 *
 * const [a, b] = await socket.socketpair();
 * const [conn, s] = await Promise.all([
 *   server.wrap_socket(a, { server_side: true }),
 *   client.wrap_socket(b, { server_hostname: "localhost" }),
 * ]);
 * await conn.sendall("Hello, world");
 * assertEquals((await s.recv(1024)).length, 12);
 * assertEquals(s.version(), "TLSv1.3");
 * s.close();
 * conn.close();
 * ```
 *
 * Follows Python's
 * [`ssl.SSLContext`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext).
 */
export class SSLContext extends ContextSettings {
  /**
   * Puts TLS over a stream socket, whatever carries it. The socket itself is
   * closed from then on, as after `detach()`.
   *
   * If the socket is connected, the promise is fulfilled when the handshake is
   * done. Otherwise `connect()` makes the handshake, or, for a socket that
   * listens, `accept()` for each connection; not so with
   * `do_handshake_on_connect: false`.
   *
   * Follows Python's
   * [`SSLContext.wrap_socket`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.wrap_socket).
   *
   * @throws {SSLError} If the handshake fails: {@linkcode
   * SSLCertVerificationError} if the peer's certificate isn't trusted. The
   * connection is closed then.
   * @throws {OSError} What connections raise, and `EOPNOTSUPP` if the type isn't
   * `SOCK_STREAM`.
   * @throws {RangeError} If `server_hostname` is missing, or the server's; if a
   * connected socket is non-blocking, and the handshake isn't put off.
   */
  async wrap_socket<A extends Address>(
    sock: Socket<A>,
    {
      server_side = false,
      do_handshake_on_connect = true,
      suppress_ragged_eofs = true,
      server_hostname = null,
    }: WrapOptions = {},
  ): Promise<SSLSocket<A>> {
    const endpoint = endpointOf(sock.fileno());
    if (endpoint.type !== SOCK_STREAM) {
      throw new OSError(
        errno.EOPNOTSUPP,
        "only stream sockets are supported",
      );
    }
    if (server_side && server_hostname) {
      throw new RangeError(
        "server_hostname can only be specified in client mode",
      );
    }
    if (this.check_hostname && !server_hostname && !server_side) {
      throw new RangeError("check_hostname requires server_hostname");
    }
    const role: ContextRole = {
      context: this,
      profile: () => profileOf(this),
      server: server_side,
      hostname: server_hostname === null
        ? null
        : encodeHostname(server_hostname),
      suppressRaggedEofs: suppress_ragged_eofs,
      handshakeOnConnect: do_handshake_on_connect,
    };
    const { timeout } = sock;
    const fd = sock.detach();
    const close = () => closeDescriptor(fd);
    const wrapped = new SSLSocket<A>(
      openDescriptor(new TlsEndpoint(endpoint, close, role)),
      timeout,
    );
    try {
      if (endpoint.snapshot().phase === "connected") {
        this.#checkSide(server_side);
        if (do_handshake_on_connect) await wrapped[shake]();
      }
      return wrapped;
    } catch (error) {
      wrapped.close();
      throw error;
    }
  }

  #checkSide(server: boolean): void {
    const wrong = server ? c.PROTOCOL_TLS_CLIENT : c.PROTOCOL_TLS_SERVER;
    if (this.protocol !== wrong) return;
    const [side, kind] = server ? ["server", "CLIENT"] : ["client", "SERVER"];
    throw new SSLError(
      0,
      `Cannot create a ${side} socket with a PROTOCOL_TLS_${kind} context`,
    );
  }
}

function encodeHostname(host: string): string {
  if (host === "" || host.startsWith(".")) {
    throw new RangeError(
      "server_hostname cannot be an empty string or start with a leading dot.",
    );
  }
  return hostToASCII(host);
}

const shake: unique symbol = Symbol();

/**
 * A socket with TLS: a `Socket` with all that it has, whose bytes are
 * encrypted on their way. {@linkcode SSLContext.prototype.wrap_socket |
 * wrap_socket} makes them.
 *
 * Follows Python's
 * [`ssl.SSLSocket`](https://docs.python.org/3/library/ssl.html#ssl.SSLSocket).
 */
export class SSLSocket<A extends Address = Address> extends Socket<A> {
  readonly #endpoint: TlsEndpoint;
  /** Connecting doesn't make the handshake. */
  #connectsOnly = false;

  /**
   * Takes over the descriptor of a socket with TLS, from `detach()`.
   *
   * @throws {TypeError} If it is another socket's: `wrap_socket()` makes sockets
   * with TLS.
   */
  constructor(fd: number, timeout?: number | null) {
    const endpoint = endpointOf(fd);
    if (!(endpoint instanceof TlsEndpoint)) {
      throw new TypeError(
        "SSLSocket does not have a public constructor. Instances are returned by SSLContext.wrap_socket().",
      );
    }
    super(fd, timeout);
    this.#endpoint = endpoint;
  }

  get #role(): ContextRole {
    return this.#endpoint.role as ContextRole;
  }

  // What it was made with

  /** The context that the socket was made by. */
  get context(): SSLContext {
    return this.#role.context;
  }

  /** Whether this is the server's side. */
  get server_side(): boolean {
    return this.#role.server;
  }

  /** The host that a client wants to talk to; `null` if it was not said. */
  get server_hostname(): string | null {
    return this.#role.hostname;
  }

  // The connection

  /**
   * Connects to a server and makes the handshake, unless that was put off.
   *
   * @throws {SSLError} If the handshake fails; the connection stays then.
   * @throws {RangeError} If the socket is a server's, or connected.
   */
  override async connect(address: AddressLike): Promise<void> {
    const { server, handshakeOnConnect } = this.#role;
    if (server) throw new RangeError("can't connect in server-side mode");
    if (!this.closed && this.#endpoint.snapshot().phase === "connected") {
      throw new RangeError("attempt to connect already-connected SSLSocket!");
    }
    await super.connect(address);
    if (handshakeOnConnect && !this.#connectsOnly) await this.do_handshake();
  }

  /**
   * `connect()`, but returns the error number of the connection, 0 if all went
   * well. The errors of the handshake are thrown.
   */
  override async connect_ex(address: AddressLike): Promise<number> {
    this.#connectsOnly = true;
    const code = await super.connect_ex(address)
      .finally(() => this.#connectsOnly = false);
    if (code === 0 && this.#role.handshakeOnConnect) await this.do_handshake();
    return code;
  }

  /**
   * Waits for a client, and makes the handshake with it, unless that was put
   * off. Other clients wait meanwhile: a server that wants to serve many puts it
   * off, and has each handshake made by what serves the client.
   *
   * @throws {SSLError} If the handshake fails: the client is closed then, and
   * the server can go on.
   */
  override async accept<Peer extends Address = A>(): Promise<
    [conn: SSLSocket<Peer>, address: Peer]
  > {
    const [conn, address] = await this.#accept<Peer>();
    await conn.#greet();
    return [conn, address];
  }

  async #accept<Peer extends Address>(): Promise<
    [conn: SSLSocket<Peer>, address: Peer]
  > {
    const [plain, address] = await super.accept<Peer>();
    return [new SSLSocket<Peer>(plain.detach()), address];
  }

  /** Makes the handshake that belongs to accepting, or closes the socket. */
  async #greet(): Promise<void> {
    if (!this.#role.handshakeOnConnect) return;
    try {
      await this.do_handshake();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * The clients as they come, until the socket is closed. Those whose handshake
   * fails are left out.
   */
  override async *[Symbol.asyncIterator](): AsyncGenerator<
    [conn: SSLSocket<A>, address: Address],
    void,
    void
  > {
    while (!this.closed) {
      let accepted;
      try {
        accepted = await this.#accept<A>();
      } catch (error) {
        if (this.closed) return;
        throw error;
      }
      const [conn] = accepted;
      const greeted = await conn.#greet().then(() => true, () => false);
      if (greeted) yield accepted;
    }
  }

  /**
   * Makes the handshake; does nothing if it is done.
   *
   * ```ts ignore
   * const s = await context.wrap_socket(sock, { do_handshake_on_connect: false });
   * s.settimeout(5);
   * await s.do_handshake();
   * ```
   *
   * Follows Python's
   * [`SSLSocket.do_handshake`](https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.do_handshake).
   *
   * @param block Has a socket that doesn't block wait nevertheless.
   * @throws {SSLError} {@linkcode SSLCertVerificationError} if the peer's
   * certificate isn't trusted, {@linkcode SSLEOFError} if the peer ends the
   * connection, {@linkcode SSLWantReadError} if the socket doesn't block.
   * @throws {OSError} `ENOTCONN`, `ConnectionResetError`; `TimeoutError` as the
   * mode has it.
   */
  async do_handshake(block = false): Promise<void> {
    if (this.closed) throw new OSError(errno.EBADF);
    const timeout = block && this.timeout === 0 ? null : this.timeout;
    await this.#perform("handshake", timeout, () => this.#endpoint.handshake());
  }

  /** The handshake of `wrap_socket()`. */
  async [shake](): Promise<void> {
    if (this.timeout === 0) {
      throw new RangeError(
        "do_handshake_on_connect should not be specified for non-blocking sockets",
      );
    }
    await this.do_handshake();
  }

  /**
   * Takes the TLS layer off, once both sides have ended it, and returns the
   * socket, which sends and receives plainly from then on. What the peer sent
   * behind its end of TLS is received then.
   *
   * Follows Python's
   * [`SSLSocket.unwrap`](https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.unwrap).
   *
   * @throws {SSLError} If the peer sends more (`APPLICATION_DATA_AFTER_CLOSE_NOTIFY`),
   * or the handshake isn't done; {@linkcode SSLEOFError} if the connection ends
   * before.
   * @throws {RangeError} If there is no TLS layer.
   */
  async unwrap(): Promise<Socket<A>> {
    if (!this.#endpoint.session || this.closed) {
      throw new RangeError(`No SSL wrapper around ${this}`);
    }
    await this.#perform("read", this.timeout, () => this.#endpoint.unwrap());
    return this;
  }

  async #perform(
    what: Operation,
    timeout: number | null,
    attempt: () => true | undefined,
  ): Promise<void> {
    const events = POLLIN | POLLOUT;
    try {
      await perform(this.#endpoint, timeout, events, attempt);
    } catch (error) {
      throw this.#translated(error, what);
    }
  }

  // What is known of the connection

  /**
   * The peer's certificate; `null` if it has none, and empty if it was not
   * verified.
   *
   * Follows Python's
   * [`SSLSocket.getpeercert`](https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.getpeercert).
   *
   * @param binary_form `true` for bytes in DER, also if it was not verified.
   * @throws {RangeError} If the handshake isn't done.
   * @throws {OSError} `ENOTCONN` without a connection.
   */
  getpeercert(binary_form?: false): PeerCertificate | null;
  /** The peer's certificate in DER; `null` if it has none. */
  getpeercert(binary_form: true): Uint8Array<ArrayBuffer> | null;
  getpeercert(
    binary_form = false,
  ): PeerCertificate | Uint8Array<ArrayBuffer> | null {
    if (this.closed) throw new OSError(errno.EBADF);
    const { session } = this.#endpoint;
    if (!session) this.getpeername();
    const der = session?.peer();
    if (der === undefined) throw new RangeError("handshake not done yet");
    if (binary_form || der === null) return der;
    return session!.side.profile.verifyMode === c.CERT_NONE
      ? {}
      : describe(der);
  }

  /**
   * The cipher's name, the version of TLS and the number of bits of the key;
   * `null` before the handshake.
   *
   * Follows Python's
   * [`SSLSocket.cipher`](https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.cipher).
   */
  cipher(): [name: string, version: string, bits: number] | null {
    const cipher = this.#endpoint.session?.socket?.getCipher();
    return cipher ? [cipher.name, cipher.version, keyBits(cipher.name)] : null;
  }

  /**
   * The version of TLS, such as `"TLSv1.3"`; `null` before the handshake.
   *
   * Follows Python's
   * [`SSLSocket.version`](https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.version).
   */
  version(): string | null {
    return this.#endpoint.session?.socket?.getProtocol() ?? null;
  }

  /**
   * The protocol that both sides chose (ALPN); `null` if there is none.
   *
   * Follows Python's
   * [`SSLSocket.selected_alpn_protocol`](https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.selected_alpn_protocol).
   */
  selected_alpn_protocol(): string | null {
    return this.#endpoint.session?.socket?.alpnProtocol || null;
  }

  /**
   * `null`: there is no compression.
   *
   * Follows Python's
   * [`SSLSocket.compression`](https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.compression).
   */
  compression(): string | null {
    return null;
  }

  /**
   * `null`: Deno doesn't tell what connections could be bound to.
   *
   * Follows Python's
   * [`SSLSocket.get_channel_binding`](https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.get_channel_binding).
   *
   * @throws {RangeError} For other types than `"tls-unique"`.
   */
  get_channel_binding(
    cb_type = "tls-unique",
  ): Uint8Array<ArrayBuffer> | null {
    if (c.CHANNEL_BINDING_TYPES.includes(cb_type)) return null;
    throw new RangeError(`'${cb_type}' channel binding type not implemented`);
  }

  /**
   * Whether the connection goes on with an earlier session; `null` before there
   * is TLS.
   *
   * Follows Python's
   * [`SSLSocket.session_reused`](https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.session_reused).
   */
  get session_reused(): boolean | null {
    const { session } = this.#endpoint;
    return session && (session.socket?.isSessionReused() ?? false);
  }

  /**
   * How many bytes can be received without waiting, as far as that is known.
   *
   * Follows Python's
   * [`SSLSocket.pending`](https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.pending).
   */
  pending(): number {
    return this.#endpoint.session?.inbox.length ?? 0;
  }

  // Bytes

  /**
   * Receives at most `bufsize` bytes; none once the peer has ended TLS.
   *
   * Follows Python's
   * [`SSLSocket.recv`](https://docs.python.org/3/library/ssl.html#ssl-sockets).
   *
   * @throws {SSLError} {@linkcode SSLWantReadError} if the socket doesn't block;
   * {@linkcode SSLEOFError} for an end without that of TLS, unless it counts as
   * an end; and what is wrong with what came.
   * @throws {RangeError} If `bufsize` is negative, or there are flags.
   */
  override recv(
    bufsize: number,
    flags = 0,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.#call("read", "recv", flags, () => super.recv(bufsize, flags));
  }

  /**
   * Receives into a buffer of the caller's, and returns how many bytes.
   *
   * @throws {SSLError} As `recv` does.
   * @throws {RangeError} If `nbytes` is negative or more than fits, or there are
   * flags.
   */
  override recv_into(
    buffer: BufferSource,
    nbytes = 0,
    flags = 0,
  ): Promise<number> {
    return this.#call(
      "read",
      "recv_into",
      flags,
      () => super.recv_into(buffer, nbytes, flags),
    );
  }

  /**
   * Sends the front of `data`, and returns how many bytes.
   *
   * @throws {SSLError} {@linkcode SSLWantWriteError} if the socket doesn't block
   * ({@linkcode SSLWantReadError} before the handshake is done), and what is
   * wrong with the connection.
   * @throws {RangeError} If there are flags.
   */
  override send(data: string | BufferSource, flags = 0): Promise<number> {
    return this.#call("write", "send", flags, () => super.send(data, flags));
  }

  /**
   * Sends all of `data`.
   *
   * @throws {SSLError} As `send` does.
   * @throws {RangeError} If there are flags.
   */
  override sendall(data: string | BufferSource, flags = 0): Promise<void> {
    return this.#call(
      "write",
      "sendall",
      flags,
      () => super.sendall(data, flags),
    );
  }

  #call<T>(
    what: "read" | "write",
    caller: string,
    flags: number,
    call: () => Promise<T>,
  ): Promise<T> {
    if (flags !== 0 && this.#secured) {
      return Promise.reject(
        new RangeError(
          `non-zero flags not allowed in calls to ${caller}() on SSLSocket`,
        ),
      );
    }
    return call().catch((error) => {
      throw this.#translated(error, what);
    });
  }

  /** There is TLS, or will be with the next call. */
  get #secured(): boolean {
    return !this.closed && this.#endpoint.secured;
  }

  /** The error of a call that didn't wait, or not long enough, as TLS has it. */
  #translated(error: unknown, what: Operation): unknown {
    const { session } = this.#endpoint;
    if (!session) return error;
    if (error instanceof TimeoutError && error.errno === null) {
      const words = `The ${what} operation timed out`;
      return traced(new TimeoutError(words, undefined, { cause: error }));
    }
    if (!(error instanceof BlockingIOError)) return error;
    const writes = what === "write" && session.state === "open";
    return traced(writes ? wantWrite() : wantRead());
  }

  // What there is no use for

  /**
   * Not for TLS.
   *
   * @throws {RangeError} While there is TLS.
   */
  override async recvfrom<Sender extends Address | null = A | null>(
    bufsize: number,
    flags = 0,
  ): Promise<[data: Uint8Array<ArrayBuffer>, address: Sender]> {
    this.#refuse("recvfrom");
    return await super.recvfrom<Sender>(bufsize, flags);
  }

  /**
   * Not for TLS.
   *
   * @throws {RangeError} While there is TLS.
   */
  override async recvfrom_into<Sender extends Address | null = A | null>(
    buffer: BufferSource,
    nbytes = 0,
    flags = 0,
  ): Promise<[count: number, address: Sender]> {
    this.#refuse("recvfrom_into");
    return await super.recvfrom_into<Sender>(buffer, nbytes, flags);
  }

  /**
   * Not for TLS.
   *
   * @throws {RangeError} While there is TLS.
   */
  override async sendto(
    data: string | BufferSource,
    ...rest: [address: AddressLike] | [flags: number, address: AddressLike]
  ): Promise<number> {
    this.#refuse("sendto");
    const [first, second] = rest;
    return second === undefined
      ? await super.sendto(data, first as AddressLike)
      : await super.sendto(data, first as number, second);
  }

  #refuse(caller: string): void {
    if (!this.#secured) return;
    throw new RangeError(`${caller} not allowed on instances of SSLSocket`);
  }

  /**
   * Not for TLS.
   *
   * @throws {OSError} `EOPNOTSUPP`.
   */
  // deno-lint-ignore require-await
  override async recvmsg(
    ..._rest: Parameters<Socket["recvmsg"]>
  ): Promise<never> {
    throw unsupported("recvmsg");
  }

  /**
   * Not for TLS.
   *
   * @throws {OSError} `EOPNOTSUPP`.
   */
  // deno-lint-ignore require-await
  override async recvmsg_into(
    ..._rest: Parameters<Socket["recvmsg_into"]>
  ): Promise<never> {
    throw unsupported("recvmsg_into");
  }

  /**
   * Not for TLS.
   *
   * @throws {OSError} `EOPNOTSUPP`.
   */
  // deno-lint-ignore require-await
  override async sendmsg(
    ..._rest: Parameters<Socket["sendmsg"]>
  ): Promise<number> {
    throw unsupported("sendmsg");
  }

  /**
   * A second socket for the same connection and the same TLS layer, which
   * CPython doesn't have. The connection is closed when both are.
   */
  override dup(): SSLSocket<A> {
    return new SSLSocket<A>(dupDescriptor(this.fileno()), this.timeout);
  }

  /** As Python's `repr()`: descriptor, family, type and names. */
  override toString(): string {
    return super.toString().replace("<socket.socket", "<ssl.SSLSocket");
  }
}

/** What a call does, for messages. */
type Operation = "handshake" | "read" | "write";

function unsupported(caller: string): OSError {
  const words = `${caller} not allowed on instances of SSLSocket`;
  return new OSError(errno.EOPNOTSUPP, words);
}
