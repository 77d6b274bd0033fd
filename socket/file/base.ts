/**
 * What all files have.
 *
 * @module
 */

import { integer } from "../bytes.ts";
import { type Pollable, readiness, type Source } from "../reactor/readiness.ts";
import { UnsupportedOperation } from "./unsupported.ts";

/**
 * A file over a socket, whatever its lines are made of.
 *
 * Once a file is closed, everything but `close()` raises a `RangeError`, as
 * Python does a `ValueError`; what may wait rejects with it.
 *
 * Follows Python's
 * [`io.IOBase`](https://docs.python.org/3/library/io.html#io.IOBase).
 */
export abstract class IOBase<Line extends string | Uint8Array<ArrayBuffer>>
  implements AsyncIterable<Line>, AsyncDisposable, Disposable, Pollable {
  #closing: Promise<void> | null = null;

  /** What the file was opened for. */
  abstract readonly mode: string;

  /** What `select()` and `poll()` wait for. */
  abstract readonly [readiness]: Source;

  // The end

  /** `true` once the file is closed, or about to be. */
  get closed(): boolean {
    return this.#closing !== null;
  }

  /**
   * Writes out what was buffered, and closes the file, which it does even if
   * that fails. The connection is closed with the last of its sockets and
   * files. Closing twice does nothing.
   *
   * Calls that wait for something to read are left as they are, unless the
   * connection is closed.
   *
   * Follows Python's
   * [`io.IOBase.close`](https://docs.python.org/3/library/io.html#io.IOBase.close).
   *
   * @throws {OSError} What writing raises.
   */
  close(): Promise<void> {
    // Who failed has been told already.
    if (this.#closing) return this.#closing.catch(() => {});
    return this.#closing = this.finish();
  }

  /**
   * Does what {@linkcode IOBase.prototype.close | close} promises, and at once
   * if nothing is to be written.
   *
   * @internal
   */
  protected abstract finish(): Promise<void>;

  /**
   * {@linkcode IOBase.prototype.close | close} for `using`: what was buffered
   * is still written, but nobody learns when, or of an error.
   */
  [Symbol.dispose](): void {
    this.close().catch(() => {});
  }

  /** {@linkcode IOBase.prototype.close | close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Raises a `RangeError` if the file is closed.
   *
   * @internal
   */
  protected check(): void {
    if (this.closed) throw new RangeError("I/O operation on closed file.");
  }

  /** @internal */
  protected checkReadable(): void {
    this.check();
    if (!this.readable()) {
      throw new UnsupportedOperation("File or stream is not readable.");
    }
  }

  /** @internal */
  protected checkWritable(): void {
    this.check();
    if (!this.writable()) {
      throw new UnsupportedOperation("File or stream is not writable.");
    }
  }

  // What it is

  /** The number of the file's descriptor; -1 once the file is closed. */
  get name(): number {
    return this.closed ? -1 : this.fileno();
  }

  /**
   * The file's descriptor. It isn't that of the socket that the file was made
   * from: each may be closed before the other.
   */
  abstract fileno(): number;

  /** Whether the file can be read. */
  abstract readable(): boolean;

  /** Whether the file can be written. */
  abstract writable(): boolean;

  /** `false`: nobody can move about in what comes from a socket. */
  seekable(): boolean {
    this.check();
    return false;
  }

  /** `false`: a socket is no terminal. */
  isatty(): boolean {
    this.check();
    return false;
  }

  /**
   * Raises {@linkcode UnsupportedOperation}, as Python does.
   *
   * @throws {UnsupportedOperation}
   */
  seek(_offset: number, _whence = 0): never {
    this.check();
    throw new UnsupportedOperation("underlying stream is not seekable");
  }

  /**
   * Raises {@linkcode UnsupportedOperation}, as Python does.
   *
   * @throws {UnsupportedOperation}
   */
  tell(): never {
    this.check();
    throw new UnsupportedOperation("underlying stream is not seekable");
  }

  /**
   * Raises {@linkcode UnsupportedOperation}, as Python does.
   *
   * @throws {UnsupportedOperation}
   */
  truncate(_size: number | null = null): never {
    this.check();
    throw new UnsupportedOperation("truncate");
  }

  // Lines

  /** The next line with its end; an empty one at the end of the stream. */
  abstract readline(size?: number | null): Promise<Line>;

  /** Writes `data`. */
  abstract write(data: Line | string): Promise<number | null>;

  /** Lets go of what was buffered. */
  abstract flush(): Promise<void>;

  /**
   * All lines up to the end of the stream.
   *
   * Follows Python's
   * [`io.IOBase.readlines`](https://docs.python.org/3/library/io.html#io.IOBase.readlines).
   *
   * @param hint No more lines once their length exceeds this; no bound if it is
   * `null`, 0 or negative.
   */
  async readlines(hint: number | null = null): Promise<Line[]> {
    const bound = hint === null ? 0 : integer(hint, "hint");
    const lines: Line[] = [];
    let length = 0;
    for await (const line of this) {
      lines.push(line);
      length += this.sizeOf(line);
      if (bound > 0 && length > bound) break;
    }
    return lines;
  }

  /**
   * How many bytes or characters a line has.
   *
   * @internal
   */
  protected sizeOf(line: Line): number {
    return line.length;
  }

  /**
   * Writes one after the other. No line ends are added.
   *
   * Follows Python's
   * [`io.IOBase.writelines`](https://docs.python.org/3/library/io.html#io.IOBase.writelines).
   *
   * @throws {OSError} What `write()` raises.
   */
  async writelines(lines: Iterable<Line | string>): Promise<void> {
    this.check();
    for (const line of lines) await this.write(line);
  }

  /** The lines up to the end of the stream: `for await (const line of file)`. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Line, void, void> {
    for (;;) {
      const line = await this.readline();
      if (line.length === 0) return;
      yield line;
    }
  }
}
