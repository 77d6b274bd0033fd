import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertThrows,
} from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { rejects } from "./raises.ts";
import { some } from "./some.ts";
import { fill, pattern, receivePattern, text } from "./traffic.ts";
import { native, testEach, testTcp } from "./transports.ts";
import { events } from "./which.ts";

const {
  POLLERR,
  POLLHUP,
  POLLIN,

  POLLOUT,

  POLLRDHUP,
  POLLRDNORM,
  POLLWRNORM,
} = select;

// Registering

testEach(
  "poll() returns the registered objects and their events",
  async (net) => {
    const server = net.listener();
    const [a, b] = await net.pair();
    const p = select.poll<socket.Socket>();
    p.register(server, POLLIN);
    p.register(a, POLLIN | POLLOUT);
    p.register(b, POLLIN);
    const names = { server, a, b };
    assertEquals(events(await p.poll(), names), [["a", POLLOUT]]);
    await a.sendall("x");
    p.modify(a, POLLIN);
    assertEquals(events(await p.poll(), names), [["b", POLLIN]]);
    const [[s, mask]] = some(await p.poll());
    assertEquals([text(await s.recv(10)), mask], ["x", POLLIN]);
  },
);

testEach("register() waits for reading and writing by itself", async (net) => {
  const [a, b] = await net.pair();
  const p = select.poll();
  p.register(a);
  await b.sendall("x");
  await select.select([a], [], []);
  const polled = await p.poll(0);
  assertEquals(events(polled, { a }), [["a", POLLIN | POLLOUT]]);
});

testEach("register() again replaces the events", async (net) => {
  const [a] = await net.pair();
  const p = select.poll();
  p.register(a, POLLIN);
  assertEquals(await p.poll(0), []);
  p.register(a, POLLOUT);
  p.register(a, POLLOUT);
  assertEquals(events(await p.poll(0), { a }), [["a", POLLOUT]]);
  p.unregister(a);
  assertEquals(await p.poll(0), []);
});

testEach("unregister() ends it, also while poll() waits", async (net) => {
  const [a, b] = await net.pair();
  const p = select.poll();
  p.register(a, POLLIN);
  p.register(b, POLLIN);
  const waiting = p.poll().then((polled) => polled);
  assert(await net.waits(waiting));
  p.unregister(a);
  await b.sendall("not for a");
  assert(await net.waits(waiting));
  await a.sendall("for b");
  assertEquals(events(await waiting, { b }), [["b", POLLIN]]);
});

testEach("registering while poll() waits takes effect", async (net) => {
  const [a, b] = await net.pair();
  const p = select.poll();
  const registered = p.poll().then((polled) => polled);
  assert(await net.waits(registered));
  p.register(a, POLLIN);
  assert(await net.waits(registered));
  await b.sendall("x");
  assertEquals(events(await registered, { a }), [["a", POLLIN]]);
  await a.recv(1);

  const modified = p.poll().then((polled) => polled);
  assert(await net.waits(modified));
  p.modify(a, POLLIN | POLLOUT);
  assertEquals(events(await modified, { a }), [["a", POLLOUT]]);
});

testEach("a descriptor stands for its socket", async (net) => {
  const [a] = await net.pair();
  const fd = a.fileno();
  const p = select.poll();
  p.register(fd, POLLOUT);
  assertEquals(await p.poll(), [[fd, POLLOUT]]);
  p.modify(a, POLLIN);
  assertEquals(await p.poll(0), []);
  // As in Python it is the number that is registered.
  p.register(a, POLLOUT);
  assertEquals(events(await p.poll(), { a }), [["a", POLLOUT]]);
  p.unregister(fd);
  assertThrows(() => p.unregister(a), RangeError);

  const copy = net.track(a.dup());
  p.register(a, POLLOUT);
  p.register(copy, POLLOUT);
  assertEquals(events(await p.poll(), { a, copy }), [
    ["a", POLLOUT],
    ["copy", POLLOUT],
  ]);
});

testTcp("errors and the end are reported unasked", async (net) => {
  const [a] = await net.pair();
  const fresh = net.socket();
  const nobody = net.socket();
  nobody.bind(["127.0.0.1", 0]);
  const refused = net.socket();
  refused.setblocking(false);
  await rejects(errno.EINPROGRESS, refused.connect(nobody.getsockname()));
  const p = select.poll();
  p.register(refused, 0);
  assertEquals(events(await p.poll(), { refused }), [
    ["refused", POLLERR | POLLHUP],
  ]);
  p.register(fresh, 0);
  p.register(a, 0);
  p.unregister(refused);
  assertEquals(events(await p.poll(), { fresh, a }), [["fresh", POLLHUP]]);
});

testEach(
  "the second names of events are reported if asked for",
  async (net) => {
    const [a, b] = await net.pair();
    const p = select.poll();
    await b.sendall("x");
    const rows: [asked: number, told: number][] = [
      [POLLRDNORM, POLLRDNORM],
      [POLLIN | POLLRDNORM, POLLIN | POLLRDNORM],
      [POLLWRNORM, POLLWRNORM],
      [POLLIN | POLLOUT, POLLIN | POLLOUT],
      [0xffff, POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM],
    ];
    await select.select([a], [], []);
    for (const [asked, told] of rows) {
      p.register(a, asked);
      assertEquals(events(await p.poll(), { a }), [["a", told]]);
    }
  },
);

// Waiting

testEach("poll() waits as long as it is told to", async (net) => {
  const [a, b] = await net.pair();
  const p = select.poll();
  p.register(a, POLLIN);
  assertEquals(await p.poll(0), []);
  assertEquals(await p.ipoll(0), []);
  const start = performance.now();
  assertEquals(await p.poll(20), []);
  assertEquals(await p.ipoll(10.5), []);
  assertGreaterOrEqual(performance.now() - start, 29);
  for (const timeout of [undefined, null, -1, -0.5, 1e12]) {
    for (const wait of [p.poll(timeout), p.ipoll(timeout)]) {
      const waiting = wait.then((polled) => polled);
      assert(await net.waits(waiting));
      await b.sendall("x");
      assertEquals(events(await waiting, { a }), [["a", POLLIN]]);
      await a.recv(1);
    }
  }
});

testEach("poll() is level-triggered", async (net) => {
  const server = net.listener();
  const [a, b] = await net.pair();
  const p = select.poll();
  p.register(server, POLLIN);
  p.register(b, POLLIN | POLLRDHUP);
  const names = { server, b };
  const lasting = async (...expected: [string, number][]) => {
    for (let i = 0; i < 3; i++) {
      assertEquals(events(await p.poll(), names), expected);
    }
  };
  const client = net.socket();
  await client.connect(server.getsockname());
  await lasting(["server", POLLIN]);
  await net.accept(server);
  await a.sendall("ab");
  await lasting(["b", POLLIN]);
  await b.recv(1);
  await lasting(["b", POLLIN]);
  await b.recv(1);
  assertEquals(await p.poll(0), []);
  a.shutdown(socket.SHUT_WR);
  await lasting(["b", POLLIN | POLLRDHUP]);
  await b.recv(1);
  await lasting(["b", POLLIN | POLLRDHUP]);
});

testEach("poll() reports when a full connection drains", async (net) => {
  const [a, b] = await net.pair();
  const p = select.poll();
  p.register(a, POLLOUT);
  assertEquals(events(await p.poll(), { a }), [["a", POLLOUT]]);
  a.setblocking(false);
  const sent = await fill(a);
  assertEquals(await p.poll(0), []);
  const waiting = p.poll().then((polled) => polled);
  assert(await net.waits(waiting));
  await receivePattern(b, sent);
  assertEquals(events(await waiting, { a }), [["a", POLLOUT]]);
  assertEquals(await a.send(pattern(10)), 10);
});

// The kernel has let its buffers grow beyond what SO_SNDBUF sets.
testEach("a larger SO_SNDBUF makes room at once", async (net) => {
  const [a, b] = await net.pair();
  const p = select.poll();
  p.register(a, POLLOUT);
  a.setblocking(false);
  const sent = await fill(a);
  const waiting = p.poll().then((polled) => polled);
  assert(await net.waits(waiting));
  a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 512 * 1024);
  assertEquals(events(await waiting, { a }), [["a", POLLOUT]]);
  const more = await a.send(pattern(1000, sent));
  await receivePattern(b, sent + more);
}, { ignore: native });

testEach("a connection that is being opened wakes poll()", async (net) => {
  const server = net.listener();
  const client = net.socket();
  client.setblocking(false);
  const p = select.poll();
  p.register(client, POLLIN | POLLOUT);
  assertEquals(events(await p.poll(), { client }), [
    ["client", POLLOUT | POLLHUP],
  ]);
  const connecting = client.connect(server.getsockname());
  // AF_UNIX connects at once.
  if (net.nativeUnix) await connecting;
  else await rejects(errno.EINPROGRESS, connecting);
  assertEquals(events(await p.poll(), { client }), [["client", POLLOUT]]);
  assertEquals(client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0);
  const accepted = await net.accept(server);
  p.modify(client, POLLIN);
  await accepted.sendall("hello");
  assertEquals(events(await p.poll(), { client }), [["client", POLLIN]]);
});

testEach("several calls may wait at the same time", async (net) => {
  const [a, b] = await net.pair();
  const [p, q] = [select.poll(), select.poll()];
  p.register(a, POLLIN);
  q.register(a, POLLIN);
  const waiting = [p.poll(), p.poll(), q.poll()]
    .map((ready) => ready.then((polled) => events(polled, { a })));
  assert(await net.waits(Promise.race(waiting)));
  await b.sendall("x");
  assertEquals(
    await Promise.all(waiting),
    waiting.map(() => [["a", POLLIN]]),
  );
});

// Iterating

testEach("for await gives the ready objects, again and again", async (net) => {
  const server = net.listener();
  const p = select.poll<socket.Socket>();
  p.register(server, POLLIN);
  const client = net.socket();
  await client.connect(server.getsockname());
  const seen: string[] = [];
  for await (const polled of p) {
    for (const [s, mask] of polled) {
      assertEquals(mask & ~POLLRDHUP, POLLIN);
      if (s === server) {
        p.register(await net.accept(server), POLLIN);
        await client.sendall("hello");
        client.shutdown(socket.SHUT_WR);
        seen.push("accept");
      } else {
        const data = await s.recv(100);
        seen.push(text(data));
        if (data.length === 0) p.unregister(s);
      }
    }
    if (seen.at(-1) === "") break;
  }
  assertEquals(seen, ["accept", "hello", ""]);
  // It is still registered, and the loop may go on.
  for await (const polled of p.poll(1)) {
    assertEquals(polled, []);
    break;
  }
  const other = net.socket();
  await other.connect(server.getsockname());
  for await (const polled of p.ipoll()) {
    assertEquals(events(polled, { server }), [["server", POLLIN]]);
    break;
  }
});

testEach("a loop over poll() lets other tasks run", async (net) => {
  const [a, b] = await net.pair();
  const [c] = await net.pair();
  const [p, q] = [select.poll(), select.poll()];
  p.register(c, POLLOUT);
  q.register(c, POLLIN);
  let over = false;
  const other = (async () => {
    for (let i = 0; i < 10; i++) {
      await a.sendall("x");
      await b.recv(1);
      await new Promise((resolve) => setTimeout(resolve));
    }
    over = true;
  })();
  const iterating = async () => {
    let rounds = 0;
    for await (const polled of p) {
      assertEquals(polled.length, 1);
      if (over) return;
      assertLess(rounds++, 100_000);
    }
  };
  const looking = async () => {
    for (let rounds = 0; !over; rounds++) {
      await q.poll(0);
      assertLess(rounds, 100_000);
    }
  };
  await Promise.all([iterating(), looking(), other]);
});

testEach("a socket that is always ready starves no other", async (net) => {
  const [a, b] = await net.pair();
  const [c, d] = await net.pair();
  await a.sendall("never read");
  const p = select.poll<socket.Socket>();
  p.register(b, POLLIN);
  p.register(d, POLLIN);
  let rounds = 0;
  for await (const polled of p) {
    if (++rounds === 1) await c.sendall("x");
    if (polled.length === 2) break;
    assertEquals(events(polled, { b, d }), [["b", POLLIN]]);
    assertLess(rounds, 100_000);
  }
});
