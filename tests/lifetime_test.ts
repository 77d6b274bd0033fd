import {
  assert,
  assertEquals,
  assertGreater,
  assertRejects,
} from "@std/assert";
import { errno, socket } from "../mod.ts";
import { rejects, throws } from "./raises.ts";
import { fill, pattern, receiveAll, receivePattern, text } from "./traffic.ts";
import { type Net, testEach, testTcp } from "./transports.ts";

const { SHUT_RDWR } = socket;

testEach("close() wakes the calls that wait, with EBADF", async (net) => {
  const buffer = () => new Uint8Array(10);
  const large = pattern(64 * 1024 * 1024);
  const calls: [string, (s: socket.Socket) => Promise<unknown>][] = [
    ["recv", (s) => s.recv(10)],
    ["recv_into", (s) => s.recv_into(buffer())],
    ["recv MSG_WAITALL", (s) => s.recv(10, socket.MSG_WAITALL)],
    ["recv MSG_PEEK", (s) => s.recv(10, socket.MSG_PEEK)],
    ["two at once", (s) => Promise.any([s.recv(1), s.recv_into(buffer())])],
    ["send", async (s) => {
      // With a time-out, send() takes as many bytes as fit.
      while (await s.send(large) > 0);
    }],
    ["sendall", (s) => s.sendall(large)],
    ["two at once", (s) => Promise.any([s.sendall(large), s.sendall(large)])],
    ["send, and what comes after it", (s) => {
      const sent = s.sendall(large);
      // It may fail before the other call has ended.
      sent.catch(() => {});
      return s.send("more", socket.MSG_DONTWAIT).then(() => sent, () => sent);
    }],
  ];
  for (const timeout of [null, 60]) {
    for (const [name, call] of calls) {
      const [, s] = await net.pair();
      s.settimeout(timeout);
      const pending = call(s).catch((error) => error);
      assert(await net.waits(pending), name);
      s.close();
      assert(await net.ends(pending), `${name}, time-out ${timeout}`);
      const error = await pending as socket.OSError | AggregateError;
      for (const each of "errors" in error ? error.errors : [error]) {
        assertEquals(each.errno, errno.EBADF, name);
      }
    }
  }
});

testEach(
  "close() wakes recv() though sent bytes are still to be delivered",
  async (net) => {
    const [a, b] = await net.pair();
    a.settimeout(0.05);
    const sent = await fill(a);
    a.settimeout(null);
    const received = a.recv(1);
    assert(await net.waits(received));
    a.close();
    await rejects(errno.EBADF, received);
    await receivePattern(b, sent);
    assertEquals(await b.recv(1), new Uint8Array(0));
  },
);

testEach("close() wakes accept() with EBADF", async (net) => {
  for (const timeout of [null, 60]) {
    const server = net.listener();
    server.settimeout(timeout);
    const accepted = server.accept();
    assert(await net.waits(accepted));
    server.close();
    await rejects(errno.EBADF, accepted);
  }
});

testTcp("close() wakes connect() with EBADF", async (net) => {
  for (const timeout of [null, 60]) {
    const server = net.listener(0);
    await fillBacklog(net, server);
    const client = net.socket();
    client.settimeout(timeout);
    const connected = client.connect(server.getsockname())
      .catch((error) => error);
    assert(await net.waits(connected));
    client.close();
    assert(await net.ends(connected), `time-out ${timeout}`);
    assertEquals((await connected).errno, errno.EBADF);
    // Resets the queued connections before the next round.
    server.close();
  }
});

async function fillBacklog(net: Net, server: socket.Socket): Promise<void> {
  for (let clients = 0; clients < 5; clients++) {
    const client = net.socket();
    client.settimeout(0.05);
    if (await client.connect_ex(server.getsockname()) !== 0) return;
  }
  throw new Error("The backlog has no end");
}

testEach(
  "a closed socket raises EBADF, and may be closed again",
  async (net) => {
    const [s] = await net.pair();
    const address = s.getpeername();
    const { family, type, proto } = s;
    s.close();
    s.close();
    assertEquals([s.closed, s.fileno(), s.detach()], [true, -1, -1]);
    const { SOL_SOCKET, SO_ERROR } = socket;

    for (
      const act of [
        () => s.getsockname(),
        () => s.getpeername(),
        () => s.getsockopt(SOL_SOCKET, SO_ERROR),
        () => s.setsockopt(SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        () => s.bind(address),
        () => s.listen(),
        () => s.shutdown(SHUT_RDWR),
        () => s.setblocking(false),
        () => s.dup(),
      ]
    ) throws(errno.EBADF, act);
    for (
      const call of [
        s.recv(1),
        s.recv_into(new Uint8Array(1)),
        s.recv(1, socket.MSG_WAITALL),
        s.send("a"),
        s.sendall("a"),
        s.connect(address),
        s.accept(),
      ]
    ) await rejects(errno.EBADF, call);
    assertEquals(await s.connect_ex(address), errno.EBADF);
    assertEquals([s.family, s.type, s.proto], [family, type, proto]);
    assertEquals(s.timeout, null);
    assert(String(s).startsWith("<socket.socket [closed] fd=-1,"), String(s));
  },
);

testTcp("close() after send() still delivers", async (net) => {
  const size = 1024 * 1024;
  for (const timeout of [null, 60, 0]) {
    const [a, b] = await net.pair();
    a.settimeout(timeout);
    let sent = 0;
    while (sent < size && sent >= 0) {
      const count = await a.send(pattern(size - sent, sent)).catch(() => -1);
      if (count < 0) break;
      sent += count;
      // The bytes beyond the system's buffers are still queued here.
      if (timeout !== null) break;
    }
    a.close();
    assertGreater(sent, 0);
    await receivePattern(b, sent);
    assertEquals(await b.recv(1), new Uint8Array(0));
  }
});

testEach("a closed listener refuses, and its queue is reset", async (net) => {
  const server = net.listener();
  const client = net.socket();
  const address = server.getsockname();
  await client.connect(address);
  server.close();
  await assertRejects(() => client.recv(1), socket.ConnectionResetError);
  await rejects(errno.ECONNREFUSED, net.socket().connect(address));
});

testEach("`using` closes", async (net) => {
  const [a, b] = await net.pair();
  {
    using inner = b;
    await inner.sendall("bye");
  }
  assert(b.closed);
  assertEquals(text(await receiveAll(a)), "bye");
});

testEach(
  "iterating a listener gives the clients until it is closed",
  async (net) => {
    const server = net.listener();
    const names: unknown[] = [];
    const serving = (async () => {
      for await (const [conn, address] of server) {
        net.track(conn);
        names.push(address);
        conn.close();
      }
    })();
    const expected = [];
    for (let i = 0; i < 3; i++) {
      const client = net.socket();
      await client.connect(server.getsockname());
      expected.push(client.getsockname());
      assertEquals(await client.recv(1), new Uint8Array(0));
    }
    server.close();
    await serving;
    assertEquals(names, expected);
    // Other errors are the caller's.
    const idle = net.socket();
    await rejects(errno.EINVAL, idle[Symbol.asyncIterator]().next());
  },
);

testEach(
  "the peer's last bytes can be read though sending fails",
  async (net) => {
    const [a, b] = await net.pair();
    await a.sendall("request");
    assertEquals(text(await b.recv(7)), "request");
    await b.sendall("no more of it, ");
    await b.sendall("thanks");
    b.close();
    const failure = await assertRejects(async () => {
      for (let i = 0; i < 10_000; i++) await a.sendall(pattern(64 * 1024));
    }, socket.OSError);
    assert([errno.EPIPE, errno.ECONNRESET].includes(failure.errno!));
    assertEquals(
      text(await a.recv(100, socket.MSG_WAITALL)),
      "no more of it, thanks",
    );
    await rejects(errno.EPIPE, a.sendall("more"));
  },
);
