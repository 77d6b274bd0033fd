/**
 * Files of text.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import { kind } from "../bytes.ts";
import { BlockingIOError } from "../errors.ts";
import { bound, IOBase, lengthOf } from "./base.ts";
import type { BufferedIO } from "./buffered.ts";
import type { Errors } from "./codecs.ts";
import { type Decode, type Encode, encodingOf } from "./encodings.ts";
import { lineEnd, type Newline, UniversalNewlines } from "./newline.ts";

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
   * The treatment of bytes and characters that are not in the encoding:
   * `strict` (as if left out, or `null`) raises a `RangeError`, `ignore` drops
   * them, `replace` puts U+FFFD or `?` in their place.
   */
  errors?: Errors | null | undefined;
  /** How line ends are treated. */
  newline?: Newline | undefined;
}

/**
 * A file of text, as `makefile("rw")` makes it.
 *
 * Sizes count characters as Python does, by code points: a character beyond
 * U+FFFF counts as one, and is never cut in two.
 *
 * Calls that read wait for each other, in the order in which they were made,
 * and so do calls that write. Data that a call had read before it failed can
 * still be read, unless it couldn't be decoded.
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
  readonly #newline: Newline;
  readonly #universal: UniversalNewlines | null;
  readonly #decode: Decode;
  readonly #encode: Encode | undefined;
  /** The decoded text; from `#at` on it is unread. */
  #text = "";
  #at = 0;

  /** The file of bytes that this one reads from and writes to. */
  readonly buffer: BufferedIO;
  /** The name of the encoding, as it was given. */
  readonly encoding: string;
  /** The treatment of bytes and characters that are not in the encoding. */
  readonly errors: Errors;
  /** Whether a line that was written is sent at once. */
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
    encoding ??= "utf-8";
    if (typeof encoding !== "string") {
      throw new TypeError(
        `encoding must be a string or null, not ${kind(encoding)}`,
      );
    }
    errors ??= "strict";
    if (!oneOf(["strict", "ignore", "replace"], errors, "errors")) {
      throw new RangeError(`unknown error handler name '${errors}'`);
    }
    if (!oneOf([null, "", "\n", "\r", "\r\n"], newline, "newline")) {
      throw new RangeError(`illegal newline value: ${JSON.stringify(newline)}`);
    }
    const known = encodingOf(encoding);
    if (!known.encoder && buffer.writable()) {
      throw new RangeError(`text can't be written as ${encoding}`);
    }
    super(buffer, buffer.mode, mode);
    this.buffer = buffer;
    this.encoding = encoding;
    this.errors = errors;
    this.line_buffering = line_buffering;
    this.#newline = newline;
    this.#universal = newline ? null : new UniversalNewlines(newline === null);
    this.#decode = known.decoder(errors);
    this.#encode = known.encoder?.(errors);
  }

  /** @internal */
  protected override holds(): boolean {
    return this.#at < this.#text.length;
  }

  /**
   * The line ends that were read: `null` for none so far or if they aren't
   * looked for, several as an array.
   *
   * Follows Python's
   * [`io.TextIOBase.newlines`](https://docs.python.org/3/library/io.html#io.TextIOBase.newlines).
   */
  get newlines(): string | string[] | null {
    const seen = this.#universal?.seen ?? [];
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
    const characters = bound(size);
    return await this.reading(() => this.#read(characters));
  }

  async #read(characters: number): Promise<string> {
    let length = 0;
    let left = characters;
    for (let more: boolean | null = true;; more = await this.#more()) {
      const [end, missing] = advance(this.#text, this.#at + length, left);
      if (more === null && left === Infinity && end === this.#at) {
        throw new BlockingIOError(errno.EAGAIN);
      }
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
    const limit = bound(size);
    return await this.reading(() => this.#readLine(limit));
  }

  async #readLine(limit: number): Promise<string> {
    let searched = 0;
    for (let more: boolean | null = true;; more = await this.#more()) {
      const found = lineEnd(this.#text, this.#at + searched, this.#newline);
      const end = found === -1 ? this.#text.length : found;
      const [most, missing] = limit <= end - this.#at
        ? advance(this.#text, this.#at, limit)
        : [end, 1];
      if (found !== -1 || missing === 0 || !more) {
        return this.#take(Math.min(end, most));
      }
      // The first half of an end may have been seen.
      searched = Math.max(0, end - this.#at - 1);
    }
  }

  /** Decodes more; `false` at the end, `null` if nothing has come. */
  async #more(): Promise<boolean | null> {
    const bytes = await this.buffer.chunk();
    if (bytes === null) return null;
    const final = bytes.length === 0;
    let text = this.#decode(bytes, final);
    if (this.#universal) text = this.#universal.decode(text, final);
    this.#text = this.#text.slice(this.#at) + text;
    this.#at = 0;
    return !final;
  }

  #take(end: number): string {
    const text = this.#text.slice(this.#at, end);
    this.#at = end;
    return text;
  }

  // Writing

  /**
   * Writes text, and returns how many characters it has. It may wait in the
   * buffer until {@linkcode IOBase.prototype.flush | flush}, or the end of a
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
    this.check("writable");
    if (typeof text !== "string") {
      throw new TypeError(`write() takes a string, not ${kind(text)}`);
    }
    const end = this.#newline || "\n";
    const bytes = this.#encode!(
      end === "\n" ? text : text.replaceAll("\n", end),
    );
    const flush = this.line_buffering && /[\r\n]/.test(text);
    // Both calls are made at once, so that no other call gets between them.
    await Promise.all([
      this.buffer.write(bytes),
      flush ? this.buffer.flush() : null,
    ]);
    return lengthOf(text);
  }
}

/** Whether a string or `null` is one of these; a `TypeError` for other types. */
function oneOf(known: unknown[], value: unknown, name: string): boolean {
  if (value !== null && typeof value !== "string") {
    throw new TypeError(`${name} must be a string or null`);
  }
  return known.includes(value);
}

/** Finds the end of the next `characters`, and how many are missing. */
function advance(
  text: string,
  from: number,
  characters: number,
): [end: number, missing: number] {
  if (characters === Infinity) return [text.length, Infinity];
  let at = from;
  let left = characters;
  for (; left > 0 && at < text.length; left--) {
    at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  }
  return [at, left];
}
