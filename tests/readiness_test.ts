import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { errno, select } from "../mod.ts";
import { test } from "./cases.ts";
import { Fake } from "./fake.ts";
import { rejects } from "./raises.ts";
import { some } from "./some.ts";
import { testEach } from "./transports.ts";

const {
  EPOLLET,
  EPOLLIN,
  EPOLLOUT,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
} = select;

test("any object with a readiness source can be waited for", async () => {
  const [a, b, c] = [new Fake(), new Fake(POLLOUT), new Fake()];
  const [readable, writable] = await select.select([a, c], [a, b], []);
  assertEquals(readable, []);
  assertEquals(writable.length, 1);
  assertStrictEquals(writable[0], b);

  const p = select.poll();
  p.register(c, POLLIN);
  const polled = p.poll();
  const selected = select.select([a, c], [], []).then((lists) => lists);
  c.become(POLLIN);
  const [[object, mask]] = some(await polled);
  const [[first]] = await selected;
  assertStrictEquals(object, c);
  assertEquals(mask, POLLIN);
  assertStrictEquals(first, c);
});

testEach("an object over a socket can be waited for", async (net) => {
  const [a, b] = await net.pair();
  const file = { [select.readiness]: b[select.readiness] };
  assertEquals(await select.select([file], [], [], 0), [[], [], []]);
  await a.send("x");
  const [readable] = await select.select([file, b], [], []);
  assertStrictEquals(readable[0], file);
  assertStrictEquals(readable[1], b);
});

test("the symbol is the same in every copy of the module", () => {
  assertStrictEquals(
    select.readiness,
    Symbol.for("@berkeley/socket.readiness"),
  );
});

test("select() reads events as select(2) does", async () => {
  const rows: [event: number, lists: string][] = [
    [POLLIN, "r"],
    [POLLOUT, "w"],
    [POLLPRI, "x"],
    [POLLHUP, "r"],
    [POLLERR, "rw"],
    [POLLRDHUP, ""],
    [0, ""],
  ];
  for (const [event, expected] of rows) {
    const fake = [new Fake(event)];
    const lists = await select.select(fake, fake, fake, 0);
    const names = lists.map((list, i) => list.length > 0 ? "rwx"[i] : "");
    assertEquals([event, names.join("")], [event, expected]);
  }
  const closed = [new Fake(POLLNVAL)];
  await rejects(errno.EBADF, select.select(closed, [], []));
  await rejects(errno.EBADF, select.select([], closed, []));
  await rejects(errno.EBADF, select.select([], [], closed));
});

// Watches that remain

test("select() does nothing before it is awaited", async () => {
  const fake = new Fake(POLLIN);
  const once = select.select([fake], [], []);
  const again = select.select([fake], [], [])[Symbol.asyncIterator]();
  await Promise.resolve();
  assertEquals([fake.watched, fake.looks], [0, 0]);
  await once;
  assertEquals(fake.watched, 1);
  await again.next();
  await again.return();
  assertEquals([fake.watched, fake.watches.size], [2, 0]);
});

test("an awaited select() leaves no watch behind", async () => {
  const [a, b] = [new Fake(POLLIN), new Fake()];
  await select.select([a, b], [a, b], [a, b]);
  assertEquals([a.watches.size, b.watches.size], [0, 0]);
  await select.select([b], [b], [b], 0);
  await select.select([b], [b], [b], 0.001);
  assertEquals(b.watches.size, 0);

  const waiting = select.select([a, b], [], [b]).then((lists) => lists);
  a.become(0);
  b.become(POLLPRI);
  await waiting;
  assertEquals([a.watches.size, b.watches.size], [0, 0]);

  a.become(0);
  const abort = new AbortController();
  const { signal } = abort;
  const aborted = select.select([a], [], [], null, { signal })
    .catch((reason) => reason);
  assertEquals(a.watches.size, 1);
  abort.abort("enough");
  assertEquals(await aborted, "enough");
  assertEquals(a.watches.size, 0);

  const failing = rejects(errno.EBADF, select.select([a, b], [], []));
  b.become(POLLNVAL);
  await failing;
  assertEquals([a.watches.size, b.watches.size], [0, 0]);
});

test("an iterated select() watches objects that stay listed only once", async () => {
  const [a, b] = [new Fake(POLLIN), new Fake()];
  const reading: Set<Fake> = new Set([a, b]);
  const writing: Fake[] = [];
  let round = 0;
  for await (const _ of select.select(reading, writing, [])) {
    const counts = [a.watched, a.watches.size, b.watched, b.watches.size];
    switch (++round) {
      case 3:
        assertEquals(counts, [1, 1, 1, 1]);
        assertEquals([a.wanted & POLLOUT, b.wanted & POLLOUT], [0, 0]);
        reading.delete(b);
        writing.push(a);
        break;
      case 4:
        // The same watch, for more than before.
        assertEquals(counts, [2, 1, 1, 0]);
        assertEquals(a.wanted & (POLLIN | POLLOUT), POLLIN | POLLOUT);
        reading.add(b);
        reading.delete(a);
        a.become(POLLOUT);
        break;
      case 5:
        assertEquals(counts, [3, 1, 2, 1]);
        assertEquals(a.wanted & (POLLIN | POLLOUT), POLLOUT);
        reading.clear();
        writing.length = 0;
    }
  }
  assertEquals(round, 5);
  assertEquals([a.watches.size, b.watches.size], [0, 0]);
});

test("an iterated select() leaves no watch behind", async () => {
  const ready = new Fake(POLLIN);
  const quiet = new Fake();
  const none = () =>
    assertEquals([ready, quiet].map((f) => f.watches.size), [
      0,
      0,
    ]);

  for await (const _ of select.select([ready, quiet], [], [])) break;
  none();

  const thrown = (async () => {
    for await (const _ of select.select([ready, quiet], [], [])) {
      throw new Error("from the loop");
    }
  })();
  assertEquals(await thrown.catch(({ message }) => message), "from the loop");
  none();

  const abort = new AbortController();
  const { signal } = abort;
  let rounds = 0;
  for await (
    const _ of select.select([ready, quiet], [], [], null, { signal })
  ) {
    if (++rounds === 3) abort.abort();
  }
  assertEquals(rounds, 3);
  none();

  const list = [ready, quiet];
  const failing = (async () => {
    for await (const _ of select.select(list, [], [])) quiet.become(POLLNVAL);
  })();
  await rejects(errno.EBADF, failing);
  none();
});

test("a spurious wake-up ends no wait", async () => {
  const fake = new Fake();
  const p = select.poll();
  p.register(fake, POLLIN);
  const waits = [
    p.poll().then(() => "poll"),
    select.select([fake], [], []).then(() => "select"),
  ];
  for (let i = 0; i < 3; i++) {
    fake.wakeInVain();
    const first = await Promise.race([
      ...waits,
      new Promise((resolve) => setTimeout(resolve)),
    ]);
    assertEquals(first, undefined);
  }
  fake.become(POLLIN);
  assertEquals(await Promise.all(waits), ["poll", "select"]);
});

test("events between two waits are not missed", async () => {
  const [a, b] = [new Fake(POLLIN), new Fake()];
  const seen: number[] = [];
  for await (const [readable] of select.select([a, b], [], [])) {
    seen.push(readable.length);
    if (seen.length === 1) {
      a.become(0);
      b.become(POLLIN);
      // Time enough to forget it.
      await new Promise((resolve) => setTimeout(resolve));
    } else {
      assertStrictEquals(readable[0], b);
      break;
    }
  }
  assertEquals(seen, [1, 1]);
});

// Registered objects

test("a registered object is watched once, until it isn't registered", async () => {
  for (const p of [select.poll<Fake>(), select.epoll<Fake>()]) {
    const fake = new Fake(POLLIN);
    p.register(fake, POLLIN);
    for (let i = 0; i < 100; i++) await p.poll(0);
    assertEquals([fake.watched, fake.watches.size], [1, 1]);
    assert(fake.wanted & POLLIN);
    p.modify(fake, POLLOUT);
    assertEquals(fake.watches.size, 1);
    assertEquals(fake.wanted & (POLLIN | POLLOUT), POLLOUT);
    p.unregister(fake);
    assertEquals(fake.watches.size, 0);
    if (p instanceof select.Epoll) p.close();
  }
});

test("closing an epoll object ends all watches", () => {
  const fakes = Array.from({ length: 10 }, () => new Fake(POLLIN));
  {
    using ep = select.epoll();
    for (const fake of fakes) ep.register(fake, EPOLLIN);
    assertEquals(fakes.map((fake) => fake.watches.size), fakes.map(() => 1));
  }
  assertEquals(fakes.map((fake) => fake.watches.size), fakes.map(() => 0));
});

test("a wait looks only at objects that may be ready", async () => {
  for (const p of [select.poll<Fake>(), select.epoll<Fake>()]) {
    const quiet = Array.from({ length: 1000 }, () => new Fake());
    const busy = Array.from({ length: 3 }, () => new Fake());
    for (const fake of [...quiet, ...busy]) p.register(fake, POLLIN);
    assertEquals(await p.poll(0), []);
    const looks = () => quiet.reduce((sum, fake) => sum + fake.looks, 0);
    const before = looks();
    for (let i = 0; i < 100; i++) {
      const waiting = p.poll().then((events) => events);
      for (const fake of busy) fake.become(POLLIN);
      assertEquals((await waiting).length, 3);
      for (const fake of busy) fake.become(0);
      assertEquals(await p.poll(0), []);
    }
    assertEquals(looks(), before);
    if (p instanceof select.Epoll) p.close();
  }
});

test("an edge is reported once, with the events at that time", async () => {
  using ep = select.epoll<Fake>();
  const fake = new Fake(POLLIN);
  ep.register(fake, EPOLLIN | EPOLLOUT | EPOLLET);
  const poll = async () => (await ep.poll(0)).map(([, mask]) => mask);
  assertEquals(await poll(), [EPOLLIN]);
  assertEquals(await poll(), []);
  fake.become(POLLIN);
  assertEquals(await poll(), [EPOLLIN]);
  fake.become(POLLIN | POLLOUT);
  fake.become(POLLOUT);
  assertEquals(await poll(), [EPOLLOUT]);
  assertEquals(await poll(), []);
  fake.become(POLLIN);
  fake.become(0);
  assertEquals(await poll(), []);
});
