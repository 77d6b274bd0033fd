import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { persist, rejects, throws } from "./raises.ts";
import { fill, pattern, receivePattern, text } from "./traffic.ts";
import { native, testEach } from "./transports.ts";
import { events } from "./which.ts";

const {
  EPOLLET,
  EPOLLEXCLUSIVE,

  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
} = select;

const { SHUT_WR } = socket;

type Socket = socket.Socket;

/** Waits until a socket is readable. */
async function readable(s: Socket): Promise<void> {
  assertEquals((await select.select([s], [], [], 5))[0].length, 1);
}

testEach("EPOLLET reports new events", async (net) => {
  using ep = select.epoll<Socket>();
  const server = net.listener();
  const [a, b] = await net.pair();
  ep.register(b, EPOLLIN | EPOLLRDHUP | EPOLLET);
  ep.register(server, EPOLLIN | EPOLLET);
  const names = { server, b };
  assertEquals(await ep.poll(0), []);
  await a.sendall("first");
  assertEquals(events(await ep.poll(5), names), [["b", EPOLLIN]]);
  assertEquals(await ep.poll(0), []);
  b.setblocking(false);
  assertEquals(text(await b.recv(100)), "first");
  await rejects(errno.EAGAIN, b.recv(100));

  await a.sendall("second");
  assertEquals(events(await ep.poll(5), names), [["b", EPOLLIN]]);
  // modify() with the same events reports them again.
  ep.modify(b, EPOLLIN | EPOLLRDHUP | EPOLLET);
  assertEquals(events(await ep.poll(0), names), [["b", EPOLLIN]]);
  assertEquals(await ep.poll(0), []);
  assertEquals(text(await b.recv(100)), "second");

  a.shutdown(socket.SHUT_WR);
  assertEquals(events(await ep.poll(5), names), [["b", EPOLLIN | EPOLLRDHUP]]);
  assertEquals(await ep.poll(0), []);

  await net.socket().connect(server.getsockname());
  assertEquals(events(await ep.poll(5), names), [["server", EPOLLIN]]);
  assertEquals(await ep.poll(0), []);
});

testEach(
  "an edge-triggered reader that reads until EAGAIN misses no event",
  async (net) => {
    using ep = select.epoll<Socket>();
    const [a, b] = await net.pair();
    b.setblocking(false);
    ep.register(b, EPOLLIN | EPOLLET);
    const size = 4 * 1024 * 1024;
    const sending = a.sendall(pattern(size)).then(() => a.close());
    let received = 0;
    for (let over = false; !over;) {
      assertEquals((await ep.poll(5)).length, 1);
      try {
        for (;;) {
          const data = await b.recv(10_000);
          assertEquals(data, pattern(data.length, received));
          received += data.length;
          if (data.length === 0) {
            over = true;
            break;
          }
        }
      } catch (error) {
        assert(error instanceof socket.BlockingIOError, String(error));
      }
    }
    assertEquals(received, size);
    await sending;
  },
);

testEach(
  "an edge-triggered writer that writes until EAGAIN misses no event",
  async (net) => {
    using ep = select.epoll<Socket>();
    const [a, b] = await net.pair();
    a.setblocking(false);
    ep.register(a, EPOLLOUT | EPOLLET);
    const size = 16 * 1024 * 1024;
    const receiving = receivePattern(b, size);
    const data = pattern(size);
    let sent = 0;
    while (sent < size) {
      assertEquals(events(await ep.poll(5), { a }), [["a", EPOLLOUT]]);
      try {
        while (sent < size) sent += await a.send(data.subarray(sent));
      } catch (error) {
        assert(error instanceof socket.BlockingIOError, String(error));
      }
    }
    await receiving;
  },
);

testEach("EPOLLONESHOT reports once, until modify()", async (net) => {
  using ep = select.epoll<Socket>();
  const [a, b] = await net.pair();
  ep.register(a, EPOLLIN | EPOLLONESHOT);
  await b.sendall("x");
  assertEquals(events(await ep.poll(5), { a }), [["a", EPOLLIN]]);
  await b.sendall("more");
  b.shutdown(socket.SHUT_WR);
  await net.tick();
  assertEquals(await ep.poll(0), []);
  throws(errno.EEXIST, () => ep.register(a));
  ep.modify(a, EPOLLIN | EPOLLONESHOT);
  assertEquals(events(await ep.poll(0), { a }), [["a", EPOLLIN]]);
  assertEquals(await ep.poll(0), []);
  ep.modify(a, EPOLLIN);
  for (let i = 0; i < 2; i++) {
    assertEquals(events(await ep.poll(0), { a }), [["a", EPOLLIN]]);
  }
  ep.unregister(a);
  ep.register(a, EPOLLIN);
  assertEquals(events(await ep.poll(0), { a }), [["a", EPOLLIN]]);
});

testEach("EPOLLEXCLUSIVE is accepted", async (net) => {
  using one = select.epoll<Socket>();
  using two = select.epoll<Socket>();
  const [a, b] = await net.pair();
  one.register(a, EPOLLIN | EPOLLEXCLUSIVE);
  two.register(a, EPOLLIN | EPOLLEXCLUSIVE | EPOLLET);
  await b.sendall("x");
  await readable(a);
  assertEquals(events(await one.poll(0), { a }), [["a", EPOLLIN]]);
  assertEquals(events(await two.poll(0), { a }), [["a", EPOLLIN]]);
});

testEach("flags and events are kept apart", async (net) => {
  using ep = select.epoll<Socket>();
  const [a, b] = await net.pair();
  ep.register(a, EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLET | EPOLLONESHOT);
  assertEquals(events(await ep.poll(0), { a }), [["a", EPOLLOUT]]);
  // Seen as a signed number, as `|` gives it, or as Python's constants.
  ep.modify(a, EPOLLIN + EPOLLET);
  await b.sendall("x");
  assertEquals(events(await ep.poll(5), { a }), [["a", EPOLLIN]]);
  assertEquals(await ep.poll(0), []);
  ep.modify(a, EPOLLIN | EPOLLET);
  assertEquals(events(await ep.poll(0), { a }), [["a", EPOLLIN]]);
  assertEquals(await ep.poll(0), []);
  a.setblocking(false);
  assertEquals(text(await persist(() => a.recv(1))), "x");
});

testEach("EPOLLET reports bytes behind unread ones", async (net) => {
  using ep = select.epoll<Socket>();
  using level = select.epoll<Socket>();
  const [a, b] = await net.pair();
  ep.register(b, EPOLLIN | EPOLLRDHUP | EPOLLET);
  for (let i = 0; i < 5; i++) {
    await a.sendall("part");
    assertEquals(events(await ep.poll(5), { b }), [["b", EPOLLIN]]);
    assertEquals(await ep.poll(0), []);
  }
  // A level-triggered watch beside it changes nothing.
  level.register(b, EPOLLIN);
  assertEquals(events(await level.poll(0), { b }), [["b", EPOLLIN]]);
  await a.sendall("more");
  assertEquals(events(await ep.poll(5), { b }), [["b", EPOLLIN]]);
  // Reading only a part of the bytes is no new event.
  assertEquals(text(await b.recv(6)), "partpa");
  assertEquals(await ep.poll(0), []);
  await a.sendall("last");
  assertEquals(events(await ep.poll(5), { b }), [["b", EPOLLIN]]);
  a.shutdown(SHUT_WR);
  assertEquals(events(await ep.poll(5), { b }), [["b", EPOLLIN | EPOLLRDHUP]]);
  assertEquals(text((await b.read())!), "rtpartpartpartmorelast");
});

// The kernel reads ahead as it likes.
testEach("EPOLLET reads no further ahead than SO_RCVBUF", async (net) => {
  using ep = select.epoll<Socket>();
  const [a, b] = await net.pair();
  const limit = 4096;
  b.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, limit);
  ep.register(b, EPOLLIN | EPOLLET);
  a.settimeout(0.05);
  const sent = await fill(a);
  while ((await ep.poll(0.05)).length > 0);
  const seen = await b.recv(sent, socket.MSG_PEEK);
  assertLessOrEqual(seen.length, net.queues * limit);
  a.close();
  await receivePattern(b, sent);
  assertEquals(await b.recv(1), new Uint8Array(0));
}, { ignore: native });
