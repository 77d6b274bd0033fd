import { assert, assertEquals, assertMatch } from "@std/assert";
import { createHash } from "node:crypto";
import * as socket from "../socket/mod.ts";
import type * as ssl from "../socket/ssl.ts";
import { Peer, python, testWithPython } from "./peer.ts";
import { clientContext, path, serverContext, testWithOpenssl } from "./tls.ts";
import { pattern, text } from "./traffic.ts";

/** Starts `openssl s_server`; its port. */
async function startServer(...options: string[]): Promise<[Peer, number]> {
  const server = new Peer("openssl", [
    ...["s_server", "-accept", "127.0.0.1:0", "-naccept", "1"],
    ...["-cert", path("server.pem"), "-key", path("server.key")],
    ...options,
  ]);
  for (;;) {
    const port = /^ACCEPT .*:(\d+)$/.exec(await server.line())?.[1];
    if (port) return [server, Number(port)];
  }
}

/** Waits for a line of a program. */
async function until(peer: Peer, pattern: RegExp): Promise<string> {
  for (;;) {
    const line = await peer.line();
    if (pattern.test(line)) return line;
  }
}

testWithOpenssl("our client talks to openssl s_server", async () => {
  for (const version of ["1_2", "1_3"]) {
    const [server, port] = await startServer(`-tls${version}`, "-alpn", "h2");
    await using _ = server;
    const context = clientContext();
    context.set_alpn_protocols(["http/1.1", "h2"]);
    const sock = await socket.create_connection(["127.0.0.1", port]);
    using s = await context.wrap_socket(sock, { server_hostname: "localhost" });
    assertEquals(s.version(), `TLSv${version.replace("_", ".")}`);
    assertEquals(s.selected_alpn_protocol(), "h2");
    await s.sendall("from the client\n");
    await until(server, /^from the client$/);
    await server.say("from the server");
    assertEquals(text(await s.recv(100)), "from the server\n");
    // s_server ends the connection at a line with a Q.
    await server.say("Q");
    assertEquals(await s.recv(100), new Uint8Array(0));
  }
});

testWithOpenssl("openssl s_client talks to our server", async () => {
  for (const version of ["1_2", "1_3"]) {
    using listener = socket.create_server(["127.0.0.1", 0]);
    const [, port] = listener.getsockname();
    await using client = new Peer("openssl", [
      ...["s_client", "-connect", `127.0.0.1:${port}`, `-tls${version}`],
      ...["-CAfile", path("ca.pem"), "-verify_return_error"],
      ...["-verify_hostname", "localhost", "-alpn", "h2,http/1.1", "-quiet"],
    ]);
    const [conn] = await listener.accept();
    const context = serverContext();
    context.set_alpn_protocols(["http/1.1", "h2"]);
    using s = await context.wrap_socket(conn, { server_side: true });
    assertEquals(s.version(), `TLSv${version.replace("_", ".")}`);
    assertEquals(s.selected_alpn_protocol(), "http/1.1");
    await client.say("from the client");
    assertEquals(text(await s.recv(100)), "from the client\n");
    await s.sendall("from the server\n");
    assertEquals(await client.line(), "from the server");
    s.shutdown(socket.SHUT_WR);
    assertMatch(await client.rest(), /^$/);
  }
});

testWithOpenssl("ciphers that were not chosen are refused", async () => {
  const [server, port] = await startServer(
    "-tls1_2",
    "-cipher",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
  );
  await using _ = server;
  const context = clientContext();
  context.set_ciphers("ECDHE+AES256");
  const sock = await socket.create_connection(["127.0.0.1", port]);
  const error = await context.wrap_socket(sock, {
    server_hostname: "localhost",
  }).then(() => null, (error) => error);
  assertEquals(error.reason, "NO_SHARED_CIPHER");
});

/** How much goes each way. */
const SIZE = 64 * 1024 * 1024;
const CHUNK = 1024 * 1024;

/** Python: sends and receives that much at the same time; tells the hashes. */
const BOTH_WAYS = `
import hashlib, ssl, threading
def both_ways(sock, size):
    chunk = bytes(i % 251 for i in range(1024 * 1024))
    sent, received = hashlib.sha256(), hashlib.sha256()
    def send():
        for _ in range(size // len(chunk)):
            sock.sendall(chunk)
            sent.update(chunk)
    thread = threading.Thread(target=send)
    thread.start()
    buffer = bytearray(1 << 18)
    left = size
    while left:
        count = sock.recv_into(buffer)
        if not count: break
        received.update(memoryview(buffer)[:count])
        left -= count
    thread.join()
    say(sent.hexdigest(), received.hexdigest())
    sock.unwrap()
`;

/** The same here. */
async function bothWays(s: ssl.SSLSocket): Promise<string> {
  const chunk = pattern(CHUNK);
  const sent = createHash("sha256");
  const received = createHash("sha256");
  const sending = async () => {
    for (let at = 0; at < SIZE; at += CHUNK) {
      await s.sendall(chunk);
      sent.update(chunk);
    }
  };
  const receiving = async () => {
    const buffer = new Uint8Array(256 * 1024);
    for (let left = SIZE; left > 0;) {
      const count = await s.recv_into(buffer);
      assert(count > 0);
      received.update(buffer.subarray(0, count));
      left -= count;
    }
  };
  await Promise.all([sending(), receiving()]);
  return `${received.digest("hex")} ${sent.digest("hex")}`;
}

testWithPython("64 MiB go each way to Python's server", async () => {
  await using peer = python(
    `${BOTH_WAYS}
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(args[0], args[1])
listener = socket.create_server(('127.0.0.1', 0))
say(listener.getsockname()[1])
sock, _ = listener.accept()
both_ways(context.wrap_socket(sock, server_side=True), int(args[2]))`,
    ...[path("server.pem"), path("server.key"), SIZE],
  );
  const port = Number(await peer.line());
  const sock = await socket.create_connection(["127.0.0.1", port]);
  using s = await clientContext().wrap_socket(sock, {
    server_hostname: "localhost",
  });
  const hashes = await bothWays(s);
  assertEquals(await peer.line(), hashes);
  await s.unwrap();
});

testWithPython("64 MiB go each way to Python's client", async () => {
  using listener = socket.create_server(["127.0.0.1", 0]);
  const [, port] = listener.getsockname();
  await using peer = python(
    `${BOTH_WAYS}
context = ssl.create_default_context(cafile=args[0])
sock = socket.create_connection(('127.0.0.1', int(args[1])))
both_ways(context.wrap_socket(sock, server_hostname='localhost'), int(args[2]))`,
    ...[path("ca.pem"), port, SIZE],
  );
  const [conn] = await listener.accept();
  using s = await serverContext().wrap_socket(conn, { server_side: true });
  const hashes = await bothWays(s);
  assertEquals(await peer.line(), hashes);
  await s.unwrap();
});
