/**
 * The methods that all files share.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import { integer } from "../bytes.ts";
import { OSError } from "../errors.ts";
import { POLLIN, POLLNVAL } from "../reactor/events.ts";
import {
  type Pollable,
  readiness,
  type Source,
  type Watch,
} from "../reactor/readiness.ts";
import { Watchers } from "../reactor/watchers.ts";
import { Lock } from "./lock.ts";

/**
 * The file can't do that: it was opened to be read and not written, or the
 * other way round, or the operation needs a file that can seek.
 *
 * Follows Python's
 * [`io.UnsupportedOperation`](https://docs.python.org/3/library/io.html#io.UnsupportedOperation).
 */
export class UnsupportedOperation extends OSError {
  /** The name of the class. */
  override name = "UnsupportedOperation";
}

/** The socket or file that a file reads from and writes to. */
interface Lower extends Pollable {
  readonly closed?: boolean;
  fileno(): number;
  flush?(): Promise<void>;
  close(): Promise<void> | void;
}

/**
 * A file over a socket; a line is bytes or text.
 *
 * Once a file is closed, everything but `close()` raises a `RangeError`, as
 * Python does a `ValueError`; asynchronous methods reject with it.
 *
 * Follows Python's
 * [`io.IOBase`](https://docs.python.org/3/library/io.html#io.IOBase).
 */
export abstract class IOBase<Line extends string | Uint8Array<ArrayBuffer>>
  implements AsyncIterable<Line>, AsyncDisposable, Disposable, Pollable {
  readonly #lower: Lower;
  readonly #readable: boolean;
  readonly #writable: boolean;
  readonly #source: FileSource;
  readonly #reads = new Lock();
  #closing: Promise<void> | null = null;

  /**
   * The mode: `rb`, `wb` or `rwb` for a file of bytes; as it was given to
   * `makefile()` for a file of text.
   */
  readonly mode: string;

  /**
   * @param opened Contains `r` if the file can be read, `w` if it can be
   * written.
   * @internal
   */
  protected constructor(lower: Lower, opened: string, mode = opened) {
    this.#lower = lower;
    this.#readable = opened.includes("r");
    this.#writable = opened.includes("w");
    this.#source = new FileSource(lower[readiness], () => this.holds());
    this.mode = mode;
  }

  /**
   * The readiness for `select()` and `poll()`. Buffered data is readable.
   *
   * @throws {OSError} `EBADF` once the file is closed.
   */
  get [readiness](): Source {
    if (this.closed) throw new OSError(errno.EBADF);
    return this.#source;
  }

  /** @internal Whether the file has taken in data that is still unread. */
  protected holds(): boolean {
    return false;
  }

  // The end

  /** `true` once the file is closed, or about to be. */
  get closed(): boolean {
    return this.#closing !== null || this.#lower.closed === true;
  }

  /**
   * Writes out what was buffered, and closes the file, which it does even if
   * that fails. The connection is closed with the last of its sockets and
   * files. Closing twice does nothing.
   *
   * Calls that wait for something to read go on, unless the connection is
   * closed.
   *
   * Follows Python's
   * [`io.IOBase.close`](https://docs.python.org/3/library/io.html#io.IOBase.close).
   *
   * @throws {OSError} What writing raises.
   */
  close(): Promise<void> {
    // The first call has reported the error.
    if (this.#closing) return this.#closing.catch(() => {});
    return this.#closing = this.finish();
  }

  /** @internal Closes the file: synchronously if nothing is to be written. */
  protected async finish(): Promise<void> {
    try {
      await this.#lower.close();
    } finally {
      this.#source.close();
    }
  }

  /**
   * {@linkcode IOBase.prototype.close | close} for `using`: what was buffered
   * is still written, but the caller learns neither when nor of an error.
   */
  [Symbol.dispose](): void {
    this.close().catch(() => {});
  }

  /** {@linkcode IOBase.prototype.close | close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal Raises an error if the file is closed, or not open for that. */
  protected check(use?: "readable" | "writable"): void {
    if (this.closed) throw new RangeError("I/O operation on closed file.");
    if (use === undefined || this[use]()) return;
    throw new UnsupportedOperation(`File or stream is not ${use}.`);
  }

  /** @internal Runs a call that reads, after those that were made before it. */
  protected async reading<T>(operation: () => Promise<T>): Promise<T> {
    this.check("readable");
    try {
      return await this.#reads.run(operation);
    } finally {
      this.#source.filled();
    }
  }

  // Properties

  /** The number of the file's descriptor; -1 once the file is closed. */
  get name(): number {
    return this.closed ? -1 : this.fileno();
  }

  /**
   * The file's descriptor. It isn't that of the socket that the file was made
   * from: each may be closed before the other.
   */
  fileno(): number {
    this.check();
    return this.#lower.fileno();
  }

  /** Whether the file can be read. */
  readable(): boolean {
    this.check();
    return this.#readable;
  }

  /** Whether the file can be written. */
  writable(): boolean {
    this.check();
    return this.#writable;
  }

  /** `false`: a socket has no position. */
  seekable(): boolean {
    this.check();
    return false;
  }

  /** `false`: a socket is no terminal. */
  isatty(): boolean {
    this.check();
    return false;
  }

  /** Raises {@linkcode UnsupportedOperation}, as Python does. */
  seek(_offset: number, _whence = 0): never {
    return this.tell();
  }

  /** Raises {@linkcode UnsupportedOperation}, as Python does. */
  tell(): never {
    this.check();
    throw new UnsupportedOperation("underlying stream is not seekable");
  }

  /** Raises {@linkcode UnsupportedOperation}, as Python does. */
  truncate(_size: number | null = null): never {
    this.check();
    throw new UnsupportedOperation("truncate");
  }

  // Lines

  /** The next line with its end; an empty one at the end of the stream. */
  abstract readline(size?: number | null): Promise<Line>;

  /** Writes `data`. */
  abstract write(data: Line | string): Promise<number | null>;

  /**
   * Sends what is buffered. A file without a buffer does nothing.
   *
   * Follows Python's
   * [`io.IOBase.flush`](https://docs.python.org/3/library/io.html#io.IOBase.flush).
   *
   * @throws {OSError} What `write()` raises; the rest stays in the buffer.
   */
  async flush(): Promise<void> {
    this.check();
    await this.sync();
  }

  /** @internal */
  protected async sync(): Promise<void> {
    await this.#lower.flush?.();
  }

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
    const limit = bound(hint, "hint") || Infinity;
    const lines: Line[] = [];
    let length = 0;
    for await (const line of this) {
      lines.push(line);
      length += lengthOf(line);
      if (length > limit) break;
    }
    return lines;
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

/** A size argument; `Infinity` if it is negative or `null`. */
export function bound(size: number | null, name = "size"): number {
  const limit = size === null ? -1 : integer(size, name);
  return limit < 0 ? Infinity : limit;
}

/** How many bytes, or characters as Python counts them: by code points. */
export function lengthOf(data: string | Uint8Array): number {
  if (typeof data !== "string") return data.length;
  const pairs = data.match(/[\ud800-\udbff][\udc00-\udfff]/g);
  return data.length - (pairs?.length ?? 0);
}

/** Ready when the socket or file below is, or when the file holds unread data. */
class FileSource implements Source {
  readonly #lower: Source;
  readonly #holds: () => boolean;
  readonly #watchers = new Watchers();
  #closed = false;

  constructor(lower: Source, holds: () => boolean) {
    this.#lower = lower;
    this.#holds = holds;
  }

  get readiness(): number {
    if (this.#closed) return POLLNVAL;
    return this.#lower.readiness | (this.#holds() ? POLLIN : 0);
  }

  get reactor(): Source["reactor"] {
    return this.#lower.reactor;
  }

  watch(watch: Watch): void {
    this.#watchers.add(watch);
    this.#lower.watch(watch);
  }

  unwatch(watch: Watch): void {
    this.#watchers.delete(watch);
    this.#lower.unwatch(watch);
  }

  /** Wakes the watches of unread data; it has left the socket, which can't. */
  filled(): void {
    if (this.#holds()) this.#watchers.wake(POLLIN);
  }

  close(): void {
    this.#closed = true;
    this.#watchers.wake(POLLNVAL);
  }
}
