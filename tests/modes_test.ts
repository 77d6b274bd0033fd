import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLess,
  assertThrows,
} from "@std/assert";
import { errno, socket } from "../mod.ts";
import { nobody } from "./bound.ts";
import { test } from "./cases.ts";
import { persist, rejects, throws } from "./raises.ts";
import { fill, pattern, receivePattern, text } from "./traffic.ts";
import { native, testEach, testTcp } from "./transports.ts";

const { BlockingIOError, MSG_DONTWAIT, TimeoutError } = socket;

/** Seconds: longer than a message on the loopback takes. */
const SHORT = 0.05;

// Blocking

testEach("a blocking recv() waits until bytes arrive", async (net) => {
  const [a, b] = await net.pair();
  const received = b.recv(10);
  assert(await net.waits(received));
  await a.sendall("hello");
  assertEquals(text(await received), "hello");
});

testEach("a blocking accept() waits for a client", async (net) => {
  const server = net.listener();
  const accepted = net.accept(server);
  assert(await net.waits(accepted));
  const client = net.socket();
  await client.connect(server.getsockname());
  assertEquals((await accepted).getpeername(), client.getsockname());
});

testEach("a blocking send() waits until all is taken", async (net) => {
  const [a, b] = await net.pair();
  const size = 16 * 1024 * 1024;
  const sent = a.send(pattern(size));
  assert(await net.waits(sent));
  await receivePattern(b, size);
  assertEquals(await sent, size);
});

testEach(
  "MSG_DONTWAIT makes one call of a blocking socket non-blocking",
  async (net) => {
    const [a, b] = await net.pair();
    const none = await rejects(errno.EAGAIN, b.recv(10, MSG_DONTWAIT));
    assertInstanceOf(none, BlockingIOError);
    await rejects(
      errno.EAGAIN,
      b.recv_into(new Uint8Array(10), 0, MSG_DONTWAIT),
    );
    const size = 64 * 1024 * 1024;
    const taken = await a.send(pattern(size), MSG_DONTWAIT);
    assertLess(taken, size);
    await receivePattern(b, taken);
    assertEquals([a.getblocking(), b.getblocking()], [true, true]);
  },
);

// Time-outs

testEach(
  "recv() with a time-out ends in TimeoutError, and loses no bytes",
  async (net) => {
    const [a, b] = await net.pair();
    b.settimeout(SHORT);
    const start = performance.now();
    const error = await rejects(null, b.recv(10));
    assertInstanceOf(error, TimeoutError);
    // Timers may be early by less than a millisecond.
    assertGreaterOrEqual(performance.now() - start, SHORT * 1000 - 1);
    assertEquals(error.message, "timed out");
    assertEquals(error.args, ["timed out"]);
    assertEquals([error.errno, error.strerror], [null, null]);

    await rejects(null, b.recv_into(new Uint8Array(10)));
    await a.sendall("abcdef");
    const buffer = new Uint8Array(2);
    assertEquals(text(await b.recv(2)), "ab");
    assertEquals([await b.recv_into(buffer), text(buffer)], [2, "cd"]);
    b.settimeout(null);
    assertEquals(text(await b.recv(10)), "ef");
  },
);

testEach(
  "accept() with a time-out ends in TimeoutError, and loses no client",
  async (net) => {
    const server = net.listener();
    server.settimeout(SHORT);
    assertInstanceOf(await rejects(null, server.accept()), TimeoutError);
    const [first, second] = [net.socket(), net.socket()];
    await first.connect(server.getsockname());
    await second.connect(server.getsockname());
    const accepted = await net.accept(server);
    assertEquals(accepted.getpeername(), first.getsockname());
    // Unlike the listener, as there is no default time-out.
    assertEquals(accepted.gettimeout(), null);
    server.settimeout(null);
    const other = await net.accept(server);
    assertEquals(other.getpeername(), second.getsockname());
  },
);

testEach("a send() that timed out has sent nothing", async (net) => {
  const [a, b] = await net.pair();
  a.settimeout(SHORT);
  const sent = await fill(a);
  assertInstanceOf(await rejects(null, a.send("lost")), TimeoutError);
  await receivePattern(b, sent);
  await a.sendall("more");
  assertEquals(text(await b.recv(10)), "more");
});

testEach("a time-out is meant for the whole of sendall()", async (net) => {
  const [a, b] = await net.pair();
  a.settimeout(4 * SHORT);
  let over = false;
  const start = performance.now();
  const sending = rejects(null, a.sendall(pattern(64 * 1024 * 1024)))
    .finally(() => over = true);
  // The transfer never pauses for as long as the time-out.
  while (!over) {
    await b.recv(4096);
    await net.tick();
  }
  assertInstanceOf(await sending, TimeoutError);
  assertGreaterOrEqual(performance.now() - start, 4 * SHORT * 1000 - 1);
});

testTcp(
  "connect() with a time-out ends in TimeoutError, and goes on",
  async (net) => {
    const server = net.listener(0);
    const address = server.getsockname();
    const clients = [];
    let error;
    // Until the backlog is full.
    while (!error && clients.length < 5) {
      const client = net.socket();
      clients.push(client);
      client.settimeout(SHORT);
      error = await client.connect(address).catch((error) => error);
    }
    assertInstanceOf(error, TimeoutError);
    assertEquals(error.errno, null);
    const last = clients.at(-1)!;
    throws(errno.ENOTCONN, () => last.getpeername());
    await rejects(errno.EALREADY, last.connect(address));
    // A time-out has no number of its own.
    const other = net.socket();
    other.settimeout(SHORT);
    assertEquals(await other.connect_ex(address), errno.EAGAIN);
    other.close();

    while (clients.length > 0) {
      await net.accept(server);
      clients.pop();
    }
    last.settimeout(null);
    // In Linux the call after the wait is the one that succeeds.
    if (native) await last.connect(address);
    assertEquals(await last.connect_ex(address), errno.EISCONN);
    assertEquals(last.getpeername(), address);
  },
);

// Non-blocking

testEach(
  "a non-blocking recv() takes the available bytes or raises EAGAIN",
  async (net) => {
    const [a, b] = await net.pair();
    b.setblocking(false);
    assertInstanceOf(await rejects(errno.EAGAIN, b.recv(10)), BlockingIOError);
    await rejects(errno.EAGAIN, b.recv_into(new Uint8Array(10)));
    await a.sendall("abcd");
    assertEquals(text(await persist(() => b.recv(3))), "abc");
    const buffer = new Uint8Array(3);
    assertEquals(await persist(() => b.recv_into(buffer)), 1);
    assertEquals(buffer[0], "d".charCodeAt(0));
    await rejects(errno.EAGAIN, b.recv(10));
    a.close();
    assertEquals(await persist(() => b.recv(10)), new Uint8Array(0));
  },
);

testEach(
  "a non-blocking accept() takes a waiting client or raises EAGAIN",
  async (net) => {
    const server = net.listener();
    server.setblocking(false);
    assertInstanceOf(
      await rejects(errno.EAGAIN, server.accept()),
      BlockingIOError,
    );
    const client = net.socket();
    await client.connect(server.getsockname());
    const accepted = await persist(() => net.accept(server));
    assertEquals(accepted.getpeername(), client.getsockname());
    await rejects(errno.EAGAIN, server.accept());
  },
);

testEach(
  "a non-blocking send() takes as much as fits or raises EAGAIN",
  async (net) => {
    const [a, b] = await net.pair();
    a.setblocking(false);
    let sent = await fill(a);
    assertInstanceOf(await rejects(errno.EAGAIN, a.send("x")), BlockingIOError);
    await receivePattern(b, sent);
    const more = await persist(() => a.send(pattern(1000, sent)));
    await receivePattern(b, more, sent);
    sent += more;
    // As in Python, the number of sent bytes is unknown.
    await rejects(errno.EAGAIN, a.sendall(pattern(64 * 1024 * 1024, sent)));
    await receivePattern(b, 1000, sent);
  },
);

testEach(
  "a non-blocking connect() raises EINPROGRESS, then connects",
  async (net) => {
    const server = net.listener();
    const client = net.socket();
    client.setblocking(false);
    const address = server.getsockname();
    const { EALREADY, EINPROGRESS, EISCONN } = errno;
    if (net.nativeUnix) {
      // Within the machine there is nothing to wait for.
      await client.connect(address);
    } else {
      const error = await rejects(EINPROGRESS, client.connect(address));
      assertInstanceOf(error, BlockingIOError);
    }
    let code = EALREADY;
    while (code === EALREADY) code = await client.connect_ex(address);
    // In Linux the call after the wait is the one that succeeds.
    if (code === 0) code = await client.connect_ex(address);
    assertEquals(code, EISCONN);
    assertEquals(client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0);
    assertEquals(client.getpeername(), address);
  },
);

test("a non-blocking connect() raises EINPROGRESS, then fails", async () => {
  using refusing = await nobody();
  const { address } = refusing;
  const { EALREADY, ECONNREFUSED, EINPROGRESS } = errno;

  using client = socket.socket();
  client.setblocking(false);
  // The next call raises the error, and the one after that begins a new
  // attempt.
  for (let round = 0; round < 2; round++) {
    assertEquals(await client.connect_ex(address), EINPROGRESS);
    let code = EALREADY;
    while (code === EALREADY) code = await client.connect_ex(address);
    assertEquals(code, ECONNREFUSED);
  }

  using other = socket.socket();
  other.setblocking(false);
  assertEquals(await other.connect_ex(address), EINPROGRESS);
  const error = () => other.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR);
  let code = 0;
  for (let tries = 0; code === 0 && tries < 10_000; tries++) {
    await client.connect_ex(address);
    code = error();
  }
  assertEquals(code, ECONNREFUSED);
  // Reading it has cleared it.
  assertEquals(error(), 0);
});

testEach(
  "recv() and send() would block while the socket connects",
  async (net) => {
    const server = net.listener();
    const client = net.socket();
    client.setblocking(false);
    const code = await client.connect_ex(server.getsockname());
    assertEquals(code, net.nativeUnix ? 0 : errno.EINPROGRESS);
    client.settimeout(5);
    const received = client.recv(10);
    await client.sendall("early");
    const accepted = await net.accept(server);
    assertEquals(text(await accepted.recv(10)), "early");
    await accepted.sendall("late");
    assertEquals(text(await received), "late");
  },
);

// The mode itself

test("settimeout() and setblocking() are two views of one mode", () => {
  using s = socket.socket();
  const mode = () => [s.gettimeout(), s.timeout, s.getblocking()];
  assertEquals(mode(), [null, null, true]);
  const modes: [() => void, unknown[]][] = [
    [() => s.setblocking(false), [0, 0, false]],
    [() => s.setblocking(true), [null, null, true]],
    [() => s.settimeout(1.5), [1.5, 1.5, true]],
    [() => s.settimeout(0), [0, 0, false]],
    [() => s.settimeout(null), [null, null, true]],
    [() => s.setblocking(0), [0, 0, false]],
    [() => s.setblocking(1), [null, null, true]],
    [() => s.settimeout(1e9), [1e9, 1e9, true]],
  ];
  for (const [set, expected] of modes) {
    set();
    assertEquals(mode(), expected);
  }
  for (const wrong of ["1", undefined, {}, 1n]) {
    assertThrows(() => s.settimeout(wrong as number), TypeError);
  }
  for (const wrong of [-1, -1e-9, NaN, -Infinity]) {
    assertThrows(() => s.settimeout(wrong), RangeError);
  }
  assertEquals(mode(), [1e9, 1e9, true]);
  s.close();
  throws(errno.EBADF, () => s.settimeout(1));
  throws(errno.EBADF, () => s.setblocking(true));
  assertEquals(s.gettimeout(), 1e9);
});

test("SOCK_NONBLOCK makes a non-blocking socket", () => {
  const { AF_INET, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } = socket;
  using s = socket.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
  assertEquals(s.gettimeout(), 0);
  assertEquals(s.type, SOCK_STREAM);
});

testEach("a time-out may be longer than any timer", async (net) => {
  const [a, b] = await net.pair();
  b.settimeout(1e12);
  const received = b.recv(1);
  assert(await net.waits(received));
  await a.send("x");
  assertEquals(text(await received), "x");
});
