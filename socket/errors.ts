/**
 * Python's tree of operating-system errors.
 *
 * Every failure of a socket operation is an {@linkcode OSError}; the subclass
 * follows from its `errno`, as in
 * [PEP 3151](https://peps.python.org/pep-3151/). A wrong argument is a
 * `TypeError` (wrong kind) or a `RangeError` (wrong value), never an `OSError`.
 *
 * @module
 */

import * as errno from "../errno.ts";

/**
 * An operation that the system refused or could not finish.
 *
 * `new OSError(errno.EPIPE)` gives an object of the subclass that belongs to
 * the number, here `BrokenPipeError`, as Python does.
 *
 * ```ts
 * import { errno, socket } from "@berkeley/socket";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * const error = new socket.OSError(errno.ECONNREFUSED);
 * assertInstanceOf(error, socket.ConnectionRefusedError);
 * assertEquals(error.message, "[Errno 111] Connection refused");
 * assertEquals(error.args, [111, "Connection refused"]);
 * ```
 *
 * Follows Python's
 * [`OSError`](https://docs.python.org/3/library/exceptions.html#OSError).
 */
export class OSError extends Error {
  /** The name of the class. */
  override name = "OSError";
  /** The system's error number, or `null` when there is none (a time-out). */
  readonly errno: number | null;
  /** The meaning of the number in words, or `null` when there is no number. */
  readonly strerror: string | null;
  /** The arguments that it was made from: `[errno, strerror]` or `[message]`. */
  readonly args: readonly unknown[];

  /**
   * Makes an error, of the subclass that belongs to its number.
   *
   * @param code The error number, or a message for an error without one.
   * @param strerror What happened; the system's words for `code` by default.
   * @param options The `cause`, kept for debugging.
   */
  constructor(
    code: number | string,
    strerror?: string,
    options?: ErrorOptions,
  ) {
    const words = typeof code === "number"
      ? strerror ?? errno.strerror(code)
      : null;
    super(words === null ? String(code) : `[Errno ${code}] ${words}`, options);
    this.errno = typeof code === "number" ? code : null;
    this.strerror = words;
    this.args = words === null ? [code] : [code, words];
    const subclass = new.target === OSError && SUBCLASSES.get(this.errno);
    if (subclass) return new subclass(code, strerror, options);
  }
}

/**
 * The operation would have to wait and the socket is non-blocking (`EAGAIN`,
 * `EINPROGRESS`, `EALREADY`).
 */
export class BlockingIOError extends OSError {
  /** The name of the class. */
  override name = "BlockingIOError";
  /** How many bytes a file had taken before it raised this error. */
  declare readonly characters_written?: number;
}

/** A child process operation failed (`ECHILD`). */
export class ChildProcessError extends OSError {
  /** The name of the class. */
  override name = "ChildProcessError";
}

/** The base class of all errors of connections. */
export class ConnectionError extends OSError {
  /** The name of the class. */
  override name = "ConnectionError";
}

/** Writing to a connection that is shut down for writing (`EPIPE`, `ESHUTDOWN`). */
export class BrokenPipeError extends ConnectionError {
  /** The name of the class. */
  override name = "BrokenPipeError";
}

/** The connection was given up on this side (`ECONNABORTED`). */
export class ConnectionAbortedError extends ConnectionError {
  /** The name of the class. */
  override name = "ConnectionAbortedError";
}

/** No socket listens at that address (`ECONNREFUSED`). */
export class ConnectionRefusedError extends ConnectionError {
  /** The name of the class. */
  override name = "ConnectionRefusedError";
}

/** The peer dropped the connection (`ECONNRESET`). */
export class ConnectionResetError extends ConnectionError {
  /** The name of the class. */
  override name = "ConnectionResetError";
}

/** The path exists already (`EEXIST`). */
export class FileExistsError extends OSError {
  /** The name of the class. */
  override name = "FileExistsError";
}

/** The path does not exist (`ENOENT`). */
export class FileNotFoundError extends OSError {
  /** The name of the class. */
  override name = "FileNotFoundError";
}

/** The call was interrupted (`EINTR`). */
export class InterruptedError extends OSError {
  /** The name of the class. */
  override name = "InterruptedError";
}

/** The path is a directory (`EISDIR`). */
export class IsADirectoryError extends OSError {
  /** The name of the class. */
  override name = "IsADirectoryError";
}

/** A part of the path is not a directory (`ENOTDIR`). */
export class NotADirectoryError extends OSError {
  /** The name of the class. */
  override name = "NotADirectoryError";
}

/**
 * The system, or a missing Deno permission, forbids it (`EACCES`, `EPERM`).
 * For a missing permission the words name the flag.
 */
export class PermissionError extends OSError {
  /** The name of the class. */
  override name = "PermissionError";
}

/** There is no such process (`ESRCH`). */
export class ProcessLookupError extends OSError {
  /** The name of the class. */
  override name = "ProcessLookupError";
}

/**
 * The time set with `settimeout()` passed (`errno` is `null`), or the system
 * gave up (`ETIMEDOUT`).
 */
export class TimeoutError extends OSError {
  /** The name of the class. */
  override name = "TimeoutError";
}

/**
 * A name or an address could not be resolved; `errno` is one of the `EAI_`
 * numbers, which are negative.
 */
export class gaierror extends OSError {
  /** The name of the class. */
  override name = "gaierror";
}

/** An old name look-up failed (`gethostbyaddr()`). */
export class herror extends OSError {
  /** The name of the class. */
  override name = "herror";
}

/** Python's alias of {@linkcode OSError}. */
export const error: typeof OSError = OSError;

/** Python's alias of {@linkcode TimeoutError}. */
export const timeout: typeof TimeoutError = TimeoutError;

const SUBCLASSES = new Map<number | null, typeof OSError>([
  [errno.EAGAIN, BlockingIOError],
  [errno.EWOULDBLOCK, BlockingIOError],
  [errno.EALREADY, BlockingIOError],
  [errno.EINPROGRESS, BlockingIOError],
  [errno.ECHILD, ChildProcessError],
  [errno.EPIPE, BrokenPipeError],
  [errno.ESHUTDOWN, BrokenPipeError],
  [errno.ECONNABORTED, ConnectionAbortedError],
  [errno.ECONNREFUSED, ConnectionRefusedError],
  [errno.ECONNRESET, ConnectionResetError],
  [errno.EEXIST, FileExistsError],
  [errno.ENOENT, FileNotFoundError],
  [errno.EINTR, InterruptedError],
  [errno.EISDIR, IsADirectoryError],
  [errno.ENOTDIR, NotADirectoryError],
  [errno.EACCES, PermissionError],
  [errno.EPERM, PermissionError],
  [errno.ESRCH, ProcessLookupError],
  [errno.ETIMEDOUT, TimeoutError],
]);
