import { assert, assertEquals, assertThrows } from "@std/assert";
import { errno, selectors, socket, thread } from "../mod.ts";
import { test } from "./cases.ts";
import { Fake } from "./fake.ts";
import { throws } from "./raises.ts";
import { KINDS, named, testKinds } from "./selectors.ts";
import { text } from "./traffic.ts";

const { EVENT_READ, EVENT_WRITE } = selectors;

type Socket = socket.Socket;

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
