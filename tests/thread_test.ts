import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { errno, select, socket, thread } from "../mod.ts";
import { entry } from "../thread/entry.ts";
import { all, here, pair, testThreads } from "./thread_cases.ts";
import { test } from "./cases.ts";
import { rejects } from "./raises.ts";
import * as threads from "./threads.ts";
import { pattern, receivePattern, text } from "./traffic.ts";
import { native } from "./transports.ts";

const { start_joinable_thread, start_new_thread } = thread;

testThreads("a thread gets a connection", async () => {
  const [client, conn] = await pair();
  using _ = client;
  start_new_thread(threads.echo, [conn], null, here);
  assert(conn.closed);
  await rejects(errno.EBADF, conn.recv(1));
  await client.sendall("Hello");
  assertEquals(text(await client.recv(100)), "Hello");
  const size = 4 * 1024 * 1024;
  await Promise.all([
    client.sendall(pattern(size)),
    receivePattern(client, size),
  ]);
  client.shutdown(socket.SHUT_WR);
  assertEquals(await all(client), "");
});

testThreads("mode, names and options go along", async () => {
  const [client, conn] = await pair();
  using _ = client;
  conn.settimeout(12.5);
  conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1);
  const names = [conn.getsockname(), conn.getpeername()];
  start_new_thread(threads.describe, [conn], null, here);
  assertEquals(JSON.parse(await all(client)), {
    timeout: 12.5,
    names,
    nodelay: 1,
    family: socket.AF_INET,
  });
});

testThreads("bytes that were read ahead go along", async () => {
  const [client, conn] = await pair();
  using _ = client;
  await client.sendall("read ahead");
  await select.select([conn], [], []);
  assertEquals(text(await conn.recv(5)), "read ");
  start_new_thread(threads.echo, [conn], null, here);
  client.shutdown(socket.SHUT_WR);
  assertEquals(await all(client), "ahead");
});

testThreads("a socket goes from thread to thread", async () => {
  for (const dedicated of [false, true]) {
    const [client, conn] = await pair();
    using _ = client;
    await client.sendall("one");
    const handle = start_joinable_thread(threads.handOn, [conn], null, {
      ...here,
      dedicated,
    });
    await client.sendall("two");
    const answer = await all(client);
    assert(answer.startsWith("one, then two"), answer);
    await handle.join();
  }
});

testThreads("bytes sent while a socket moves on aren't lost", async () => {
  const [client, conn] = await pair();
  using _ = client;
  await client.sendall("abcdefgh");
  start_new_thread(threads.handOn, [conn], null, here);
  assertEquals(await all(client), "abc, then defgh");
});

testThreads("a thread gives away what it opened", async () => {
  using server = socket.create_server(["127.0.0.1", 0]);
  start_new_thread(threads.dial, [server.getsockname()], null, here);
  const [conn] = await server.accept();
  using _ = conn;
  await conn.sendall("hi");
  assertEquals(await all(conn), "dialled, then hi");
});

testThreads("a thread gets a listener", async () => {
  const server = socket.create_server(["127.0.0.1", 0]);
  const address = server.getsockname();
  const handle = start_joinable_thread(threads.serveOne, [server], null, here);
  using client = await socket.create_connection(address);
  assertEquals(await all(client), "from a thread");
  await handle.join();
  await rejects(errno.ECONNREFUSED, socket.create_connection(address));
});

testThreads("a thread gets a socket that wasn't used yet", async () => {
  const [client, conn] = await pair();
  using _ = client;
  start_new_thread(threads.listen, [socket.socket(), conn], null, here);
  const address = JSON.parse(await all(client));
  using other = await socket.create_connection(address);
  assertEquals(await all(other), "from a thread");
});

testThreads("a bound socket listens in a thread", async () => {
  const server = socket.socket();
  server.bind(["127.0.0.1", 0]);
  const address = server.getsockname();
  const [client, conn] = await pair();
  using _ = client;
  const handle = start_joinable_thread(
    threads.bound,
    [server, conn],
    null,
    here,
  );
  assertEquals(JSON.parse(await all(client)), [address, errno.EINVAL]);
  using other = await socket.create_connection(address);
  assertEquals(await all(other), "from a thread");
  await handle.join();
});

testThreads("a socket goes while it connects", async () => {
  using server = socket.create_server(["127.0.0.1", 0]);
  const s = socket.socket();
  s.setblocking(false);
  await rejects(errno.EINPROGRESS, s.connect(server.getsockname()));
  const p = select.poll<socket.Socket>();
  p.register(s, select.POLLIN);
  start_new_thread(threads.poll, [p, new Map([["all", new Set([s])]])], null, {
    ...here,
  });
  const [conn] = await server.accept();
  using _ = conn;
  await conn.sendall("data");
  const { same, data } = JSON.parse(await all(conn));
  assertEquals([same, data], [true, "data"]);
});

testThreads("an epoll object goes with its sockets", async () => {
  const [client, conn] = await pair();
  using _ = client;
  const ep = select.epoll<socket.Socket>();
  ep.register(conn, select.EPOLLIN);
  start_new_thread(threads.epoll, [ep], null, here);
  assert(ep.closed && conn.closed);
  await client.sendall("x");
  assertEquals(await all(client), "epoll 1 x");
});

testThreads("a thread gets a UDP socket", async () => {
  const s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  s.bind(["127.0.0.1", 0]);
  const address = s.getsockname();
  using client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  const handle = start_joinable_thread(threads.answer, [s], null, here);
  await client.sendto("datagram", address);
  const [data, from] = await client.recvfrom(100);
  assertEquals([text(data), from], ["datagram?", address]);
  await handle.join();
});

testThreads("dup() keeps a share: reads here, writes there", async () => {
  const [client, conn] = await pair();
  using _ = client;
  const kept = conn.dup();
  using __ = kept;
  const received = kept.recv(100);
  start_new_thread(threads.write, [conn], null, here);
  assertEquals(text(await client.recv(100)), "written in a thread");
  await client.sendall("read here");
  assertEquals(text(await received), "read here");
});

testThreads("a handle tells of the end", async () => {
  const [client, conn] = await pair();
  using _ = client;
  const handle = start_joinable_thread(threads.echo, [conn], null, here);
  assert(!handle.is_done());
  assertEquals(thread._count(), 1);
  await handle.join(0.01);
  assert(!handle.is_done());
  await assertRejects(() => handle.join(NaN), RangeError);
  client.shutdown(socket.SHUT_WR);
  await handle.join();
  assert(handle.is_done());
  assertEquals(thread._count(), 0);
  await handle.join();
  await start_joinable_thread(threads.leave, [], null, here).join();
});

testThreads("a worker that dies takes only its own with it", async () => {
  const before = thread.pool_size(1);
  try {
    const [client, conn] = await pair();
    const [other, conn2] = await pair();
    using _ = client;
    using __ = other;
    const own = { ...here, dedicated: true };
    const handle = start_joinable_thread(threads.forever, [conn], null, here);
    start_new_thread(threads.echo, [conn2], null, own);
    await client.sendall("x");
    const killer = start_joinable_thread(threads.kill, [], null, here);
    // Linux resets a connection that is closed with unread bytes.
    await all(client).then((end) => assertEquals(end, ""), (error) => {
      assert(native && error.errno === errno.ECONNRESET, error);
    });
    await handle.join();
    await killer.join();
    assertEquals(thread._count(), 1);
    await other.sendall("still here");
    assertEquals(text(await other.recv(100)), "still here");
    const [third, conn3] = await pair();
    using ___ = third;
    start_new_thread(threads.echo, [conn3], null, here);
    await third.sendall("replaced");
    assertEquals(text(await third.recv(100)), "replaced");
  } finally {
    thread.pool_size(before);
  }
});

testThreads("threads that share a worker wait for each other", async () => {
  const before = thread.pool_size(1);
  try {
    const conns = await Promise.all([pair(), pair(), pair()]);
    for (const [, conn] of conns) {
      start_new_thread(threads.echo, [conn], null, here);
    }
    for (const [client] of conns) {
      await client.sendall("shared");
      assertEquals(text(await client.recv(100)), "shared");
      client.close();
    }
  } finally {
    thread.pool_size(before);
  }
});

testThreads("all threads share the sizes and the count", async () => {
  const [client, conn] = await pair();
  using _ = client;
  const pool = thread.pool_size(3);
  try {
    start_new_thread(threads.numbers, [conn], null, here);
    assertEquals(JSON.parse(await all(client)), [[3, 0], 1, 2]);
    assertEquals([thread.pool_size(), thread.stack_size()], [5, 65536]);
  } finally {
    thread.pool_size(pool);
  }
});

testThreads("fewer workers than there were are shared", async () => {
  const queue = new thread.Queue<string>();
  async function workers(count: number): Promise<number> {
    const pairs = await Promise.all(Array.from({ length: count }, pair));
    const handles = pairs.map(([, conn]) =>
      start_joinable_thread(threads.where, [conn, queue], null, here)
    );
    const marks = new Set<string>();
    for (const _ of pairs) marks.add(await queue.get());
    for (const [client] of pairs) client.close();
    for (const handle of handles) await handle.join();
    return marks.size;
  }
  const before = thread.pool_size(3);
  try {
    assertEquals(await workers(4), 3);
    thread.pool_size(1);
    assertEquals(await workers(4), 1);
  } finally {
    thread.pool_size(before);
  }
});

testThreads("get_native_id() in a worker says what it needs", async () => {
  const [client, conn] = await pair();
  using _ = client;
  start_new_thread(threads.native, [conn], null, here);
  const told = await all(client);
  // With all permissions it is a number of the system's.
  if (/^\d+$/.test(told)) assertNotEquals(Number(told), Deno.pid);
  else assertMatch(told, /\[Errno 13\].*--allow-all|\[Errno 95\]/);
});

testThreads("stack_size(), pool_size() and TIMEOUT_MAX", async () => {
  assertEquals(thread.stack_size(65536), 0);
  assertEquals(thread.stack_size(0), 65536);
  assertEquals(thread.stack_size(), 0);
  assertThrows(() => thread.stack_size(-1), RangeError);
  assertThrows(() => thread.stack_size(4096), RangeError);
  assertThrows(() => thread.pool_size(0), RangeError);
  assertGreater(thread.pool_size(), 0);
  assertGreater(thread.TIMEOUT_MAX, 1e9);
  assertEquals(thread.get_native_id(), Deno.pid);
  assertThrows(() => thread.exit(), thread.SystemExit);
  assertLess(thread.get_ident(), 2 ** 53);
  await null;
});

test("a worker begins at a module of a registry, or at a bundle", () => {
  assertEquals(
    entry("file:///a/thread/entry.ts").href,
    "file:///a/thread/worker.ts",
  );
  const remote = entry("https://host.invalid/a%20b/thread/entry.js").href;
  assertEquals(
    decodeURIComponent(remote),
    'data:text/javascript,import "https://host.invalid/a%20b/thread/worker.js";',
  );
  assertMatch(
    decodeURIComponent(entry("file:///out.js").href),
    /^data:text\/javascript,.*file:\/\/\/out\.js/,
  );
});
