/**
 * Sockets as streams of bytes: MicroPython's stream methods, files over
 * sockets, files sent over sockets.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { unlessBlocked } from "./blocked.ts";
import { bytes, integer, view } from "./bytes.ts";
import { collect, collectAll } from "./collect.ts";
import { MSG_WAITALL, SOCK_STREAM } from "./constants.ts";
import { OSError } from "./errors.ts";
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
import { MessageSocket } from "./message_socket.ts";
import { type FileLike, sendfile } from "./sendfile.ts";

const LF = 10;

/** So much more of a line is looked at, in bytes, at first. */
const LINE = 512;

/** The part of a socket that treats what it transfers as a stream. */
export abstract class StreamSocket extends MessageSocket implements FileSocket {
  /** A second socket for the same connection. */
  abstract dup(): StreamSocket;

  /** Receives into a buffer. */
  abstract recv_into(
    buffer: BufferSource,
    nbytes?: number,
    flags?: number,
  ): Promise<number>;

  /** Sends the front of `data`. */
  abstract send(data: string | BufferSource, flags?: number): Promise<number>;

  /** Sends all of `data`. */
  abstract sendall(
    data: string | BufferSource,
    flags?: number,
  ): Promise<void>;

  // Stream methods

  /**
   * Receives exactly `size` bytes, or everything up to the end of the stream if
   * `size` is left out, `null` or negative. Less comes at the end of the
   * stream, or if a non-blocking socket would have to wait; `null` if nothing
   * has come there.
   *
   * With a time-out it raises `TimeoutError` when so long nothing has come.
   * What came before then stays to be received, as after every other error.
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
  async read(
    size: number | null = -1,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const count = size === null ? -1 : integer(size, "size");
    this.#checkStream();
    if (count < 0) {
      return await collectAll(this.endpoint, this.timeout);
    }
    const buffer = new Uint8Array(count);
    const received = await this.#fill(buffer);
    return received === null ? null : buffer.subarray(0, received);
  }

  /**
   * {@linkcode StreamSocket.prototype.read | read} into a buffer of the
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
   * @throws {OSError} What {@linkcode StreamSocket.prototype.read | read}
   * raises.
   * @throws {RangeError} If `nbytes` is negative.
   */
  async readinto(
    buffer: BufferSource,
    nbytes: number | null = null,
  ): Promise<number | null> {
    const target = view(buffer);
    const count = nbytes === null ? target.length : integer(nbytes, "nbytes");
    if (count < 0) throw new RangeError("negative buffersize in readinto");
    this.#checkStream();
    return await this.#fill(target.subarray(0, count));
  }

  /** Fills `target`, or what comes of it before the end. */
  async #fillWaiting(target: Uint8Array<ArrayBuffer>): Promise<number> {
    const { endpoint } = this;
    let count = 0;
    try {
      while (count < target.length) {
        const rest = target.subarray(count);
        // Short before an error, too.
        const received = await this.recv_into(rest, 0, MSG_WAITALL);
        if (received === 0) break;
        count += received;
      }
      return count;
    } catch (error) {
      endpoint.putBack?.(target.slice(0, count));
      throw error;
    }
  }

  /** Fills `target`, or as much of it as can be had. */
  async #fill(target: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const { endpoint, timeout } = this;
    if (timeout === 0) {
      return await unlessBlocked(this.recv_into(target, 0, MSG_WAITALL));
    }
    if (timeout === null) return await this.#fillWaiting(target);
    // Not received before all of it has come: the time may run out.
    const { length } = target;
    const bytes = await collect(endpoint, timeout, {
      view: (_, taken) => length - taken,
      measure: (bytes, taken) =>
        taken + bytes.length < length ? 0 : length - taken,
    });
    if (bytes !== null) target.set(bytes);
    return bytes && bytes.length;
  }

  /**
   * Receives a line with its end, `\n`, and nothing behind it. It has no end at
   * the end of the stream, or if a non-blocking socket would have to wait;
   * `null` if nothing has come there.
   *
   * A time-out is treated as in {@linkcode StreamSocket.prototype.read | read}.
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
   * @throws {OSError} What {@linkcode StreamSocket.prototype.read | read}
   * raises.
   */
  async readline(
    size: number | null = -1,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const most = size === null ? -1 : integer(size, "size");
    this.#checkStream();
    const limit = most < 0 ? Infinity : most;
    return await collect(this.endpoint, this.timeout, {
      view: (seen, taken) => Math.min(2 * seen + LINE, limit - taken),
      measure: (bytes, taken) => {
        const end = bytes.indexOf(LF) + 1;
        const left = limit - taken;
        if (end > 0) return Math.min(end, left);
        return bytes.length < left ? 0 : left;
      },
    });
  }

  #checkStream(): void {
    if (this.type === SOCK_STREAM) return;
    throw new OSError(
      errno.EOPNOTSUPP,
      "A datagram is no part of a stream: receive it with recv()",
    );
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
  async write(data: string | BufferSource): Promise<number | null> {
    const whole = bytes(data);
    if (this.timeout !== 0) {
      await this.sendall(whole);
      return whole.length;
    }
    let count = 0;
    do {
      const sent = await unlessBlocked(this.send(whole.subarray(count)));
      if (sent === null) return count || null;
      count += sent;
    } while (count < whole.length);
    return count;
  }

  // Files

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
   * Sends a file from `offset` up to its end, or `count` bytes of it, and
   * returns how many bytes that is. Behind them is where the file is
   * afterwards, also if sending failed.
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
   * @param file A `Deno.FsFile`, or what reads like one.
   * @throws {RangeError} If `offset` is negative or `count` isn't positive, if
   * the type isn't `SOCK_STREAM`, or the socket is non-blocking.
   * @throws {OSError} What {@linkcode Socket.prototype.send | send} raises, and
   * what the file does.
   */
  async sendfile(
    file: FileLike,
    offset = 0,
    count: number | null = null,
  ): Promise<number> {
    return await sendfile(this, file, offset, count);
  }
}
