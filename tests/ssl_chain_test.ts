import { assert, assertEquals, assertThrows } from "@std/assert";
import * as socket from "../socket/mod.ts";
import * as ssl from "../socket/ssl.ts";
import { mismatch } from "../socket/ssl/hostname.ts";
import { clientContext, outcomes, path, serverContext } from "./tls.ts";
import { test } from "./cases.ts";

/** What a client says of a server's certificate; `null` if it is trusted. */
async function verdict(
  certificate: string,
  client: ssl.SSLContext,
): Promise<string | null> {
  const server = serverContext(certificate, "server");
  const [error] = await outcomes(await socket.socketpair(), client, server);
  if (error === null) return null;
  assert(error instanceof ssl.SSLCertVerificationError, String(error));
  return error.verify_message;
}

for (
  const [certificate, authority, expected] of [
    ["issued", "selfsigned", "invalid CA certificate"],
    ["unsigned", "unsigning", "invalid CA certificate"],
    ["deep", "limited", "path length constraint exceeded"],
    ["signer", "limited", "unsuitable certificate purpose"],
    ["unsuitable", "clients", "unsuitable certificate purpose"],
    ["deep", "between", "unable to get issuer certificate"],
  ] as const
) {
  test(`${authority}.pem is no authority for ${certificate}.pem`, async () => {
    assertEquals(
      await verdict(certificate, clientContext(authority)),
      expected,
    );
  });
}

test("a path may end early if the flags say so", async () => {
  const client = clientContext("between");
  client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN;
  assertEquals(await verdict("deep", client), null);
});

test("a trusted certificate that is no authority's issues no client", async () => {
  const server = serverContext();
  server.load_verify_locations(path("selfsigned.pem"));
  server.verify_mode = ssl.CERT_REQUIRED;
  const client = clientContext();
  client.load_cert_chain(path("issued.pem"), path("server.key"));
  const [, error] = await outcomes(await socket.socketpair(), client, server);
  assert(error instanceof ssl.SSLCertVerificationError);
});

/** A context whose certificate is followed by what isn't one. */
function garbled(name: string): ssl.SSLContext {
  const context = new ssl.SSLContext(ssl.PROTOCOL_TLS);
  const garbage = ssl.DER_cert_to_PEM_cert(Uint8Array.of(24, 1, 2, 3));
  const chain = Deno.readTextFileSync(path(`${name}.pem`)) + garbage;
  const bytes = new TextEncoder().encode(chain);
  context.load_cert_chain(bytes, path(`${name}.key`));
  return context;
}

test("certificates that can't be read are refused", async () => {
  const client = clientContext();
  const pair = await socket.socketpair();
  const [error] = await outcomes(pair, client, garbled("server"));
  assert(error instanceof ssl.SSLCertVerificationError);
});

test("clients with certificates that can't be read are refused", async () => {
  const server = serverContext();
  server.load_verify_locations(path("ca.pem"));
  server.verify_mode = ssl.CERT_OPTIONAL;
  const client = garbled("client");
  const pair = await socket.socketpair();
  const [, error] = await outcomes(pair, client, server);
  assert(error instanceof ssl.SSLCertVerificationError, String(error));
});

test("a peer's own certificate can be had without those that can't be read", async () => {
  const client = clientContext();
  client.check_hostname = false;
  client.verify_mode = ssl.CERT_NONE;
  const [a, b] = await socket.socketpair();
  const [c, s] = await Promise.all([
    client.wrap_socket(a),
    garbled("server").wrap_socket(b, { server_side: true }),
  ]);
  const own = Deno.readTextFileSync(path("server.pem"));
  assertEquals(c.getpeercert(true), ssl.PEM_cert_to_DER_cert(own));
  c.close();
  s.close();
});

test("a key that no handshake takes isn't loaded", () => {
  const context = new ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER);
  assertThrows(
    () => context.load_cert_chain(path("small.pem"), path("small.key")),
    ssl.SSLError,
    "[SSL: EE_KEY_TOO_SMALL] ee key too small",
  );
});

test("hosts are compared as OpenSSL does it", () => {
  const trusted = (names: string[], host: string, common: string[] = []) =>
    mismatch(
      { hosts: names, addresses: [], commonNames: common } as never,
      host,
      true,
    ) === null;
  assert(trusted(["*.a.example"], "X.A.example"));
  assert(!trusted(["*.a.example"], "_x.a.example"));
  assert(!trusted(["*.a.example"], "x.a.example."));
  assert(!trusted(["localhost"], "localhost."));
  assert(trusted([], "one", ["one", "two"]));
  assert(trusted([], "two", ["one", "two"]));
  assert(!trusted(["three"], "two", ["one", "two"]));
});

test("a host that is to be checked has to be known at the handshake", async () => {
  const client = clientContext();
  client.check_hostname = false;
  const [a, b] = await socket.socketpair();
  const c = await client.wrap_socket(a, { do_handshake_on_connect: false });
  client.check_hostname = true;
  const serving = serverContext().wrap_socket(b, { server_side: true })
    .then((s) => s.close(), () => {});
  const error = await c.do_handshake().then(() => null, (error) => error);
  assertEquals(error?.message, "check_hostname requires server_hostname");
  c.close();
  await serving;
});
