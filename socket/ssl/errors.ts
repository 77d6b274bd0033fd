/**
 * The errors of TLS.
 *
 * @module
 */

import { OSError } from "../errors.ts";
import {
  SSL_ERROR_EOF,
  SSL_ERROR_SSL,
  SSL_ERROR_WANT_READ,
  SSL_ERROR_WANT_WRITE,
} from "./constants.ts";

/** What OpenSSL knows of an error. */
export interface SSLErrorOptions extends ErrorOptions {
  /** Which part of OpenSSL would have found the error: `"SSL"`, `"X509"`, `"PEM"`. */
  library?: string | null;
  /** A mnemonic of the reason: `"CERTIFICATE_VERIFY_FAILED"`. */
  reason?: string | null;
}

/**
 * An error of TLS: the base class of all others.
 *
 * Its message is OpenSSL's as far as the failure has one, without the place in
 * CPython's source that Python adds: `[SSL: WRONG_VERSION_NUMBER] wrong version
 * number`.
 *
 * ```ts
 * import { socket, ssl } from "@berkeley/socket";
 * import { assertInstanceOf, assertThrows } from "@std/assert";
 *
 * const context = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
 * const error = assertThrows(() => context.set_ciphers("none such"));
 * assertInstanceOf(error, ssl.SSLError);
 * assertInstanceOf(error, socket.OSError);
 * ```
 *
 * Follows Python's
 * [`ssl.SSLError`](https://docs.python.org/3/library/ssl.html#ssl.SSLError).
 */
export class SSLError extends OSError {
  /** The name of the class. */
  override name = "SSLError";
  /** Which part of OpenSSL would have found the error; `null` if none. */
  readonly library: string | null;
  /** A mnemonic of the reason, such as `"HTTP_REQUEST"`; `null` if none. */
  readonly reason: string | null;

  /**
   * Makes an error.
   *
   * @param code An `SSL_ERROR_` number, or a message for an error without one.
   * @param strerror What happened.
   */
  constructor(
    code: number | string,
    strerror?: string,
    options: SSLErrorOptions = {},
  ) {
    super(code, strerror, options);
    const { library = null, reason = null } = options;
    this.library = library;
    this.reason = reason;
    // Unlike that of other errors of the system, the text has no number.
    this.message = this.strerror ?? String(code);
  }
}

/**
 * The peer has closed the TLS layer (`close_notify`) where more was expected.
 * The connection below it may still be open.
 *
 * Follows Python's
 * [`ssl.SSLZeroReturnError`](https://docs.python.org/3/library/ssl.html#ssl.SSLZeroReturnError).
 */
export class SSLZeroReturnError extends SSLError {
  /** The name of the class. */
  override name = "SSLZeroReturnError";
}

/**
 * A socket that doesn't block would have to wait until something arrives.
 *
 * Follows Python's
 * [`ssl.SSLWantReadError`](https://docs.python.org/3/library/ssl.html#ssl.SSLWantReadError).
 */
export class SSLWantReadError extends SSLError {
  /** The name of the class. */
  override name = "SSLWantReadError";
}

/**
 * A socket that doesn't block would have to wait until it is writable.
 *
 * Follows Python's
 * [`ssl.SSLWantWriteError`](https://docs.python.org/3/library/ssl.html#ssl.SSLWantWriteError).
 */
export class SSLWantWriteError extends SSLError {
  /** The name of the class. */
  override name = "SSLWantWriteError";
}

/**
 * The system reported an error that has no number.
 *
 * Follows Python's
 * [`ssl.SSLSyscallError`](https://docs.python.org/3/library/ssl.html#ssl.SSLSyscallError).
 */
export class SSLSyscallError extends SSLError {
  /** The name of the class. */
  override name = "SSLSyscallError";
}

/**
 * The connection has ended without the end of the TLS layer.
 *
 * Follows Python's
 * [`ssl.SSLEOFError`](https://docs.python.org/3/library/ssl.html#ssl.SSLEOFError).
 */
export class SSLEOFError extends SSLError {
  /** The name of the class. */
  override name = "SSLEOFError";
}

/**
 * The peer's certificate is not to be trusted, or is that of another host.
 *
 * Follows Python's
 * [`ssl.SSLCertVerificationError`](https://docs.python.org/3/library/ssl.html#ssl.SSLCertVerificationError).
 */
export class SSLCertVerificationError extends SSLError {
  /** The name of the class. */
  override name = "SSLCertVerificationError";
  /** OpenSSL's number of the reason: 10 for an expired certificate. */
  readonly verify_code: number;
  /** The reason in words: `"certificate has expired"`. */
  readonly verify_message: string;

  /**
   * Makes an error.
   *
   * @param verify_code OpenSSL's number of the reason.
   * @param verify_message The reason in words.
   */
  constructor(
    verify_code: number,
    verify_message: string,
    options: ErrorOptions = {},
  ) {
    const reason = "CERTIFICATE_VERIFY_FAILED";
    super(
      SSL_ERROR_SSL,
      `[SSL: ${reason}] certificate verify failed: ${verify_message}`,
      { library: "SSL", reason, ...options },
    );
    this.verify_code = verify_code;
    this.verify_message = verify_message;
  }
}

/** Python's alias of {@linkcode SSLCertVerificationError}. */
export const CertificateError: typeof SSLCertVerificationError =
  SSLCertVerificationError;

/** An error of OpenSSL's library for TLS, with its text for the reason. */
export function sslError(
  reason: string,
  options: ErrorOptions & { code?: number; library?: string } = {},
): SSLError {
  const { code = SSL_ERROR_SSL, library = "SSL", cause } = options;
  const words = reason.toLowerCase().replaceAll("_", " ");
  return new SSLError(code, `[${library}: ${reason}] ${words}`, {
    library,
    reason,
    cause,
  });
}

/** The error of a call that would have to wait until something arrives. */
export function wantRead(): SSLWantReadError {
  return new SSLWantReadError(
    SSL_ERROR_WANT_READ,
    "The operation did not complete (read)",
  );
}

/** The error of a call that would have to wait until there is room. */
export function wantWrite(): SSLWantWriteError {
  return new SSLWantWriteError(
    SSL_ERROR_WANT_WRITE,
    "The operation did not complete (write)",
  );
}

/** The error of a connection that has ended without the end of the TLS layer. */
export function endOfFile(): SSLEOFError {
  const reason = "UNEXPECTED_EOF_WHILE_READING";
  return new SSLEOFError(
    SSL_ERROR_EOF,
    `[SSL: ${reason}] EOF occurred in violation of protocol`,
    { library: "SSL", reason },
  );
}
