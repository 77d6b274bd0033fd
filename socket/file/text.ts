/**
 * Files of text.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import { integer, kind } from "../bytes.ts";
import { BlockingIOError, OSError } from "../errors.ts";
import { readiness, type Source } from "../reactor/readiness.ts";
import { traced } from "../stack.ts";
import { IOBase } from "./base.ts";
import type { BufferedIO } from "./buffered.ts";
import { advance, count } from "./characters.ts";
import { checkErrors, type Errors } from "./codec/codec.ts";
import type { Decoder } from "./decoder.ts";
import type { Encoder } from "./encoder.ts";
import { encodingOf } from "./encodings.ts";
import { Lock } from "./lock.ts";
import {
  checkNewline,
  lineEnd,
  type Newline,
  NewlineDecoder,
  translate,
} from "./newline.ts";
import { FileSource } from "./source.ts";

/** How text is read and written. */
export interface TextOptions {
  /**
   * The encoding, `utf-8` if it is left out or `null`. Python's Unicode
   * encodings (without those of 32 bits), `ascii` and `latin-1` go under
   * Python's names; others are those of `TextDecoder`, and those of them with
   * several bytes for a character can't be written.
   */
  encoding?: string | null | undefined;
  /**
   * What happens with what can't be decoded or encoded: `strict` (as if left
   * out, or `null`) raises a `RangeError`, `ignore` drops it, `replace` puts
   * U+FFFD or `?` in its place.
   */
  errors?: Errors | null | undefined;
  /** How line ends are treated. */
  newline?: Newline | undefined;
}

/**
 * A file of text: what `makefile("rw")` gives.
 *
 * Sizes count characters as Python does, by code points: a character beyond
 * U+FFFF counts as one, and is never cut in two.
 *
 * Calls that read wait for each other, in the order in which they were made,
 * and so do calls that write. What a call had read when it failed stays to be
 * read, unless it couldn't be decoded.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * using server = socket.create_server(["127.0.0.1", 0]);
 * using client = await socket.create_connection(server.getsockname());
 * const [conn] = await server.accept();
 *
 * await using file = conn.makefile("rw", 1);
 * await client.sendall("Grüße\r\n");
 * assertEquals(await file.readline(), "Grüße\n");
 * await file.write("zurück\n");
 * assertEquals(new TextDecoder().decode(await client.recv(100)), "zurück\n");
 * conn.close();
 * ```
 *
 * Follows Python's
 * [`io.TextIOWrapper`](https://docs.python.org/3/library/io.html#io.TextIOWrapper).
 */
export class TextIO extends IOBase<string> {
  readonly #source: FileSource;
  readonly #newline: Newline;
  readonly #decoder: Decoder;
  readonly #encoder: Encoder | null;
  readonly #lock = new Lock();
  /** What was decoded; from `#at` on it is unread. */
  #text = "";
  #at = 0;

  /** The file of bytes that this one reads from and writes to. */
  readonly buffer: BufferedIO;
  /** The mode as it was given to `makefile()`. */
  readonly mode: string;
  /** The name of the encoding, as it was given. */
  readonly encoding: string;
  /** What happens with what can't be decoded or encoded. */
  readonly errors: Errors;
  /** A line that was written is sent at once. */
  readonly line_buffering: boolean;

  /**
   * Puts text before a file of bytes.
   *
   * @param line_buffering Send a line that was written at once.
   * @throws {RangeError} For an unknown encoding, or one that can't be written
   * if `buffer` is writable; for other `errors` or another `newline`.
   */
  constructor(
    buffer: BufferedIO,
    { encoding, errors, newline = null }: TextOptions = {},
    line_buffering = false,
    mode: string = buffer.mode,
  ) {
    super();
    encoding ??= "utf-8";
    if (typeof encoding !== "string") {
      throw new TypeError(
        `encoding must be a string or null, not ${kind(encoding)}`,
      );
    }
    this.encoding = encoding;
    this.errors = checkErrors(errors ?? "strict");
    this.#newline = checkNewline(newline);
    const known = encodingOf(encoding);
    if (known.encoder === null && buffer.writable()) {
      throw new RangeError(`text can't be written as ${encoding}`);
    }
    const decoder = known.decoder(this.errors);
    this.#decoder = newline
      ? decoder
      : new NewlineDecoder(decoder, newline === null);
    this.#encoder = known.encoder?.(this.errors) ?? null;
    this.buffer = buffer;
    this.mode = mode;
    this.line_buffering = line_buffering;
    this.#source = new FileSource(
      buffer[readiness],
      () => this.#at < this.#text.length,
    );
  }

  /** What `select()` and `poll()` wait for: text in the buffers counts. */
  get [readiness](): Source {
    if (this.closed) throw new OSError(errno.EBADF);
    return this.#source;
  }

  /** `true` once the file is closed, or about to be. */
  override get closed(): boolean {
    return super.closed || this.buffer.closed;
  }

  /** @internal */
  protected override async finish(): Promise<void> {
    try {
      await this.buffer.close();
    } finally {
      this.#source.close();
    }
  }

  /** The file's descriptor. */
  fileno(): number {
    this.check();
    return this.buffer.fileno();
  }

  /** Whether the file can be read. */
  readable(): boolean {
    this.check();
    return this.buffer.readable();
  }

  /** Whether the file can be written. */
  writable(): boolean {
    this.check();
    return this.buffer.writable();
  }

  /**
   * The line ends that were read: `null` for none so far or if they aren't
   * looked for, several as an array.
   *
   * Follows Python's
   * [`io.TextIOBase.newlines`](https://docs.python.org/3/library/io.html#io.TextIOBase.newlines).
   */
  get newlines(): string | string[] | null {
    if (!(this.#decoder instanceof NewlineDecoder)) return null;
    const { seen } = this.#decoder;
    return seen.length > 1 ? seen : seen[0] ?? null;
  }

  // Reading

  /**
   * Reads `size` characters, or everything up to the end of the stream if
   * `size` is left out, `null` or negative. Less comes at the end of the
   * stream, or if a non-blocking socket would have to wait.
   *
   * Follows Python's
   * [`io.TextIOBase.read`](https://docs.python.org/3/library/io.html#io.TextIOBase.read).
   *
   * @throws {RangeError} If something can't be decoded.
   * @throws {OSError} What `recv_into()` raises; "cannot read from timed out
   * object" once a `TimeoutError` was raised and the buffer doesn't suffice;
   * `BlockingIOError` without a size if nothing has come on a non-blocking
   * socket.
   */
  async read(size: number | null = -1): Promise<string> {
    const characters = size === null ? -1 : integer(size, "size");
    this.checkReadable();
    return await this.#run(() =>
      characters < 0 ? this.#readAll() : this.#read(characters)
    );
  }

  async #readAll(): Promise<string> {
    let more: boolean | null = true;
    while (more) more = await this.#more();
    if (more === null && this.#at === this.#text.length) {
      throw new BlockingIOError(errno.EAGAIN);
    }
    return this.#take(this.#text.length);
  }

  async #read(characters: number): Promise<string> {
    let length = 0;
    let left = characters;
    for (let more: boolean | null = true;; more = await this.#more()) {
      const [end, missing] = advance(this.#text, this.#at + length, left);
      if (missing === 0 || !more) return this.#take(end);
      length = end - this.#at;
      left = missing;
    }
  }

  /**
   * Reads a line with its end. It has none at the end of the stream, or if a
   * non-blocking socket would have to wait.
   *
   * Follows Python's
   * [`io.TextIOBase.readline`](https://docs.python.org/3/library/io.html#io.TextIOBase.readline).
   *
   * @param size At most so many characters; no bound if it is negative or
   * `null`.
   * @throws {RangeError} If something can't be decoded.
   * @throws {OSError} What {@linkcode TextIO.prototype.read | read} raises.
   */
  async readline(size: number | null = -1): Promise<string> {
    const characters = size === null ? -1 : integer(size, "size");
    this.checkReadable();
    const limit = characters < 0 ? Infinity : characters;
    return await this.#run(() => this.#readLine(limit));
  }

  async #readLine(limit: number): Promise<string> {
    let searched = 0;
    for (let more: boolean | null = true;; more = await this.#more()) {
      const found = lineEnd(this.#text, this.#at + searched, this.#newline);
      const end = found === -1 ? this.#text.length : found;
      const [bound, missing] = limit <= end - this.#at
        ? advance(this.#text, this.#at, limit)
        : [end, 1];
      if (found !== -1 || missing === 0 || !more) {
        return this.#take(Math.min(end, bound));
      }
      // The first half of an end may have been seen.
      searched = Math.max(0, end - this.#at - 1);
    }
  }

  #run<T>(operation: () => Promise<T>): Promise<T> {
    return this.#lock.run(async () => {
      try {
        return await operation();
      } catch (error) {
        throw traced(error);
      } finally {
        this.#source.filled();
      }
    });
  }

  /** Decodes more; `false` at the end, `null` if nothing has come. */
  async #more(): Promise<boolean | null> {
    const bytes = await this.buffer.chunk();
    if (bytes === null) return null;
    const text = this.#decoder.decode(bytes, bytes.length === 0);
    this.#text = this.#text.slice(this.#at) + text;
    this.#at = 0;
    return bytes.length > 0;
  }

  #take(end: number): string {
    const text = this.#text.slice(this.#at, end);
    this.#at = end;
    return text;
  }

  /** @internal */
  protected override sizeOf(line: string): number {
    return count(line);
  }

  // Writing

  /**
   * Writes text, and returns how many characters it has. It may wait in the
   * buffer until {@linkcode TextIO.prototype.flush | flush}, or the end of a
   * line if {@linkcode TextIO.prototype.line_buffering | line_buffering} is
   * set.
   *
   * Follows Python's
   * [`io.TextIOBase.write`](https://docs.python.org/3/library/io.html#io.TextIOBase.write).
   *
   * @throws {TypeError} If `text` isn't a string.
   * @throws {RangeError} If something can't be encoded.
   * @throws {OSError} What the `write()` of
   * {@linkcode TextIO.prototype.buffer | buffer} raises.
   */
  async write(text: string): Promise<number> {
    this.checkWritable();
    if (typeof text !== "string") {
      throw new TypeError(`write() takes a string, not ${kind(text)}`);
    }
    const bytes = this.#encoder!.encode(translate(text, this.#newline));
    const flush = this.line_buffering && /[\r\n]/.test(text);
    // Asked for in one breath, so that nothing comes between, not even close().
    await Promise.all([
      this.buffer.write(bytes),
      flush ? this.buffer.flush() : null,
    ]);
    return count(text);
  }

  /**
   * Sends what is in the buffer.
   *
   * Follows Python's
   * [`io.IOBase.flush`](https://docs.python.org/3/library/io.html#io.IOBase.flush).
   *
   * @throws {OSError} What the `flush()` of
   * {@linkcode TextIO.prototype.buffer | buffer} raises.
   */
  async flush(): Promise<void> {
    this.check();
    await this.buffer.flush();
  }
}
