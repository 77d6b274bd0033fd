/**
 * TLS for stream sockets, under the names of Python's
 * [`ssl`](https://docs.python.org/3/library/ssl.html) module.
 *
 * A context has certificates and says what is asked of the peer; its
 * `wrap_socket()` puts TLS over a socket, whatever carries that. The result is a
 * socket like any other. It works over `node:tls`, which is loaded when the
 * first socket is wrapped.
 *
 * @example A client
 * ```ts
 * import { socket, ssl } from "@berkeley/socket";
 *
 * if (import.meta.main) {
 *   const hostname = "www.python.org";
 *   const context = ssl.create_default_context();
 *   const sock = await socket.create_connection([hostname, 443]);
 *   using ssock = await context.wrap_socket(sock, { server_hostname: hostname });
 *   console.log(ssock.version());
 * }
 * ```
 *
 * @example A server
 * ```ts
 * import { socket, ssl } from "@berkeley/socket";
 *
 * if (import.meta.main) {
 *   const context = new ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER);
 *   context.load_cert_chain("server.pem", "server.key");
 *   const sock = socket.create_server(["127.0.0.1", 8443]);
 *   using ssock = await context.wrap_socket(sock, { server_side: true });
 *   const [conn, addr] = await ssock.accept();
 *   console.log("Connected by", addr);
 *   conn.close();
 * }
 * ```
 *
 * @module
 */

export type { PeerCertificate } from "./ssl/certificate.ts";
export type { DistinguishedName } from "./ssl/certificate.ts";
export type { Cipher } from "./ssl/ciphers.ts";
export * from "./ssl/constants.ts";
export type { Password } from "./ssl/credentials.ts";
export {
  CertificateError,
  SSLCertVerificationError,
  SSLEOFError,
  SSLError,
  type SSLErrorOptions,
  SSLSyscallError,
  SSLWantReadError,
  SSLWantWriteError,
  SSLZeroReturnError,
} from "./ssl/errors.ts";
export * from "./ssl/functions.ts";
export { DER_cert_to_PEM_cert, PEM_cert_to_DER_cert } from "./ssl/pem.ts";
export { ContextSettings } from "./ssl/settings.ts";
export type { SessionStats } from "./ssl/stats.ts";
export { SSLContext, SSLSocket, type WrapOptions } from "./ssl/socket.ts";
