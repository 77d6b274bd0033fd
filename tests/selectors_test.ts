import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { errno, selectors, type socket, thread } from "../mod.ts";
import { test } from "./cases.ts";
import { rejects } from "./raises.ts";
import { named, testKinds } from "./selectors.ts";
import { text } from "./traffic.ts";
import { testEach } from "./transports.ts";

const { EVENT_READ, EVENT_WRITE } = selectors;

type Socket = socket.Socket;

// Waiting

testKinds("select() returns keys and events", async (net, Selector) => {
  using sel = new Selector<string>();
  const server = net.listener();
  const [a, b] = await net.pair();
  sel.register(server, EVENT_READ, "server");
  const key = sel.register(a, EVENT_READ, "a");
  sel.register(b, EVENT_WRITE, "b");
  assertEquals(key.fileobj === a && key.fd === a.fileno(), true);
  assertEquals([key.events, key.data], [EVENT_READ, "a"]);
  assertEquals(named(await sel.select(), { b }), [["b", EVENT_WRITE]]);
  sel.modify(b, EVENT_READ, "b");
  await b.sendall("x");
  const [[ready, mask] = [], ...others] = await sel.select();
  assert(ready === key && mask === EVENT_READ && others.length === 0);
  await a.recv(1);
  await net.socket().connect(server.getsockname());
  assertEquals(named(await sel.select(5), { server }), [["server", 1]]);
});

testKinds("a socket that is always writable is read, too", async (
  net,
  Selector,
) => {
  using sel = new Selector();
  const [a, b] = await net.pair();
  sel.register(a, EVENT_READ | EVENT_WRITE);
  assertEquals(named(await sel.select(), { a }), [["a", EVENT_WRITE]]);
  await b.sendall("x");
  let mask = EVENT_WRITE;
  while (mask === EVENT_WRITE) mask = (await sel.select())[0]![1];
  assertEquals(mask, EVENT_READ | EVENT_WRITE);
});

testKinds("time-outs are in seconds", async (net, Selector) => {
  using sel = new Selector();
  const [a, b] = await net.pair();
  sel.register(a, EVENT_READ);
  for (const timeout of [0, -0, -1, -Infinity]) {
    assertEquals(await sel.select(timeout), []);
  }
  const start = performance.now();
  assertEquals(await sel.select(0.0301), []);
  assertGreaterOrEqual(performance.now() - start, 29);
  for (const timeout of [undefined, null, 1e10]) {
    const waiting = sel.select(timeout).then((ready) => ready);
    assert(await net.waits(waiting));
    await b.sendall("x");
    assertEquals(named(await waiting, { a }), [["a", EVENT_READ]]);
    await a.recv(1);
  }
  for (const wrong of ["1", true, {}] as unknown as number[]) {
    await assertRejects(() => sel.select(wrong), TypeError);
  }
  await assertRejects(() => sel.select(NaN), RangeError);
});

testKinds("for await ends with the selector", async (net, Selector) => {
  const sel = new Selector();
  const [a, b] = await net.pair();
  sel.register(b, EVENT_READ);
  await a.sendall("abc");
  let received = "";
  for await (const ready of sel) {
    assertEquals(named(ready, { b }), [["b", EVENT_READ]]);
    received += text(await b.recv(1));
    if (received.length === 3) sel.close();
  }
  assertEquals(received, "abc");
  for await (const _ of sel) throw new Error("nothing can come");

  const other = new Selector();
  other.register(b, EVENT_READ);
  const waiting = (async () => {
    for await (const _ of other) throw new Error("nothing has come");
  })();
  assert(await net.waits(waiting));
  other.close();
  await waiting;
});

testKinds("what is unregistered while a call waits is not reported", async (
  net,
  Selector,
) => {
  using sel = new Selector();
  const [a, b] = await net.pair();
  const [c, d] = await net.pair();
  sel.register(a, EVENT_READ);
  sel.register(c, EVENT_READ);
  const waiting = sel.select().then((ready) => ready);
  assert(await net.waits(waiting));
  sel.unregister(a);
  await b.sendall("x");
  // select() has taken its lists before, and may return nothing.
  if (Selector !== selectors.SelectSelector) assert(await net.waits(waiting));
  await d.sendall("x");
  const ready = await waiting;
  assertEquals(ready.some(([key]) => key.fileobj === a), false);
});

// Closing

testKinds("a socket can be closed while it is registered", async (
  net,
  Selector,
) => {
  using sel = new Selector<string>();
  const [a, b] = await net.pair();
  const fd = a.fileno();
  sel.register(a, EVENT_READ, "a");
  sel.register(b, EVENT_WRITE, "b");
  a.close();
  assertEquals(sel.get_key(a).data, "a");
  assert(sel.get_map()!.has(a) && sel.get_map()!.has(fd));
  if (Selector === selectors.SelectSelector) {
    await rejects(errno.EBADF, sel.select());
  } else {
    const names = named(await sel.select(), { a, b }).sort();
    const expected = Selector === selectors.EpollSelector ? ["b"] : ["a", "b"];
    assertEquals(names.map(([name]) => name), expected);
  }
  const key = sel.unregister(a);
  assert(key.fileobj === a && key.fd === fd);
  assertEquals(named(await sel.select(), { b }), [["b", EVENT_WRITE]]);
});

testKinds("a copy of a closed socket is not reported", async (
  net,
  Selector,
) => {
  using sel = new Selector();
  const [a, b] = await net.pair();
  const copy = net.track(a.dup());
  sel.register(a, EVENT_READ | EVENT_WRITE);
  await sel.select();
  a.close();
  sel.unregister(a);
  await b.sendall("x");
  assertEquals(await sel.select(0), []);
  sel.register(copy, EVENT_READ);
  assertEquals(named(await sel.select(), { copy }), [["copy", EVENT_READ]]);
});

testKinds("close() ends the waits, and its use", async (net, Selector) => {
  const [a] = await net.pair();
  const sel = new Selector();
  sel.register(a, EVENT_READ);
  const waits = [undefined, 100].map((timeout) =>
    sel.select(timeout).then(() => "ready", (error) => error)
  );
  assert(await net.waits(Promise.race(waits)));
  sel.close();
  sel.close();
  for (const error of await Promise.all(waits)) {
    assert(error instanceof RangeError, String(error));
    assertEquals(
      /^I\/O operation on closed (epoll object|selector)$/.test(error.message),
      true,
    );
  }
  assertEquals(sel.get_map(), null);
  assertThrows(() => sel.get_key(a), thread.error, "Selector is closed");
  assertThrows(() => sel.register(a, EVENT_READ), RangeError, "closed");
  assertThrows(() => sel.unregister(a), RangeError, "is not registered");
  assertThrows(() => sel.modify(a, EVENT_READ), RangeError, "not registered");
  await assertRejects(() => sel.select(), RangeError, "closed");
  await assertRejects(() => sel.select(0), RangeError, "closed");
  assertEquals(a.closed, false);
});

test("the default is epoll, which has a number", () => {
  assert(selectors.DefaultSelector === selectors.EpollSelector);
  const sel = new selectors.DefaultSelector();
  assert(sel instanceof selectors.BaseSelector);
  assertGreaterOrEqual(sel.fileno(), 3);
  sel.close();
  assertThrows(() => sel.fileno(), RangeError, "closed epoll object");
});

// Subclasses

testEach("a selector of one's own", async (net) => {
  /** Waits for the first object alone. */
  class First extends selectors.BaseSelector<null> {
    readonly #keys = new Map<
      selectors.FileObject,
      selectors.SelectorKey<null>
    >();

    override register(fileobj: Socket, events: number) {
      const fd = fileobj.fileno();
      const key = new selectors.SelectorKey(fileobj, fd, events, null);
      this.#keys.set(fileobj, key);
      return key;
    }

    override unregister(fileobj: selectors.FileObject) {
      const key = this.get_key(fileobj);
      this.#keys.delete(fileobj);
      return key;
    }

    override async select(timeout: number | null = null) {
      using sel = new selectors.DefaultSelector<null>();
      const [key] = this.#keys.values();
      if (key) sel.register(key.fileobj, key.events, null);
      return await sel.select(timeout);
    }

    override get_map() {
      return this.#keys;
    }
  }
  using sel = new First();
  const [a, b] = await net.pair();
  sel.register(a, EVENT_READ);
  sel.register(b, EVENT_WRITE);
  assertEquals(await sel.select(0), []);
  assertEquals(sel.modify(a, EVENT_WRITE, null).events, EVENT_WRITE);
  for await (const ready of sel) {
    assertEquals(named(ready, { b }), [["b", EVENT_WRITE]]);
    break;
  }
});
