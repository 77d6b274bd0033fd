/**
 * TLS for the tests: certificates, contexts and wrapped sockets.
 *
 * @module
 */

import type { Socket } from "../socket/mod.ts";
import * as ssl from "../socket/ssl.ts";
import { testIf } from "./cases.ts";
import { output } from "./commands.ts";
import type { Net } from "./transports.ts";

/** The path of a certificate or a key: see `certs/make.sh`. */
export function path(name: string): string {
  return new URL(`certs/${name}`, import.meta.url).pathname;
}

/** A context for servers, with a certificate. */
export function serverContext(name = "server", key = name): ssl.SSLContext {
  const context = new ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER);
  context.load_cert_chain(path(`${name}.pem`), path(`${key}.key`));
  return context;
}

/** A context for clients that trusts the authority of the tests. */
export function clientContext(authority = "ca"): ssl.SSLContext {
  return ssl.create_default_context(ssl.Purpose.SERVER_AUTH, {
    cafile: path(`${authority}.pem`),
  });
}

/** Two connected sockets with TLS. */
export async function tlsPair(
  net: Net,
  {
    client = clientContext(),
    server = serverContext(),
    clientOptions = {},
    serverOptions = {},
  }: {
    client?: ssl.SSLContext;
    server?: ssl.SSLContext;
    clientOptions?: ssl.WrapOptions;
    serverOptions?: ssl.WrapOptions;
  } = {},
): Promise<[client: ssl.SSLSocket, server: ssl.SSLSocket]> {
  const [a, b] = await net.pair();
  const [c, s] = await Promise.all([
    client.wrap_socket(a, { server_hostname: "localhost", ...clientOptions }),
    server.wrap_socket(b, { server_side: true, ...serverOptions }),
  ]);
  net.track(c);
  net.track(s);
  return [c, s];
}

/** The outcomes of a handshake: `null`, or the errors. */
export async function outcomes(
  [a, b]: [Socket, Socket],
  client: ssl.SSLContext,
  server: ssl.SSLContext,
  server_hostname = "localhost",
): Promise<[client: Error | null, server: Error | null]> {
  const results = await Promise.allSettled([
    client.wrap_socket(a, { server_hostname }),
    server.wrap_socket(b, { server_side: true }),
  ]);
  for (const result of results) {
    if (result.status === "fulfilled") result.value.close();
  }
  const [c, s] = results.map((result) =>
    result.status === "rejected" ? result.reason as Error : null
  );
  return [c!, s!];
}

/** Whether there is OpenSSL 3. */
export const hasOpenssl: boolean = /^OpenSSL 3/.test(
  await output("openssl", "version") ?? "",
);

if (!hasOpenssl) {
  console.warn("No OpenSSL 3 here: the tests that need one are ignored.");
}

/** Whether there is a curl with TLS. */
export const hasCurl: boolean = /^Protocols:.*\bhttps\b/m.test(
  await output("curl", "--version") ?? "",
);

if (!hasCurl) {
  console.warn("No curl with TLS here: the tests that need one are ignored.");
}

/** A test that needs OpenSSL's program. */
export function testWithOpenssl(name: string, fn: () => Promise<void>): void {
  testIf(hasOpenssl, name, fn);
}

/** A test that needs curl. */
export function testWithCurl(name: string, fn: () => Promise<void>): void {
  testIf(hasCurl, name, fn);
}
