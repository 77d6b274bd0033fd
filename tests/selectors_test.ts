import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { errno, selectors, socket, thread } from "../mod.ts";
import { test } from "./cases.ts";
import { Fake } from "./fake.ts";
import { rejects, throws } from "./raises.ts";
import { text } from "./traffic.ts";
import { type Net, testEach } from "./transports.ts";
import { events } from "./which.ts";

const { EVENT_READ, EVENT_WRITE } = selectors;

type Socket = socket.Socket;

const KINDS = [
  selectors.SelectSelector,
  selectors.PollSelector,
  selectors.EpollSelector,
];
type Kind = typeof KINDS[number];

/** A test of each kind of selector, on every transport. */
function testKinds(
  name: string,
  fn: (net: Net, Selector: Kind) => Promise<void>,
): void {
  for (const Selector of KINDS) {
    testEach(`${Selector.name}: ${name}`, (net) => fn(net, Selector));
  }
}

/** What `select()` returned, with names for the objects. */
function named(
  ready: selectors.ReadyKey<unknown, selectors.FileObject>[],
  names: Record<string, selectors.FileObject>,
): [name: string, events: number][] {
  return events(ready.map(([key, mask]) => [key.fileobj, mask]), names);
}

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

// Registering

testKinds("errors are Python's", async (net, Selector) => {
  using sel = new Selector<unknown, selectors.FileObject>();
  const [a, b] = await net.pair();
  const raises = (act: () => unknown, message: string) =>
    assertEquals(assertThrows(act, RangeError).message, message);
  for (const wrong of [0, 4, 7, -1]) {
    raises(() => sel.register(a, wrong), `Invalid events: ${wrong}`);
  }
  for (const wrong of ["1", 1.5, {}] as unknown as number[]) {
    assertThrows(() => sel.register(a, wrong), TypeError);
  }
  sel.register(a, EVENT_READ);
  const fd = a.fileno();
  for (const again of [a, fd]) {
    raises(
      () => sel.register(again, EVENT_WRITE),
      `${again} (FD ${fd}) is already registered`,
    );
  }
  for (
    const act of [
      () => sel.unregister(b),
      () => sel.modify(b, EVENT_READ),
      () => sel.get_key(b),
    ]
  ) raises(act, `${b} is not registered`);
  assertEquals(sel.get_map()!.get(b), undefined);
  b.close();
  for (
    const act of [
      () => sel.register(b, EVENT_READ),
      () => sel.unregister(b),
      () => sel.modify(b, EVENT_READ),
      () => sel.get_key(b),
      () => sel.get_map()!.has(b),
    ]
  ) raises(act, "Invalid file descriptor: -1");
  raises(() => sel.register(-5, EVENT_READ), "Invalid file descriptor: -5");
  for (const wrong of ["1", {}, 1.5, Symbol("s"), undefined, null]) {
    raises(
      () => sel.register(wrong as unknown as number, EVENT_READ),
      `Invalid file object: ${String(wrong)}`,
    );
  }
  const broken = {
    fileno(): number {
      throw new socket.OSError(errno.EIO);
    },
  };
  throws(errno.EIO, () => sel.register(broken, EVENT_READ));
});

testKinds("the map shows what is registered", async (net, Selector) => {
  using sel = new Selector<string>();
  const [a, b] = await net.pair();
  const map = sel.get_map()!;
  assertEquals([map.size, ...map], [0]);
  const ours = sel.register(a, EVENT_READ, "a");
  const theirs = sel.register(b, EVENT_READ, "b");
  assertEquals(map.size, 2);
  assert(map === sel.get_map());
  assert(map.get(a) === ours && map.get(b.fileno()) === theirs);
  assert(map.has(a) && map.has(a.fileno()) && sel.get_key(a) === ours);
  assertEquals([...map.keys()], [a.fileno(), b.fileno()]);
  assertEquals([...map.values()].map(({ data }) => data), ["a", "b"]);
  assertEquals([...map].map(([fd, { data }]) => [fd, data]), [
    [a.fileno(), "a"],
    [b.fileno(), "b"],
  ]);
  const seen: string[] = [];
  map.forEach((key, fd, whole) => {
    assert(whole === map && key.fd === fd);
    seen.push(key.data);
  });
  assertEquals(seen, ["a", "b"]);
  for (const name of ["set", "delete", "clear"]) assert(!(name in map));
  assert(sel.unregister(a) === ours);
  assertEquals([...map.keys()], [b.fileno()]);
});

testKinds("modify() changes events and data", async (net, Selector) => {
  using sel = new Selector<string | null>();
  const [a] = await net.pair();
  const first = sel.register(a, EVENT_READ, "one");
  assert(sel.modify(a, EVENT_READ, "one") === first);
  const second = sel.modify(a, EVENT_READ, "two");
  assertEquals([second.events, second.data], [EVENT_READ, "two"]);
  assertEquals([first.events, first.data], [EVENT_READ, "one"]);
  assertEquals(await sel.select(0), []);
  const third = sel.modify(a, EVENT_READ | EVENT_WRITE);
  assertEquals([third.events, third.data], [3, null]);
  const [[ready, mask] = []] = await sel.select();
  assert(ready === third && mask === EVENT_WRITE);
  assert(sel.get_key(a) === third);
});

testKinds("a descriptor stands for its socket", async (net, Selector) => {
  using sel = new Selector<null, Socket | number | { fileno(): number }>();
  const [a, b] = await net.pair();
  const fd = a.fileno();
  const wrapper = { fileno: () => b.fileno() };
  sel.register(fd, EVENT_WRITE);
  sel.register(wrapper, EVENT_WRITE);
  const ready = await sel.select();
  assertEquals(named(ready, { fd, wrapper }).sort(), [
    ["fd", EVENT_WRITE],
    ["wrapper", EVENT_WRITE],
  ]);
  assertEquals(sel.get_key(a).fileobj, fd);
  assert(sel.get_key(b).fileobj === wrapper);
  assertEquals(sel.unregister(a).fd, fd);
  assert(sel.unregister(b).fileobj === wrapper);
});

testKinds("a file's buffer is readable", async (net, Selector) => {
  const [a, b] = await net.pair();
  using sel = new Selector<null, socket.BufferedIO>();
  const file = b.makefile("rb");
  await a.sendall("one\ntwo\n");
  sel.register(file, EVENT_READ);
  assertEquals((await sel.select()).length, 1);
  assertEquals(text((await file.readline())!), "one\n");
  // The second line has left the socket, not the file.
  assertEquals((await sel.select(0)).length, 1);
  assertEquals(text((await file.readline())!), "two\n");
  assertEquals((await sel.select(0)).length, 0);
  assertEquals(sel.unregister(file).fd, file.fileno());
  await file.close();
  const message = `Invalid file object: ${file}`;
  const error = assertThrows(() => sel.register(file, EVENT_READ), RangeError);
  assertEquals(error.message, message);
});

for (const Selector of KINDS) {
  test(`${Selector.name}: queues are waited for`, async () => {
    using sel = new Selector<string, thread.Queue<string>>();
    const [one, two] = [new thread.Queue<string>(), new thread.Queue<string>()];
    assertEquals(sel.register(one, EVENT_READ, "one").fd, -1);
    sel.register(two, EVENT_READ, "two");
    assertEquals(await sel.select(0), []);
    await two.put("x");
    const [[key] = []] = await sel.select();
    assert(key!.fileobj === two && key!.data === "two");
    assert([...sel.get_map()!.keys()][0] === one);
    sel.unregister(two);
    assertEquals(await sel.select(0), []);
    assertThrows(() => sel.unregister(two), RangeError, "is not registered");
  });
}

test("a wait looks at nothing that is quiet", async () => {
  for (const Selector of [selectors.PollSelector, selectors.EpollSelector]) {
    using sel = new Selector<null, Fake>();
    const fakes = Array.from({ length: 1000 }, () => new Fake());
    for (const fake of fakes) sel.register(fake, EVENT_READ);
    await sel.select(0);
    for (const fake of fakes) fake.looks = 0;
    const lively = fakes[500]!;
    for (let i = 0; i < 10; i++) {
      lively.become(1);
      assertEquals((await sel.select())[0]![0].fileobj === lively, true);
      lively.become(0);
      await sel.select(0);
    }
    const looks = fakes.reduce((all, fake) => all + fake.looks, 0);
    assertEquals(looks, lively.looks);
  }
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
