/**
 * Files of bytes with a buffer.
 *
 * @module
 */

import { bytes, integer, view } from "../bytes.ts";
import { bound, IOBase } from "./base.ts";
import { Lock } from "./lock.ts";
import type { SocketIO } from "./raw.ts";
import { ReadBuffer } from "./reader.ts";
import { WriteBuffer } from "./writer.ts";

/**
 * A file of bytes with a buffer for reading, for writing, or one for each, as
 * `makefile("rwb")` makes it.
 *
 * Calls that read wait for each other, in the order in which they were made,
 * and so do calls that write. Data that a call had read before it failed stays
 * in the buffer.
 *
 * On a non-blocking socket the methods give the available data;
 * {@linkcode BufferedIO.prototype.read | read} and
 * {@linkcode BufferedIO.prototype.readinto | readinto} tell by `null` that
 * there is nothing, the others can't tell that from the end of the stream, as
 * in Python.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * using server = socket.create_server(["127.0.0.1", 0]);
 * using client = await socket.create_connection(server.getsockname());
 * const [conn] = await server.accept();
 * await client.sendall("one\ntwo\n");
 * client.shutdown(socket.SHUT_WR);
 *
 * await using file = conn.makefile("rb");
 * conn.close(); // The connection stays open for the file.
 * const lines: string[] = [];
 * for await (const line of file) lines.push(new TextDecoder().decode(line));
 * assertEquals(lines, ["one\n", "two\n"]);
 * ```
 *
 * Follows Python's
 * [`io.BufferedReader`](https://docs.python.org/3/library/io.html#io.BufferedReader),
 * [`io.BufferedWriter`](https://docs.python.org/3/library/io.html#io.BufferedWriter) and
 * [`io.BufferedRWPair`](https://docs.python.org/3/library/io.html#io.BufferedRWPair).
 */
export class BufferedIO extends IOBase<Uint8Array<ArrayBuffer>> {
  readonly #reader: ReadBuffer;
  readonly #writer: WriteBuffer;
  readonly #writes = new Lock();

  /** The file without a buffer that this one reads from and writes to. */
  readonly raw: SocketIO;

  /**
   * Puts a buffer before a file.
   *
   * @param buffer_size How much is read at once, and how much that was written
   * is kept, in bytes.
   * @throws {RangeError} If that isn't positive.
   */
  constructor(raw: SocketIO, buffer_size = 8192) {
    if (integer(buffer_size, "buffer_size") <= 0) {
      throw new RangeError("buffer size must be strictly positive");
    }
    super(raw, raw.mode);
    this.raw = raw;
    this.#reader = new ReadBuffer(raw, buffer_size);
    this.#writer = new WriteBuffer(raw, buffer_size);
  }

  /** @internal */
  protected override holds(): boolean {
    return this.#reader.length > 0;
  }

  /** @internal */
  protected override async finish(): Promise<void> {
    try {
      if (this.#writer.length > 0 || this.#writes.held) await this.sync();
    } finally {
      await super.finish();
    }
  }

  // Reading

  /**
   * Reads `size` bytes, or everything up to the end of the stream if `size` is
   * left out, `null` or -1. Less comes at the end of the stream, or if a
   * non-blocking socket would have to wait; `null` if nothing has come there.
   *
   * Follows Python's
   * [`io.BufferedReader.read`](https://docs.python.org/3/library/io.html#io.BufferedReader.read).
   *
   * @throws {RangeError} If `size` is less than -1.
   * @throws {OSError} What `recv_into()` raises; "cannot read from timed out
   * object" once a `TimeoutError` was raised and the buffer doesn't suffice.
   */
  async read(
    size: number | null = -1,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const count = bound(size);
    if (size !== null && size < -1) {
      throw new RangeError("read length must be non-negative or -1");
    }
    return await this.reading(() => this.#reader.read(count));
  }

  /**
   * Reads at most `size` bytes, in one call of the system, or none if there are
   * bytes in the buffer.
   *
   * Follows Python's
   * [`io.BufferedReader.read1`](https://docs.python.org/3/library/io.html#io.BufferedReader.read1).
   *
   * @param size The size of the buffer if it is left out or negative.
   * @throws {OSError} What {@linkcode BufferedIO.prototype.read | read} raises.
   */
  async read1(size = -1): Promise<Uint8Array<ArrayBuffer>> {
    const count = integer(size, "size") < 0 ? undefined : size;
    const read = await this.reading(() => this.#reader.read1(count));
    return read ?? new Uint8Array(0);
  }

  /**
   * The bytes in the buffer, which is filled if there are none. They stay to be
   * read.
   *
   * Follows Python's
   * [`io.BufferedReader.peek`](https://docs.python.org/3/library/io.html#io.BufferedReader.peek).
   *
   * @param _size Means nothing, as in Python.
   * @throws {OSError} What {@linkcode BufferedIO.prototype.read | read} raises.
   */
  async peek(_size = 0): Promise<Uint8Array<ArrayBuffer>> {
    return await this.reading(() => this.#reader.peek());
  }

  /**
   * Fills a buffer of the caller's, and returns how many bytes: less at the end
   * of the stream, or if a non-blocking socket would have to wait; `null` if
   * nothing has come there.
   *
   * Follows Python's
   * [`io.BufferedIOBase.readinto`](https://docs.python.org/3/library/io.html#io.BufferedIOBase.readinto).
   *
   * @throws {OSError} What {@linkcode BufferedIO.prototype.read | read} raises.
   */
  async readinto(buffer: BufferSource): Promise<number | null> {
    const target = view(buffer);
    return await this.reading(() => this.#reader.readInto(target, false));
  }

  /**
   * As {@linkcode BufferedIO.prototype.readinto | readinto}, but in one call of
   * the system at most.
   *
   * Follows Python's
   * [`io.BufferedIOBase.readinto1`](https://docs.python.org/3/library/io.html#io.BufferedIOBase.readinto1).
   *
   * @throws {OSError} What {@linkcode BufferedIO.prototype.read | read} raises.
   */
  async readinto1(buffer: BufferSource): Promise<number | null> {
    const target = view(buffer);
    return await this.reading(() => this.#reader.readInto(target, true));
  }

  /**
   * Reads a line with its end, `\n`. It has none at the end of the stream, or
   * if a non-blocking socket would have to wait.
   *
   * Follows Python's
   * [`io.IOBase.readline`](https://docs.python.org/3/library/io.html#io.IOBase.readline).
   *
   * @param size At most so many bytes; no bound if it is negative or `null`.
   * @throws {OSError} What {@linkcode BufferedIO.prototype.read | read} raises.
   */
  async readline(size: number | null = -1): Promise<Uint8Array<ArrayBuffer>> {
    const limit = bound(size);
    return await this.reading(() => this.#reader.readLine(limit));
  }

  /** @internal `read1()`, but `null` if nothing has come. */
  chunk(): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.reading(() => this.#reader.read1());
  }

  // Writing

  /**
   * Writes `data`, and returns how many bytes that is. They may wait in the
   * buffer until {@linkcode IOBase.prototype.flush | flush}. Text is
   * written as UTF-8.
   *
   * Follows Python's
   * [`io.BufferedWriter.write`](https://docs.python.org/3/library/io.html#io.BufferedWriter.write).
   *
   * @throws {OSError} What `send()` raises; if a non-blocking socket would
   * have to wait, `BlockingIOError` with how many bytes were taken as
   * `characters_written`.
   */
  async write(data: string | BufferSource): Promise<number> {
    const whole = bytes(data);
    this.check("writable");
    return await this.#writes.run(() => this.#writer.write(whole));
  }

  /** @internal */
  protected override sync(): Promise<void> {
    return this.#writes.run(() => this.#writer.flush());
  }
}
