/**
 * The functions of Python's module.
 *
 * @module
 */

import { int } from "../arguments.ts";
import { integer } from "../bytes.ts";
import { create_connection } from "../create.ts";
import type { AddressLike } from "../names/address.ts";
import type { Socket } from "../socket.ts";
import * as c from "./constants.ts";
import type { Password } from "./credentials.ts";
import { DER_cert_to_PEM_cert } from "./pem.ts";
import { SSLContext, type SSLSocket, type WrapOptions } from "./socket.ts";

/** The certificates that a context trusts. */
export interface Authorities {
  /** The path of a file in PEM. */
  cafile?: string | URL | null;
  /** The path of a folder with such files. */
  capath?: string | URL | null;
  /** A text in PEM, or bytes in DER. */
  cadata?: string | BufferSource | null;
}

/**
 * A context with safe settings: for clients (`Purpose.SERVER_AUTH`) one that
 * verifies the server's certificate and its host, for servers
 * (`Purpose.CLIENT_AUTH`) one that asks for no certificate.
 *
 * ```ts
 * import { ssl } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const context = ssl.create_default_context();
 * assertEquals(context.verify_mode, ssl.CERT_REQUIRED);
 * assertEquals(context.check_hostname, true);
 * ```
 *
 * Follows Python's
 * [`ssl.create_default_context`](https://docs.python.org/3/library/ssl.html#ssl.create_default_context).
 *
 * @param options Which certificates are trusted instead of those that Deno
 * trusts.
 * @throws {OSError} What `load_verify_locations()` raises.
 * @throws {TypeError} If `purpose` is no purpose.
 */
export function create_default_context(
  purpose: c.ObjectIdentifier = c.Purpose.SERVER_AUTH,
  { cafile = null, capath = null, cadata = null }: Authorities = {},
): SSLContext {
  if (!Object.values(c.Purpose).some(({ oid }) => oid === purpose?.oid)) {
    throw new TypeError(String(purpose));
  }
  const server = purpose.oid === c.Purpose.CLIENT_AUTH.oid;
  const context = new SSLContext(
    server ? c.PROTOCOL_TLS_SERVER : c.PROTOCOL_TLS_CLIENT,
  );
  if (cafile || capath || cadata) {
    context.load_verify_locations(
      cafile || null,
      capath || null,
      cadata || null,
    );
  } else if (context.verify_mode !== c.CERT_NONE) {
    context.load_default_certs(purpose);
  }
  return context;
}

/**
 * How {@linkcode wrap_socket} wraps: with the names of MicroPython, and with
 * those of the function that Python had up to 3.11.
 */
export interface PlainWrapOptions extends WrapOptions {
  /** MicroPython: the private key, in PEM or DER. */
  key?: string | BufferSource | null;
  /** MicroPython: the certificate, in PEM or DER. */
  cert?: string | BufferSource | null;
  /** Python: the path of the private key in PEM. */
  keyfile?: string | URL | null;
  /** Python: the path of the certificate in PEM. */
  certfile?: string | URL | null;
  /** `CERT_NONE`, which is what it is if left out, or another. */
  cert_reqs?: number;
  /** MicroPython: trusted certificates, in PEM or DER. */
  cadata?: string | BufferSource | null;
  /** Python: the path of trusted certificates in PEM. */
  ca_certs?: string | URL | null;
  /** Python: a `PROTOCOL_` number. */
  ssl_version?: number;
  /** Python: the ciphers, as `set_ciphers()` takes them. */
  ciphers?: string | null;
  /** MicroPython: the same as `do_handshake_on_connect`. */
  do_handshake?: boolean;
  /** Opens an encrypted key. */
  password?: Password | null;
}

/**
 * Puts TLS over a stream socket, without a context of its own. It verifies
 * nothing unless `cert_reqs` says so: new programs should use
 * {@linkcode create_default_context}.
 *
 * ```ts ignore
 * const s = socket.socket();
 * await s.connect(["micropython.org", 443]);
 * const tls = await ssl.wrap_socket(s, { server_hostname: "micropython.org" });
 * ```
 *
 * Follows MicroPython's
 * [`ssl.wrap_socket`](https://docs.micropython.org/en/latest/library/ssl.html#ssl.ssl.wrap_socket)
 * and that of Python 3.11.
 *
 * @throws {SSLError} If the handshake fails.
 * @throws {RangeError} If a server has no certificate, or there is nothing to
 * verify with.
 */
export async function wrap_socket(
  sock: Socket,
  {
    key = null,
    cert = null,
    keyfile = null,
    certfile = null,
    cert_reqs = c.CERT_NONE,
    cadata = null,
    ca_certs = null,
    ssl_version = c.PROTOCOL_TLS,
    ciphers = null,
    do_handshake = true,
    password = null,
    ...options
  }: PlainWrapOptions = {},
): Promise<SSLSocket> {
  const certificate = inMemory(cert) ?? certfile;
  if (options.server_side && certificate === null) {
    throw new RangeError(
      "certfile must be specified for server-side operations",
    );
  }
  if ((inMemory(key) ?? keyfile) !== null && certificate === null) {
    throw new RangeError("certfile must be specified");
  }
  const context = new SSLContext(ssl_version);
  context.verify_mode = cert_reqs;
  if (ca_certs !== null || cadata !== null) {
    context.load_verify_locations(ca_certs, null, cadata);
  }
  if (certificate !== null) {
    context.load_cert_chain(certificate, inMemory(key) ?? keyfile, password);
  }
  if (ciphers !== null) context.set_ciphers(ciphers);
  return await context.wrap_socket(sock, {
    do_handshake_on_connect: do_handshake,
    ...options,
  });
}

/** MicroPython's certificates are contents, not paths. */
function inMemory(source: string | BufferSource | null): BufferSource | null {
  return typeof source === "string" ? new TextEncoder().encode(source) : source;
}

/**
 * A server's certificate, in PEM. It is verified only if `ca_certs` is given.
 *
 * Follows Python's
 * [`ssl.get_server_certificate`](https://docs.python.org/3/library/ssl.html#ssl.get_server_certificate).
 *
 * @throws {OSError} What connecting and the handshake raise.
 */
export async function get_server_certificate(
  addr: AddressLike,
  { ssl_version = c.PROTOCOL_TLS_CLIENT, ca_certs = null, timeout }: {
    /** A `PROTOCOL_` number. */
    ssl_version?: number;
    /** The path of trusted certificates in PEM. */
    ca_certs?: string | URL | null;
    /** In seconds; the default one if left out. */
    timeout?: number | null;
  } = {},
): Promise<string> {
  const context = new SSLContext(ssl_version);
  context.check_hostname = false;
  context.verify_mode = ca_certs === null ? c.CERT_NONE : c.CERT_REQUIRED;
  if (ca_certs !== null) context.load_verify_locations(ca_certs);
  const [host] = addr as [string, number];
  const plain = await create_connection(
    addr as [string, number],
    ...(timeout === undefined ? [] : [timeout]) as [number | null],
  );
  using s = await context.wrap_socket(plain, { server_hostname: host });
  return DER_cert_to_PEM_cert(s.getpeercert(true)!);
}

/**
 * The time in a certificate (`notBefore`, `notAfter`) in seconds since 1970.
 *
 * ```ts
 * import { ssl } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const time = "Jan  5 09:34:43 2018 GMT";
 * assertEquals(ssl.cert_time_to_seconds(time), 1515144883);
 * ```
 *
 * Follows Python's
 * [`ssl.cert_time_to_seconds`](https://docs.python.org/3/library/ssl.html#ssl.cert_time_to_seconds).
 *
 * @throws {RangeError} If it has another form.
 */
export function cert_time_to_seconds(cert_time: string): number {
  const form = /^[A-Z][a-z]{2} {1,2}\d{1,2} \d{2}:\d{2}:\d{2} \d{4} GMT$/i;
  const time = form.test(cert_time) ? Date.parse(cert_time) : NaN;
  if (!Number.isNaN(time)) return time / 1000;
  throw new RangeError(
    `time data '${cert_time}' does not match format "%b %d %H:%M:%S %Y GMT"`,
  );
}

/**
 * The name of a `PROTOCOL_` number; `"<unknown>"` for another one.
 *
 * Follows Python's `ssl.get_protocol_name`.
 */
export function get_protocol_name(protocol_code: number): string {
  const names = Object.entries(c).filter(([name]) =>
    name.startsWith("PROTOCOL_") && name !== "PROTOCOL_SSLv23"
  );
  return names.find(([, number]) => number === protocol_code)?.[0] ??
    "<unknown>";
}

/**
 * Random bytes, fit for cryptography.
 *
 * Follows Python's
 * [`ssl.RAND_bytes`](https://docs.python.org/3/library/ssl.html#ssl.RAND_bytes).
 *
 * @throws {RangeError} If `num` is negative.
 */
export function RAND_bytes(num: number): Uint8Array<ArrayBuffer> {
  if (int(num, "num") < 0) throw new RangeError("num must be positive");
  const bytes = new Uint8Array(num);
  // So much is given at once at most.
  for (let at = 0; at < num; at += 65536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65536));
  }
  return bytes;
}

/**
 * `true`: the system always has random bytes.
 *
 * Follows Python's
 * [`ssl.RAND_status`](https://docs.python.org/3/library/ssl.html#ssl.RAND_status).
 */
export function RAND_status(): boolean {
  return true;
}

/**
 * Does nothing: the system mixes its random bytes itself.
 *
 * Follows Python's
 * [`ssl.RAND_add`](https://docs.python.org/3/library/ssl.html#ssl.RAND_add).
 */
export function RAND_add(_bytes: string | BufferSource, entropy: number): void {
  integer(Math.trunc(entropy), "entropy");
}
