import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertThrows,
} from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { test } from "./cases.ts";
import { Fake } from "./fake.ts";
import { rejects, throws } from "./raises.ts";
import { text } from "./traffic.ts";
import { native, testEach, testTcp } from "./transports.ts";
import { events } from "./which.ts";

const {
  EPOLLERR,

  EPOLLHUP,
  EPOLLIN,

  EPOLLOUT,

  EPOLLRDHUP,
  POLLNVAL,
} = select;

type Socket = socket.Socket;

// Registering

testEach(
  "poll() returns the registered objects and their events",
  async (net) => {
    using ep = select.epoll<Socket>();
    const server = net.listener();
    const [a, b] = await net.pair();
    const names = { server, a, b };
    ep.register(server, EPOLLIN);
    ep.register(a);
    ep.register(b, EPOLLIN | EPOLLRDHUP);
    assertEquals(events(await ep.poll(), names), [["a", EPOLLOUT]]);
    await a.sendall("x");
    ep.modify(a, EPOLLIN);
    assertEquals(events(await ep.poll(), names), [["b", EPOLLIN]]);
    a.shutdown(socket.SHUT_WR);
    assertEquals(text(await b.recv(10)), "x");
    assertEquals(events(await ep.poll(), names), [["b", EPOLLIN | EPOLLRDHUP]]);
    ep.unregister(b);
    assertEquals(await ep.poll(0), []);
    await net.socket().connect(server.getsockname());
    assertEquals(events(await ep.poll(5), names), [["server", EPOLLIN]]);
  },
);

testTcp("errors and the end are reported unasked", async (net) => {
  using ep = select.epoll();
  const fresh = net.socket();
  const nobody = net.socket();
  nobody.bind(["127.0.0.1", 0]);
  const refused = net.socket();
  refused.setblocking(false);
  await rejects(errno.EINPROGRESS, refused.connect(nobody.getsockname()));
  ep.register(refused, 0);
  assertEquals(events(await ep.poll(), { refused }), [
    ["refused", EPOLLERR | EPOLLHUP],
  ]);
  ep.unregister(refused);
  ep.register(fresh, 0);
  assertEquals(events(await ep.poll(), { fresh }), [["fresh", EPOLLHUP]]);
});

testEach("a descriptor stands for its socket", async (net) => {
  using ep = select.epoll();
  const [a] = await net.pair();
  const fd = a.fileno();
  ep.register(fd, EPOLLOUT);
  throws(errno.EEXIST, () => ep.register(a, EPOLLOUT));
  assertEquals(await ep.poll(), [[fd, EPOLLOUT]]);
  ep.modify(a, EPOLLIN);
  assertEquals(await ep.poll(0), []);
  ep.unregister(a);
  throws(errno.ENOENT, () => ep.unregister(fd));
});

testEach("EEXIST, ENOENT and EBADF", async (net) => {
  using ep = select.epoll();
  const [a, b] = await net.pair();
  ep.register(a);
  throws(errno.EEXIST, () => ep.register(a));
  throws(errno.EEXIST, () => ep.register(a, EPOLLOUT));
  // A copy is registered by itself.
  ep.register(net.track(a.dup()), EPOLLIN);
  for (const act of [() => ep.modify(b, EPOLLIN), () => ep.unregister(b)]) {
    throws(errno.ENOENT, act);
  }
  const fd = b.fileno();
  b.close();
  // Another thread may have got the system's number.
  for (const s of native ? [b, -1, 1 << 20] : [b, fd, -1, 1 << 20]) {
    throws(errno.EBADF, () => ep.register(s));
    throws(errno.EBADF, () => ep.modify(s, EPOLLIN));
    throws(errno.EBADF, () => ep.unregister(s));
  }
  a.close();
  throws(errno.EBADF, () => ep.modify(a, EPOLLIN));
  throws(errno.EBADF, () => ep.unregister(a));
});

// Waiting

testEach("poll() takes its time-out in seconds", async (net) => {
  using ep = select.epoll();
  const [a, b] = await net.pair();
  ep.register(a, EPOLLIN);
  assertEquals(await ep.poll(0), []);
  const start = performance.now();
  assertEquals(await ep.poll(0.03), []);
  assertGreaterOrEqual(performance.now() - start, 29);
  for (const timeout of [undefined, null, -1, -0.5, 1e10]) {
    const waiting = ep.poll(timeout).then((polled) => polled);
    assert(await net.waits(waiting));
    await b.sendall("x");
    assertEquals(events(await waiting, { a }), [["a", EPOLLIN]]);
    await a.recv(1);
  }
});

test("maxevents bounds the result, and every object has its turn", async () => {
  using ep = select.epoll<Fake>();
  const fakes = Array.from({ length: 5 }, () => new Fake(EPOLLIN));
  for (const fake of fakes) ep.register(fake, EPOLLIN);
  for (const most of [1, 2, 3]) {
    const seen = new Map<Fake, number>();
    for (let i = 0; i < 5; i++) {
      const polled = await ep.poll(0, most);
      assertEquals(polled.length, most);
      for (const [f] of polled) seen.set(f, (seen.get(f) ?? 0) + 1);
    }
    // Five rounds of so many are so many for each of the five.
    assertEquals([...seen.values()], fakes.map(() => most));
  }
  for (const most of [-1, 5, 100]) {
    assertEquals((await ep.poll(0, most)).length, 5);
  }
});

testEach("for await gives the ready objects, again and again", async (net) => {
  using ep = select.epoll<Socket>();
  const [a, b] = await net.pair();
  ep.register(b, EPOLLIN);
  await a.sendall("abc");
  let received = "";
  for await (const polled of ep) {
    assertEquals(events(polled, { b }), [["b", EPOLLIN]]);
    received += text(await b.recv(1));
    if (received.length === 3) break;
  }
  assertEquals(received, "abc");
  for await (const polled of ep.poll(0.001, 1)) {
    assertEquals(polled, []);
    break;
  }
});

// Closing

testEach("a closed socket is unregistered", async (net) => {
  using ep = select.epoll<Socket>();
  const server = net.listener();
  const [a, b] = await net.pair();
  const [quiet] = await net.pair();
  for (const s of [server, a, b]) ep.register(s, EPOLLIN);
  ep.register(quiet, EPOLLIN);
  const waiting = ep.poll().then((polled) => polled);
  assert(await net.waits(waiting));
  server.close();
  assert(await net.waits(waiting));
  assertEquals(await ep.poll(0), []);
  a.close();
  // The peer finds its end, and nothing is told of the closed ones.
  const end = net.nativeUnix ? EPOLLIN | EPOLLHUP : EPOLLIN;
  assertEquals(events(await waiting, { b }), [["b", end]]);
  b.close();
  assertEquals(await ep.poll(0), []);
  for (const s of [server, a, b]) throws(errno.EBADF, () => ep.modify(s, 0));
});

// Of the system's numbers, another thread may take the one that became free.
testEach(
  "a number that is used again can be registered again",
  async (net) => {
    using ep = select.epoll<Socket | number>();
    const [old] = await net.pair();
    const fd = old.fileno();
    ep.register(old, EPOLLIN);
    old.close();
    const fresh = net.socketAt(fd);
    assertEquals(fresh.fileno(), fd);
    throws(errno.ENOENT, () => ep.modify(fresh, EPOLLOUT));
    throws(errno.ENOENT, () => ep.unregister(fresh));
    throws(errno.ENOENT, () => ep.unregister(fd));
    ep.register(fresh, EPOLLOUT);
    assertEquals(events(await ep.poll(0), { fresh }), [
      ["fresh", EPOLLOUT | EPOLLHUP],
    ]);
    throws(errno.EBADF, () => ep.unregister(old));
    assertEquals((await ep.poll(0)).length, 1);
    fresh.close();
    const last = net.socket();
    assertEquals(last.fileno(), fd);
    ep.register(fd, EPOLLOUT);
    assertEquals(await ep.poll(0), [[fd, EPOLLOUT | EPOLLHUP]]);
  },
  { ignore: native },
);

test("a descriptor closed without its socket is unregistered, too", async () => {
  using ep = select.epoll<Fake>();
  const fake = new Fake(EPOLLIN);
  ep.register(fake, EPOLLIN);
  fake.become(POLLNVAL);
  assertEquals(await ep.poll(0), []);
  assertEquals(fake.watches.size, 0);
  throws(errno.ENOENT, () => ep.unregister(fake));
});

testEach("an epoll object has a number and an end", async (net) => {
  const [a] = await net.pair();
  const ep = select.epoll<Socket>();
  assert(ep instanceof select.Epoll);
  assertEquals(ep.closed, false);
  assertGreaterOrEqual(ep.fileno(), 3);
  assert(ep.fileno() !== a.fileno());
  ep.register(a);
  const fd = ep.fileno();
  ep.close();
  ep.close();
  assertEquals(ep.closed, true);
  const message = "I/O operation on closed epoll object";
  for (
    const act of [
      () => ep.fileno(),
      () => ep.register(a),
      () => ep.modify(a, 0),
      () => ep.unregister(a),
      () => ep.poll(0),
      () => ep.poll(),
    ]
  ) {
    assertEquals(assertThrows(act, RangeError).message, message);
  }
  // Another test of this process may get a number of the system's.
  if (native) return;
  // The number is free again, and stands for nothing.
  throws(errno.EBADF, () => socket.fromfd(fd, -1, -1));
  using next = select.epoll();
  assertEquals(next.fileno(), fd);
});

testEach("close() ends the waits", async (net) => {
  const [a] = await net.pair();
  const ep = select.epoll();
  ep.register(a, EPOLLIN);
  const waits = [
    ep.poll().then(() => "ready", (error) => error),
    ep.poll(100).then(() => "ready", (error) => error),
    (async () => {
      for await (const _ of ep) return "ready";
    })().catch((error) => error),
  ];
  assert(await net.waits(Promise.race(waits)));
  ep.close();
  for (const error of await Promise.all(waits)) {
    assert(error instanceof RangeError, String(error));
  }
});
