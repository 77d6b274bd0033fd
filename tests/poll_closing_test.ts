import { assert, assertEquals, assertThrows } from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { test } from "./cases.ts";
import { Fake } from "./fake.ts";
import { throws } from "./raises.ts";
import { native, testEach } from "./transports.ts";
import { events } from "./which.ts";

const { POLLHUP, POLLIN, POLLNVAL, POLLOUT } = select;

// One shot

testEach("ipoll() with flag 1 reports once, until modify()", async (net) => {
  const [a, b] = await net.pair();
  const p = select.poll();
  p.register(a, POLLIN);
  p.register(b, POLLOUT);
  await b.sendall("x");
  await select.select([a], [], []);
  assertEquals(
    events(await p.ipoll(0, 1), { a, b }).toSorted(),
    [["a", POLLIN], ["b", POLLOUT]],
  );
  assertEquals(await p.ipoll(0, 1), []);
  assertEquals(await p.poll(0), []);
  await b.sendall("more");
  assertEquals(await p.poll(5), []);
  // Not even the end is told.
  b.shutdown(socket.SHUT_WR);
  await net.tick();
  assertEquals(await p.poll(0), []);
  p.modify(a, POLLIN);
  assertEquals(events(await p.ipoll(0), { a }), [["a", POLLIN]]);
  // Without the flag it stays.
  assertEquals(events(await p.ipoll(0), { a }), [["a", POLLIN]]);
  assertEquals(events(await p.ipoll(0, 1), { a }), [["a", POLLIN]]);
  p.register(a, POLLIN);
  assertEquals(events(await p.ipoll(0, 1), { a }), [["a", POLLIN]]);
});

test("the flag of ipoll() is of the call, not of the object", async () => {
  const [a, b] = [new Fake(POLLIN), new Fake()];
  const p = select.poll();
  p.register(a, POLLIN);
  p.register(b, POLLIN);
  assertEquals(events(await p.ipoll(-1, 1), { a, b }), [["a", POLLIN]]);
  b.become(POLLIN);
  assertEquals(events(await p.poll(0), { a, b }), [["b", POLLIN]]);
  assertEquals(events(await p.poll(0), { a, b }), [["b", POLLIN]]);
});

// Closing

testEach(
  "a closed socket is POLLNVAL until it is unregistered",
  async (net) => {
    const server = net.listener();
    const [a] = await net.pair();
    const fresh = net.socket();
    for (const s of [server, a, fresh]) {
      const p = select.poll();
      p.register(s, POLLIN);
      s.close();
      for (let i = 0; i < 3; i++) {
        assertEquals(events(await p.poll(), { s }), [["s", POLLNVAL]]);
      }
      p.unregister(s);
      assertEquals(await p.poll(0), []);
      throws(errno.EBADF, () => p.register(s));
      throws(errno.EBADF, () => p.unregister(s));
    }
  },
);

testEach("close() wakes poll()", async (net) => {
  const server = net.listener();
  const [a] = await net.pair();
  for (const s of [server, a]) {
    const p = select.poll();
    p.register(s, POLLIN);
    const waiting = p.poll().then((polled) => polled);
    assert(await net.waits(waiting));
    s.close();
    assertEquals(events(await waiting, { s }), [["s", POLLNVAL]]);
  }
});

// Of the system's numbers, another thread may take the one that became free.
testEach(
  "a reused descriptor number stands for the new socket",
  async (net) => {
    const p = select.poll();
    const [old] = await net.pair();
    p.register(old, POLLIN);
    const fd = old.fileno();
    old.close();
    const fresh = net.socketAt(fd);
    assertEquals(fresh.fileno(), fd);
    throws(errno.ENOENT, () => p.modify(fresh, POLLOUT));
    assertThrows(() => p.unregister(fresh), RangeError);
    assertEquals(events(await p.poll(), { old }), [["old", POLLNVAL]]);

    p.register(fresh, POLLOUT);
    // The newcomer takes the place.
    assertEquals(events(await p.poll(), { fresh }), [
      ["fresh", POLLOUT | POLLHUP],
    ]);
    throws(errno.EBADF, () => p.unregister(old));
    throws(errno.EBADF, () => p.modify(old, POLLIN));
    assertEquals((await p.poll()).length, 1);
    p.unregister(fresh);
    assertEquals(await p.poll(0), []);
  },
  { ignore: native },
);

testEach(
  "two sockets with the same number in turn are kept apart",
  async (net) => {
    const p = select.poll();
    const [old] = await net.pair();
    p.register(old, POLLIN);
    old.close();
    const fresh = net.socket();
    p.unregister(old);
    p.register(fresh, POLLOUT);
    assertEquals(events(await p.poll(), { fresh }), [
      ["fresh", POLLOUT | POLLHUP],
    ]);
  },
);
