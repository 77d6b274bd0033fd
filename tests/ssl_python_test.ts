import { assertEquals } from "@std/assert";
import * as socket from "../socket/mod.ts";
import * as ssl from "../socket/ssl.ts";
import { python as ask } from "./oracle.ts";
import { type Peer, python, testWithPython } from "./peer.ts";
import { clientContext, outcomes, path, serverContext } from "./tls.ts";
import { text } from "./traffic.ts";

/** An error of a handshake, as it can be compared. */
type Report = [
  name: string,
  message: string,
  errno: number | null,
  library: string | null,
  reason: string | null,
  verify_code: number | null,
] | null;

function report(error: Error | null): Report {
  if (!error) return null;
  const { name, message, errno = null, library = null, reason = null } =
    error as ssl.SSLError;
  const { verify_code = null } = error as ssl.SSLCertVerificationError;
  return [name, message, errno, library, reason, verify_code];
}

/** In Python: `report(error)`, and `handshake(sock, context, **options)`. */
const REPORTS = `
import re, ssl, threading

def report(error):
    if error is None: return None
    message = re.sub(r' \\(_ssl\\.c:\\d+\\)|^_ssl\\.c:\\d+: ', '', str(error))
    return [type(error).__name__, message, error.errno,
            getattr(error, 'library', None), getattr(error, 'reason', None),
            getattr(error, 'verify_code', None)]

def handshake(sock, context, **options):
    try:
        return context.wrap_socket(sock, **options), None
    except OSError as error:
        sock.close()
        return None, error
`;

/** How certificates fail: that of the server, what is trusted, the host. */
const CASES: [certificate: string, trusted: string, host: string][] = [
  ["server", "ca", "localhost"],
  ["server", "ca", "example.org"],
  ["server", "ca", "a.wild.example"],
  ["server", "ca", "a.b.wild.example"],
  ["server", "ca", "wild.example"],
  ["server", "ca", "127.0.0.1"],
  ["server", "ca", "127.0.0.2"],
  ["server", "ca", "::1"],
  ["expired", "ca", "localhost"],
  ["selfsigned", "ca", "localhost"],
  ["selfsigned", "selfsigned", "localhost"],
  ["selfsigned", "selfsigned", "other"],
  ["server", "selfsigned", "localhost"],
];

/** The key of a certificate. */
function keyOf(certificate: string): string {
  return certificate === "expired" ? "server" : certificate;
}

testWithPython("clients fail to verify servers as in Python", async () => {
  const expected = await ask<Report[]>(
    REPORTS + `
import json, socket, sys
found = []
for certificate, key, authority, host in json.load(sys.stdin):
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    client = ssl.create_default_context(cafile=authority)
    a, b = socket.socketpair()
    thread = threading.Thread(target=handshake, args=(b, server),
                              kwargs={'server_side': True})
    thread.start()
    found.append(report(handshake(a, client, server_hostname=host)[1]))
    thread.join()
print(json.dumps(found))`,
    CASES.map(([certificate, trusted, host]) => [
      path(`${certificate}.pem`),
      path(`${keyOf(certificate)}.key`),
      path(`${trusted}.pem`),
      host,
    ]),
  );
  for (const [index, [certificate, trusted, host]] of CASES.entries()) {
    const [error] = await outcomes(
      await socket.socketpair(),
      clientContext(trusted),
      serverContext(certificate, keyOf(certificate)),
      host,
    );
    assertEquals(report(error), expected[index], String(CASES[index]));
  }
});

/** What Python's client reports of our server. */
const CLIENT = REPORTS + `
port, authority, host = int(args[0]), args[1], args[2]
context = ssl.create_default_context(cafile=authority)
context.set_alpn_protocols(['h2', 'http/1.1'])
sock, error = handshake(socket.create_connection(('127.0.0.1', port)), context,
                        server_hostname=host)
say(json.dumps(report(error)))
if sock:
    say(json.dumps([sock.version(), sock.cipher()[0], sock.getpeercert(),
                    sock.selected_alpn_protocol()]))
    sock.sendall(b'to the server')
    say(sock.recv(100).decode())
    plain = sock.unwrap()
    plain.sendall(b'plain')
    say(plain.recv(100).decode())
    plain.close()
`;

/** Starts that client; the connection that it has made. */
async function connectPython(): Promise<[Peer, socket.Socket]> {
  using listener = socket.create_server(["127.0.0.1", 0]);
  const [, port] = listener.getsockname();
  const peer = python(CLIENT, port as number, path("ca.pem"), "localhost");
  const [conn] = await listener.accept();
  return [peer, conn];
}

testWithPython("Python's client talks to our server", async () => {
  const [own, conn] = await connectPython();
  await using peer = own;
  const context = serverContext();
  context.set_alpn_protocols(["spdy/3", "http/1.1"]);
  using s = await context.wrap_socket(conn, { server_side: true });
  assertEquals(await peer.line(), "null");
  const [version, cipher, certificate, protocol] = JSON.parse(
    await peer.line(),
  );
  assertEquals([version, cipher], [s.version(), s.cipher()![0]]);
  assertEquals(
    [protocol, s.selected_alpn_protocol()],
    Array(2).fill("http/1.1"),
  );
  const [mine] = context.get_ca_certs();
  assertEquals(mine, undefined);
  assertEquals(text(await s.recv(100)), "to the server");
  await s.sendall("to the client");
  assertEquals(await peer.line(), "to the client");
  assertEquals(await s.recv(100), new Uint8Array(0));
  const plain = await s.unwrap();
  assertEquals(text(await plain.recv(100)), "plain");
  await plain.sendall("indeed");
  assertEquals(await peer.line(), "indeed");
  // Python has the same view of the certificate as our client.
  const [a, b] = await socket.socketpair();
  const [client, server] = await Promise.all([
    clientContext().wrap_socket(a, { server_hostname: "localhost" }),
    serverContext().wrap_socket(b, { server_side: true }),
  ]);
  assertEquals(client.getpeercert() as unknown, certificate);
  client.close();
  server.close();
});

testWithPython("without a protocol in common there is none", async () => {
  const [own, conn] = await connectPython();
  await using peer = own;
  const context = serverContext();
  context.set_alpn_protocols(["other"]);
  using s = await context.wrap_socket(conn, { server_side: true });
  assertEquals(s.selected_alpn_protocol(), null);
  assertEquals(await peer.line(), "null");
  assertEquals(JSON.parse(await peer.line())[3], null);
});

testWithPython(
  "what Python's client refuses is told to our server",
  async () => {
    for (
      const [certificate, host, reason] of [
        ["expired", "localhost", "SSLV3_ALERT_CERTIFICATE_EXPIRED"],
        ["selfsigned", "localhost", "TLSV1_ALERT_UNKNOWN_CA"],
        ["server", "example.org", "SSLV3_ALERT_BAD_CERTIFICATE"],
      ] as const
    ) {
      using listener = socket.create_server(["127.0.0.1", 0]);
      const [, port] = listener.getsockname();
      await using peer = python(CLIENT, port as number, path("ca.pem"), host);
      const [conn] = await listener.accept();
      const context = serverContext(certificate, keyOf(certificate));
      const words = reason.toLowerCase().replaceAll("_", " ");
      const error = await context.wrap_socket(conn, { server_side: true })
        .then(() => null, (error) => error);
      assertEquals(
        report(error),
        ["SSLError", `[SSL: ${reason}] ${words}`, 1, "SSL", reason, null],
      );
      assertEquals(
        JSON.parse(await peer.line())[0],
        "SSLCertVerificationError",
      );
    }
  },
);

/** Python's server: reports each handshake, and answers with what it got. */
const SERVER = REPORTS + `
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(args[0], args[1])
context.set_alpn_protocols(['http/1.1'])
if len(args) > 2:
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(args[2])
listener = socket.create_server(('127.0.0.1', 0))
say(listener.getsockname()[1])
while True:
    plain, _ = listener.accept()
    conn, error = handshake(plain, context, server_side=True)
    say(json.dumps(report(error)))
    if conn is None: continue
    try:
        while data := conn.recv(65536): conn.sendall(data)
        conn.unwrap()
        say('unwrapped')
    except OSError as error:
        say(json.dumps(report(error)))
    conn.close()
`;

testWithPython("our client talks to Python's server", async () => {
  await using peer = python(SERVER, path("server.pem"), path("server.key"));
  const port = Number(await peer.line());
  const context = clientContext();
  context.set_alpn_protocols(["h2", "http/1.1"]);
  for (const version of ["TLSv1.3", "TLSv1.2"]) {
    const sock = await socket.create_connection(["127.0.0.1", port]);
    using s = await context.wrap_socket(sock, { server_hostname: "localhost" });
    assertEquals(await peer.line(), "null");
    assertEquals(s.version(), version);
    assertEquals(s.selected_alpn_protocol(), "http/1.1");
    await s.sendall("there and back");
    assertEquals(text(await s.recv(100)), "there and back");
    await s.unwrap();
    assertEquals(await peer.line(), "unwrapped");
    context.maximum_version = ssl.TLSVersion.TLSv1_2;
  }
  const untrusting = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
  const sock = await socket.create_connection(["127.0.0.1", port]);
  const error = await untrusting.wrap_socket(sock, {
    server_hostname: "localhost",
  }).then(() => null, (error) => error);
  assertEquals(report(error)![5], 20);
  // The server is refused without a word.
  assertEquals(JSON.parse(await peer.line())[0], "SSLEOFError");
});

testWithPython("a client proves who it is to Python's server", async () => {
  const files = [path("server.pem"), path("server.key"), path("ca.pem")];
  await using peer = python(SERVER, ...files);
  const port = Number(await peer.line());
  const context = clientContext();
  context.load_cert_chain(path("client.pem"), path("client.key"));
  const options = { server_hostname: "localhost" };
  const sock = await socket.create_connection(["127.0.0.1", port]);
  using s = await context.wrap_socket(sock, options);
  assertEquals(await peer.line(), "null");
  await s.sendall("known");
  assertEquals(text(await s.recv(100)), "known");
  await s.unwrap();
  assertEquals(await peer.line(), "unwrapped");
  const other = await socket.create_connection(["127.0.0.1", port]);
  using unknown = await clientContext().wrap_socket(other, options);
  // With TLS 1.3 the client hears of it later.
  const error = await unknown.recv(100).then(() => null, (error) => error);
  const reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED";
  const words = "tlsv13 alert certificate required";
  assertEquals(
    report(error),
    ["SSLError", `[SSL: ${reason}] ${words}`, 1, "SSL", reason, null],
  );
  assertEquals(
    JSON.parse(await peer.line())[4],
    "PEER_DID_NOT_RETURN_A_CERTIFICATE",
  );
});

testWithPython("Python's client proves who it is to our server", async () => {
  const program = REPORTS + `
for certificate in ['client', 'selfsigned', None]:
    context = ssl.create_default_context(cafile=args[1])
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        context.load_cert_chain(args[2] + certificate + '.pem',
                                args[2] + certificate + '.key')
    sock, error = handshake(socket.create_connection(('127.0.0.1', int(args[0]))),
                            context, server_hostname='localhost')
    if sock: sock.close()
`;
  using listener = socket.create_server(["127.0.0.1", 0]);
  const [, port] = listener.getsockname();
  await using peer = python(program, port as number, path("ca.pem"), path(""));
  const context = serverContext();
  context.verify_mode = ssl.CERT_REQUIRED;
  context.load_verify_locations(path("ca.pem"));
  const results: unknown[] = [];
  for (let count = 0; count < 3; count++) {
    const [conn] = await listener.accept();
    try {
      using s = await context.wrap_socket(conn, { server_side: true });
      results.push(s.getpeercert()!.subject!.flat()[0]);
    } catch (error) {
      results.push(report(error as Error)!.slice(0, 2));
    }
  }
  const failed = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: ";
  assertEquals(results, [
    ["commonName", "client"],
    ["SSLCertVerificationError", `${failed}self-signed certificate`],
    [
      "SSLError",
      "[SSL: PEER_DID_NOT_RETURN_A_CERTIFICATE] peer did not return a certificate",
    ],
  ]);
  await peer.rest();
});
