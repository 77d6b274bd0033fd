import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import * as select from "../select/mod.ts";
import * as socket from "../socket/mod.ts";
import * as ssl from "../socket/ssl.ts";
import { pattern, text } from "./traffic.ts";
import { clientContext, serverContext, tlsPair } from "./tls.ts";
import { testEach } from "./transports.ts";

testEach("both sides know each other after the handshake", async (net) => {
  const [client, server] = await tlsPair(net);
  assert(client instanceof ssl.SSLSocket && client instanceof socket.Socket);
  assertEquals(client.version(), "TLSv1.3");
  assertEquals(client.cipher(), server.cipher());
  assertEquals(client.getpeercert()!.subjectAltName![0], ["DNS", "localhost"]);
  assertEquals(server.getpeercert(), null);
  assertEquals([client.server_side, server.server_side], [false, true]);
  assertEquals(client.server_hostname, "localhost");
  assertEquals(client.selected_alpn_protocol(), null);
  assertEquals(client.compression(), null);
});

testEach("bytes arrive as they were sent, and then the end", async (net) => {
  const [client, server] = await tlsPair(net);
  const sent = pattern(500_000);
  const sending = client.sendall(sent)
    .then(() => client.shutdown(socket.SHUT_WR));
  assertEquals(await server.read(), sent);
  await sending;
  assertEquals(await server.recv(1), new Uint8Array(0));
  // The other direction stays open.
  await server.sendall("still here");
  assertEquals(text(await client.recv(100)), "still here");
});

testEach(
  "a connection that was wrapped before makes the handshake",
  async (net) => {
    const context = serverContext();
    const listener = await context.wrap_socket(net.listener(), {
      server_side: true,
    });
    net.track(listener);
    const client = await clientContext().wrap_socket(net.socket(), {
      server_hostname: "localhost",
    });
    net.track(client);
    const [[conn, address]] = await Promise.all([
      listener.accept(),
      client.connect(listener.getsockname()),
    ]);
    net.track(conn);
    assertInstanceOf(conn, ssl.SSLSocket);
    assertEquals(address, conn.getpeername());
    await conn.sendall("hello");
    assertEquals(text(await client.recv(100)), "hello");
    await assertRejects(
      () => client.connect(listener.getsockname()),
      RangeError,
      "attempt to connect already-connected SSLSocket!",
    );
    assertEquals(context.session_stats().accept_good, 1);
  },
);

testEach("the original is detached", async (net) => {
  const [a, b] = await net.pair();
  const wrapping = clientContext().wrap_socket(a, {
    server_hostname: "localhost",
  });
  assertEquals(a.fileno(), -1);
  b.close();
  await assertRejects(() => wrapping, socket.OSError);
});

testEach("files and lines work over TLS", async (net) => {
  const [client, server] = await tlsPair(net);
  const writer = server.makefile("w");
  await writer.write("one\ntwo\n");
  await writer.close();
  server.close();
  const lines = [];
  await using reader = client.makefile("r");
  for await (const line of reader) lines.push(line);
  assertEquals(lines, ["one\n", "two\n"]);
});

testEach("Web streams work over TLS", async (net) => {
  const [client, server] = await tlsPair(net);
  const sent = new Blob([pattern(100_000)]).stream().pipeTo(client.writable);
  const received = await new Response(server.readable).bytes();
  await sent;
  assertEquals(received, pattern(100_000));
});

testEach("time-outs have Python's words", async (net) => {
  const [client] = await tlsPair(net);
  client.settimeout(0.001);
  await assertRejects(
    () => client.recv(1),
    socket.TimeoutError,
    "The read operation timed out",
  );
  const [a] = await net.pair();
  a.settimeout(0.001);
  await assertRejects(
    () => clientContext().wrap_socket(a, { server_hostname: "localhost" }),
    socket.TimeoutError,
    "The handshake operation timed out",
  );
});

testEach(
  "a socket that doesn't block makes its handshake with select()",
  async (net) => {
    const [a, b] = await net.pair();
    a.setblocking(false);
    await assertRejects(
      () => clientContext().wrap_socket(a, { server_hostname: "localhost" }),
      RangeError,
      "do_handshake_on_connect should not be specified for non-blocking sockets",
    );
    const [c, d] = await net.pair();
    c.setblocking(false);
    const client = await clientContext().wrap_socket(c, {
      server_hostname: "localhost",
      do_handshake_on_connect: false,
    });
    net.track(client);
    const serving = serverContext().wrap_socket(d, { server_side: true });
    let waits = 0;
    for (;;) {
      try {
        await client.do_handshake();
        break;
      } catch (error) {
        if (!(error instanceof ssl.SSLWantReadError)) throw error;
        assertEquals(error.errno, ssl.SSL_ERROR_WANT_READ);
        waits++;
        await select.select([client], [], []);
      }
    }
    assert(waits > 0);
    const server = net.track(await serving);
    await assertRejects(() => client.recv(1), ssl.SSLWantReadError);
    await server.sendall("now");
    const [[readable]] = await select.select([client], [], []);
    assertEquals(readable, client);
    assertEquals(text(await client.recv(100)), "now");
    b.close();
  },
);

testEach("a full connection takes no more", async (net) => {
  const [client, server] = await tlsPair(net);
  client.setblocking(false);
  const chunk = pattern(64 * 1024);
  let sent = 0;
  for (;;) {
    try {
      sent += await client.send(chunk);
    } catch (error) {
      assertInstanceOf(error, ssl.SSLWantWriteError);
      break;
    }
  }
  assert(sent > 0);
  const poll = select.poll();
  poll.register(client, select.POLLOUT);
  const received = server.read(sent);
  assertEquals((await poll.poll())[0], [client, select.POLLOUT]);
  assertEquals((await received)!.length, sent);
});

testEach("pending() tells what can be received", async (net) => {
  const [client, server] = await tlsPair(net);
  await server.sendall("pending");
  assertEquals(text(await client.recv(3)), "pen");
  assertEquals(client.pending(), 4);
  assertEquals(text(await client.recv(100)), "ding");
  assertEquals(client.pending(), 0);
});

testEach("unwrap() takes TLS off, and the rest is plain", async (net) => {
  const [client, server] = await tlsPair(net);
  const other = server.unwrap().then(async (plain) => {
    await plain.sendall("plain");
    return plain;
  });
  const plain = await client.unwrap();
  assertEquals(text(await plain.recv(100)), "plain");
  await plain.sendall("too");
  assertEquals(text(await (await other).recv(100)), "too");
  await assertRejects(() => client.unwrap(), RangeError, "No SSL wrapper");
  assertEquals(client.version(), null);
});

testEach(
  "an end without that of TLS is told if it is asked for",
  async (net) => {
    const options = { suppress_ragged_eofs: false };
    const [client, server] = await tlsPair(net, { clientOptions: options });
    await server.sendall("last");
    server.close();
    assertEquals(text(await client.recv(100)), "last");
    await assertRejects(
      () => client.recv(100),
      ssl.SSLEOFError,
      "EOF occurred in violation of protocol",
    );
    const [quiet, other] = await tlsPair(net);
    other.close();
    assertEquals(await quiet.recv(100), new Uint8Array(0));
    const [third, last] = await tlsPair(net, { clientOptions: options });
    last.shutdown(socket.SHUT_WR);
    assertEquals(await third.recv(100), new Uint8Array(0));
  },
);

testEach(
  "a peer that vanishes during the handshake is an error",
  async (net) => {
    const [a, b] = await net.pair();
    const wrapping = clientContext().wrap_socket(a, {
      server_hostname: "localhost",
    });
    assert((await b.recv(1024)).length > 0);
    b.shutdown(socket.SHUT_WR);
    await assertRejects(() => wrapping, ssl.SSLEOFError);
    const [c, d] = await net.pair();
    const serving = serverContext().wrap_socket(d, { server_side: true });
    await c.sendall(Uint8Array.of(22, 3, 1));
    c.shutdown(socket.SHUT_WR);
    await assertRejects(() => serving, ssl.SSLEOFError);
  },
);

testEach("what isn't TLS is told by its name", async (net) => {
  for (
    const [words, reason] of [
      ["GET / HTTP/1.0\r\n\r\n", "HTTP_REQUEST"],
      ["something else", "WRONG_VERSION_NUMBER"],
    ] as const
  ) {
    const [a, b] = await net.pair();
    await a.sendall(words);
    const error = await assertRejects(
      () => serverContext().wrap_socket(b, { server_side: true }),
      ssl.SSLError,
    );
    assertEquals(error.reason, reason);
    assertEquals(error.errno, ssl.SSL_ERROR_SSL);
  }
});

testEach(
  "clients whose handshake fails don't end the iteration",
  async (net) => {
    const listener = await serverContext().wrap_socket(net.listener(), {
      server_side: true,
    });
    net.track(listener);
    const bad = net.socket();
    await bad.connect(listener.getsockname());
    await bad.sendall("no TLS");
    const good = await clientContext().wrap_socket(net.socket(), {
      server_hostname: "localhost",
    });
    net.track(good);
    const connecting = good.connect(listener.getsockname());
    for await (const [conn] of listener) {
      net.track(conn);
      await connecting;
      await conn.sendall("welcome");
      listener.close();
    }
    assertEquals(text(await good.recv(100)), "welcome");
  },
);

testEach(
  "calls that wait end with EBADF when the socket is closed",
  async (net) => {
    const [client] = await tlsPair(net);
    const waiting = assertRejects(() => client.recv(1), socket.OSError);
    client.close();
    assertEquals((await waiting).errno, 9);
  },
);

testEach("what Python forbids with TLS is refused", async (net) => {
  const [client] = await tlsPair(net);
  await assertRejects(() => client.recv(1, socket.MSG_PEEK), RangeError);
  await assertRejects(() => client.sendall("", 1), RangeError);
  await assertRejects(() => client.recvfrom(1), RangeError);
  await assertRejects(() => client.sendto("", ["127.0.0.1", 1]), RangeError);
  await assertRejects(() => client.recvmsg(1), socket.OSError);
  await assertRejects(() => client.sendmsg([""]), socket.OSError);
});

testEach("a copy shares the TLS layer", async (net) => {
  const [client, server] = await tlsPair(net);
  const copy = client.dup();
  client.close();
  await copy.sendall("copy");
  assertEquals(text(await server.recv(100)), "copy");
  copy.close();
  assertEquals(await server.recv(100), new Uint8Array(0));
});
