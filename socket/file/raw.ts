/**
 * Files without a buffer.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import { bytes, concat, view } from "../bytes.ts";
import { unlessBlocked } from "../stream.ts";
import { SOCK_STREAM } from "../constants.ts";
import { BlockingIOError, OSError, TimeoutError } from "../errors.ts";
import type { Pollable } from "../reactor/readiness.ts";
import { bound, IOBase } from "./base.ts";

/** No datagram is longer, in bytes. */
const CHUNK = 64 * 1024;

/** The methods of a socket that a file calls. */
export interface FileSocket extends Pollable {
  /** A second one for the same connection. */
  dup(): FileSocket;
  /** Closes this one. */
  close(): void;
  /** The type, `SOCK_STREAM` or another. */
  readonly type: number;
  /** The descriptor. */
  fileno(): number;
  /** The mode. */
  gettimeout(): number | null;
  /** Sets the mode. */
  settimeout(timeout: number | null): void;
  /** Receives into a buffer; how many bytes, 0 at the end. */
  recv_into(buffer: Uint8Array<ArrayBuffer>): Promise<number>;
  /** Receives everything up to the end; `null` if nothing has come. */
  read(): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Receives a line and nothing beyond; `null` if none has come. */
  readline(size?: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Sends the front of `data`; how many bytes. */
  send(data: Uint8Array<ArrayBuffer>): Promise<number>;
}

/**
 * A socket as a file of bytes without a buffer: what
 * `makefile("rwb", 0)` gives. Each call is one `recv_into()` or `send()`, and
 * nothing is read that isn't asked for.
 *
 * The mode is that of the socket from which the file was made, at the time of
 * the call. In non-blocking mode `null` means that a call would have to wait.
 * Once a call that reads ran out of time, all later ones raise `OSError`, as
 * in Python.
 *
 * Follows Python's `socket.SocketIO`, an
 * [`io.RawIOBase`](https://docs.python.org/3/library/io.html#io.RawIOBase).
 */
export class SocketIO extends IOBase<Uint8Array<ArrayBuffer>> {
  readonly #original: FileSocket;
  readonly #socket: FileSocket;
  #timedOut = false;

  /**
   * Makes a file over a socket, which can then be closed.
   *
   * @param mode `r`, `w` or `rw`, with or without a `b` behind.
   * @throws {RangeError} For another mode.
   * @throws {OSError} `EBADF` if the socket is closed.
   */
  constructor(socket: FileSocket, mode: string) {
    if (!/^(r|w|rw)b?$/.test(mode)) {
      throw new RangeError(`invalid mode: '${mode}'`);
    }
    const own = socket.dup();
    super(own, mode.endsWith("b") ? mode : `${mode}b`);
    this.#original = socket;
    this.#socket = own;
  }

  /** The socket, in the mode that the original has now. */
  #current(): FileSocket {
    this.#socket.settimeout(this.#original.gettimeout());
    return this.#socket;
  }

  // Reading

  /**
   * Reads into a buffer, and returns how many bytes; 0 at the end of the
   * stream, `null` if the socket is non-blocking and nothing has come.
   *
   * Follows Python's
   * [`io.RawIOBase.readinto`](https://docs.python.org/3/library/io.html#io.RawIOBase.readinto).
   *
   * @throws {OSError} What `recv_into()` raises; "cannot read from timed out
   * object" after a `TimeoutError`.
   */
  async readinto(buffer: BufferSource): Promise<number | null> {
    const target = view(buffer);
    this.#checkRead();
    return await this.#timed(unlessBlocked(this.#current().recv_into(target)));
  }

  #checkRead(): void {
    this.check("readable");
    if (this.#timedOut) throw new OSError("cannot read from timed out object");
  }

  /** A read after which no other is possible if it times out. */
  async #timed<T>(read: Promise<T>): Promise<T> {
    try {
      return await read;
    } catch (error) {
      if (error instanceof TimeoutError) this.#timedOut = true;
      throw error;
    }
  }

  /**
   * Reads at most `size` bytes in one call of the system, or up to the end of
   * the stream if `size` is left out, `null` or negative. Returns `null` if the
   * socket is non-blocking and nothing has come.
   *
   * Follows Python's
   * [`io.RawIOBase.read`](https://docs.python.org/3/library/io.html#io.RawIOBase.read).
   *
   * @throws {OSError} What {@linkcode SocketIO.prototype.readinto | readinto}
   * raises.
   */
  async read(
    size: number | null = -1,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const most = bound(size);
    if (most === Infinity) return await this.readall();
    const buffer = new Uint8Array(most);
    const count = await this.readinto(buffer);
    return count === null ? null : buffer.subarray(0, count);
  }

  /**
   * Reads up to the end of the stream, or what has come if the socket is
   * non-blocking; `null` if that is nothing.
   *
   * Follows Python's
   * [`io.RawIOBase.readall`](https://docs.python.org/3/library/io.html#io.RawIOBase.readall).
   *
   * @throws {OSError} What {@linkcode SocketIO.prototype.readinto | readinto}
   * raises.
   */
  async readall(): Promise<Uint8Array<ArrayBuffer> | null> {
    this.#checkRead();
    const socket = this.#current();
    if (socket.type === SOCK_STREAM) return await this.#timed(socket.read());
    // Sockets of datagrams have no end but an empty datagram.
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (;;) {
      const part = await this.read(CHUNK);
      if (part === null && parts.length === 0) return null;
      if (part === null || part.length === 0) return concat(parts);
      parts.push(part);
    }
  }

  /**
   * Reads a line with its end, `\n`, or what comes before the end of the
   * stream, or before a non-blocking socket would have to wait.
   *
   * Follows Python's
   * [`io.IOBase.readline`](https://docs.python.org/3/library/io.html#io.IOBase.readline).
   *
   * @param size At most so many bytes; no bound if it is negative or `null`.
   * @throws {OSError} What {@linkcode SocketIO.prototype.readinto | readinto}
   * raises; `BlockingIOError` if the socket is non-blocking and nothing has
   * come.
   */
  async readline(size: number | null = -1): Promise<Uint8Array<ArrayBuffer>> {
    this.#checkRead();
    const line = await this.#timed(this.#current().readline(size ?? -1));
    if (line === null) throw new BlockingIOError(errno.EAGAIN);
    return line;
  }

  // Writing

  /**
   * Sends the front of `data`, and returns how many bytes; `null` if the
   * socket is non-blocking and can take nothing. Text goes out as UTF-8.
   *
   * Follows Python's
   * [`io.RawIOBase.write`](https://docs.python.org/3/library/io.html#io.RawIOBase.write).
   *
   * @throws {OSError} What `send()` raises.
   */
  async write(data: string | BufferSource): Promise<number | null> {
    const whole = bytes(data);
    this.check("writable");
    return await unlessBlocked(this.#current().send(whole));
  }
}
