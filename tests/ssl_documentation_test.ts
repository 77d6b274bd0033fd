/**
 * The examples of the page of Python's ssl module, line by line, each talking to
 * the other side's original.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { select, socket, ssl } from "../mod.ts";
import { python, testWithPython } from "./peer.ts";
import { path } from "./tls.ts";
import { text } from "./traffic.ts";

const CA = path("ca.pem");
const CERTIFICATE = path("server.pem");
const KEY = path("server.key");

/** "Server socket example listening on localhost IPv4". */
const SOCKET_SERVER = `
import ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(args[0], args[1])

with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0) as sock:
    sock.bind(('127.0.0.1', 0))
    sock.listen(5)
    say(sock.getsockname()[1])
    with context.wrap_socket(sock, server_side=True) as ssock:
        conn, addr = ssock.accept()
        conn.sendall(conn.recv(1024))
        conn.close()
`;

testWithPython("client with default context", async () => {
  await using server = python(SOCKET_SERVER, CERTIFICATE, KEY);
  const port = Number(await server.line());

  const hostname = "localhost";
  const context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, {
    cafile: CA,
  });

  using sock = await socket.create_connection(["127.0.0.1", port]);
  using ssock = await context.wrap_socket(sock, { server_hostname: hostname });
  assertEquals(ssock.version(), "TLSv1.3");

  await ssock.sendall("echo");
  assertEquals(text(await ssock.recv(1024)), "echo");
});

testWithPython("client with custom context and IPv4", async () => {
  await using server = python(SOCKET_SERVER, CERTIFICATE, KEY);
  const port = Number(await server.line());

  const hostname = "localhost";
  // PROTOCOL_TLS_CLIENT requires valid cert chain and hostname
  const context = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
  context.load_verify_locations(CA);

  using sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0);
  using ssock = await context.wrap_socket(sock, { server_hostname: hostname });
  assertEquals(ssock.version(), null); // It is not connected yet.

  await ssock.connect(["127.0.0.1", port]);
  await ssock.sendall("echo");
  assertEquals(text(await ssock.recv(1024)), "echo");
});

testWithPython("server listening on localhost IPv4", async () => {
  const context = new ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER);
  context.load_cert_chain(CERTIFICATE, KEY);

  using sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0);
  sock.bind(["127.0.0.1", 0]);
  sock.listen(5);
  const [, port] = sock.getsockname();
  using ssock = await context.wrap_socket(sock, { server_side: true });

  await using client = python(
    `
import ssl
hostname = 'localhost'
context = ssl.create_default_context(cafile=args[1])

with socket.create_connection(('127.0.0.1', int(args[0]))) as sock:
    with context.wrap_socket(sock, server_hostname=hostname) as ssock:
        print(ssock.version())
        ssock.recv(1)
`,
    ...[port as number, CA],
  );
  const [conn, addr] = await ssock.accept();
  assertEquals(addr[0], "127.0.0.1");
  conn.close();
  assertEquals(await client.rest(), "TLSv1.3\n");
});

/** "Server-side operation"; the client finishes. */
const SERVER_SIDE = `
import socket, ssl

context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certfile=args[0], keyfile=args[1])

bindsocket = socket.socket()
bindsocket.bind(('localhost', 0))
bindsocket.listen(5)
say(bindsocket.getsockname()[1])

def do_something(connstream, data):
    connstream.sendall(b'HTTP/1.0 200 OK\\r\\nServer: nothing\\r\\n\\r\\n')
    return False

def deal_with_client(connstream):
    data = connstream.recv(1024)
    # empty data means the client is finished with us
    while data:
        if not do_something(connstream, data):
            # we'll assume do_something returns False
            # when we're finished with client
            break
        data = connstream.recv(1024)
    # finished with client

newsocket, fromaddr = bindsocket.accept()
connstream = context.wrap_socket(newsocket, server_side=True)
try:
    deal_with_client(connstream)
finally:
    connstream.shutdown(socket.SHUT_RDWR)
    connstream.close()
`;

testWithPython("client-side operation", async () => {
  await using server = python(SERVER_SIDE, CERTIFICATE, KEY);
  const port = Number(await server.line());

  const context = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
  context.load_verify_locations(CA);

  using conn = await context.wrap_socket(socket.socket(socket.AF_INET), {
    server_hostname: "localhost",
  });
  await conn.connect(["localhost", port]);

  const cert = conn.getpeercert()!;
  assertEquals(cert.subject!.flat(), [
    ["commonName", "localhost"],
    ["organizationName", "Berkeley"],
  ]);
  assertMatch(cert.notAfter!, / 2120 GMT$/);

  await conn.sendall("HEAD / HTTP/1.0\r\nHost: linuxfr.org\r\n\r\n");
  assertEquals(text(await conn.recv(1024)).split("\r\n"), [
    "HTTP/1.0 200 OK",
    "Server: nothing",
    "",
    "",
  ]);
});

testWithPython("server-side operation", async () => {
  const context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH);
  context.load_cert_chain(CERTIFICATE, KEY);

  using bindsocket = socket.socket();
  bindsocket.bind(["localhost", 0]);
  bindsocket.listen(5);

  const received: string[] = [];

  // deno-lint-ignore require-await
  async function do_something(_connstream: ssl.SSLSocket, data: Uint8Array) {
    received.push(text(data));
    return true;
  }

  async function deal_with_client(connstream: ssl.SSLSocket) {
    let data = await connstream.recv(1024);
    // empty data means the client is finished with us
    while (data.length > 0) {
      if (!await do_something(connstream, data)) {
        // we'll assume do_something returns False
        // when we're finished with client
        break;
      }
      data = await connstream.recv(1024);
    }
    // finished with client
  }

  const [, port] = bindsocket.getsockname();
  await using client = python(
    `
import ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(args[1])
conn = context.wrap_socket(socket.socket(socket.AF_INET), server_hostname='localhost')
conn.connect(('localhost', int(args[0])))
conn.sendall(b'HEAD / HTTP/1.0\\r\\nHost: linuxfr.org\\r\\n\\r\\n')
conn.unwrap().close()
`,
    ...[port as number, CA],
  );
  const [newsocket] = await bindsocket.accept();
  const connstream = await context.wrap_socket(newsocket, {
    server_side: true,
  });
  try {
    await deal_with_client(connstream);
  } finally {
    connstream.shutdown(socket.SHUT_RDWR);
    connstream.close();
  }
  assertEquals(
    received.join(""),
    "HEAD / HTTP/1.0\r\nHost: linuxfr.org\r\n\r\n",
  );
  await client.rest();
});

testWithPython("notes on non-blocking sockets", async () => {
  await using server = python(SERVER_SIDE, CERTIFICATE, KEY);
  const port = Number(await server.line());
  const context = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
  context.load_verify_locations(CA);
  const plain = await socket.create_connection(["localhost", port]);
  plain.setblocking(false);
  using sock = await context.wrap_socket(plain, {
    server_hostname: "localhost",
    do_handshake_on_connect: false,
  });

  while (true) {
    try {
      await sock.do_handshake();
      break;
    } catch (error) {
      if (error instanceof ssl.SSLWantReadError) {
        await select.select([sock], [], []);
      } else if (error instanceof ssl.SSLWantWriteError) {
        await select.select([], [sock], []);
      } else throw error;
    }
  }
  assertEquals(sock.version(), "TLSv1.3");
});
