import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { socket } from "../mod.ts";
import { allocate } from "../thread/memory.ts";
import { allocate_lock, type Lock } from "../thread/lock.ts";
import { LifoQueue, PriorityQueue, Queue, ShutDown } from "../thread/queue.ts";
import { COUNTERS, SharedCounters } from "../thread/queue/counters.ts";
import { drain, Party, waits } from "./party.ts";
import { classes, kinds } from "./party_worker.ts";
import { text } from "./traffic.ts";

Deno.test("a queue given to a thread is the same queue", async () => {
  using one = new Party();
  using two = new Party();
  for (const kind of kinds) {
    const queue = new classes[kind]();
    await one.give("a", queue);
    await one.give("b", queue);
    await two.give("a", queue);
    assert(await one.same("a", "b"));
    assertStrictEquals(await one.take("a"), queue);
    await queue.put(1);
    assertEquals(await one.call("a", "qsize"), { value: 1 });
    assertEquals(await two.call("a", "put", [2]), { value: undefined });
    assertEquals(queue.qsize(), 2);
    const first = kind === "LifoQueue" ? 2 : 1;
    assertEquals(await one.call("b", "get"), { value: first });
    assertEquals(await one.call("b", "get"), { value: 3 - first });
    assertEquals(await one.call("b", "get_nowait"), { error: "Empty" });
    const got = await two.begin("a", "get");
    await queue.put({ deep: [new Map([["a", new Date(5)]])] });
    assertEquals(await got.outcome, {
      value: { deep: [new Map([["a", new Date(5)]])] },
    });
  }
});

Deno.test("a queue that a thread made outlives the thread", async () => {
  using one = new Party();
  using two = new Party();
  await one.make("queue", "PriorityQueue", 2);
  await one.call("queue", "put", [[2, "b"]]);
  const queue = await one.take("queue") as PriorityQueue;
  assertInstanceOf(queue, PriorityQueue);
  assertEquals(queue.maxsize, 2);
  await two.give("queue", queue);
  await two.call("queue", "put", [[1, "a"]]);
  assertEquals(await one.call("queue", "full"), { value: true });
  one.kill();
  assertEquals(await queue.get(), [1, "a"]);
  assertEquals(await two.call("queue", "get"), { value: [2, "b"] });
});

Deno.test("task_done(), join() and shutdown() reach all threads", async () => {
  using one = new Party();
  using two = new Party();
  const queue = new Queue(2);
  await Promise.all([one.give("queue", queue), two.give("queue", queue)]);
  await one.call("queue", "put", ["a"]);
  await two.call("queue", "put", ["b"]);
  const put = await two.begin("queue", "put", ["c"]);
  const joins = [
    queue.join(),
    (await one.begin("queue", "join")).outcome,
    (await two.begin("queue", "join")).outcome,
  ];
  assert(await waits(Promise.any(joins)));
  await one.call("queue", "shutdown");
  assertEquals(await put.outcome, { error: "ShutDown" });
  assertEquals(await two.call("queue", "put", ["d"]), { error: "ShutDown" });
  await assertRejects(() => queue.put("d"), ShutDown);
  assertEquals(await queue.get(), "a");
  assertEquals(await two.call("queue", "get"), { value: "b" });
  assertEquals(await one.call("queue", "get"), { error: "ShutDown" });
  assertEquals(await two.call("queue", "task_done"), { value: undefined });
  assert(await waits(Promise.any(joins)));
  queue.task_done();
  await Promise.all(joins);
  assertEquals(await one.call("queue", "task_done"), { error: "RangeError" });

  const other = new LifoQueue();
  await one.give("queue", other);
  const get = await one.begin("queue", "get");
  for (const item of ["a", "b", "c"]) await other.put(item);
  assertEquals(await get.outcome, { value: "a" });
  await one.call("queue", "shutdown", [true]);
  assertEquals(other.qsize(), 0);
  await assertRejects(() => other.get(), ShutDown);
  assertEquals(await one.call("queue", "get_nowait"), { error: "ShutDown" });
  other.task_done();
  await other.join();
});

Deno.test("locks, queues and sockets go through queues", async () => {
  using one = new Party();
  const queue = new Queue();
  await one.give("queue", queue);
  const [lock, inner] = [allocate_lock(), new Queue()];
  await queue.put({ lock, inner: [inner, inner], queue });
  const { value } = await one.call("queue", "get") as { value: unknown };
  const item = value as { lock: Lock; inner: Queue[]; queue: Queue };
  assertStrictEquals(item.lock, lock);
  assertStrictEquals(item.inner[0], inner);
  assertStrictEquals(item.inner[1], inner);
  assertStrictEquals(item.queue, queue);
  // The items of a thread.
  await one.give("lock", lock);
  await one.call("queue", "put", [[lock, 1]]);
  const [same] = await queue.get() as [Lock];
  assertStrictEquals(same, lock);

  using server = socket.create_server(["127.0.0.1", 0]);
  using client = await socket.create_connection(
    server.getsockname() as [string, number],
  );
  const [conn] = await server.accept();
  await queue.put(["conn", conn]);
  const got = await one.call("queue", "get") as { value: unknown[] };
  assertEquals(conn.fileno(), -1);
  const back = got.value[1] as socket.Socket;
  await one.call("queue", "put", [["again", back]]);
  assertEquals(back.fileno(), -1);
  const [, last] = await queue.get() as [string, socket.Socket];
  await last.sendall("through");
  assertEquals(text(await client.recv(10)), "through");
  last.close();
});

Deno.test("a put() that fails doesn't take the socket", async () => {
  using one = new Party();
  const queue = new Queue<socket.Socket>(1);
  const [given, peer] = await socket.socketpair();
  using _peer = peer;
  await one.give("queue", queue);
  await one.give("socket", given);
  await one.call("queue", "put", [allocate_lock()]);
  assertEquals(await one.pass("queue", "put_nowait", "socket"), {
    error: "Full",
  });
  await one.call("socket", "sendall", ["still there"]);
  assertEquals(text(await peer.recv(20)), "still there");
  await queue.get();
  assertEquals(await one.pass("queue", "put_nowait", "socket"), {
    value: undefined,
  });
  assertEquals(await one.call("socket", "fileno"), { value: -1 });
  using got = await queue.get();
  await got.sendall("here");
  assertEquals(text(await peer.recv(20)), "here");
});

Deno.test("an item that can't be sent is refused with the path of the part", async () => {
  using one = new Party();
  const queue = new Queue();
  await one.give("queue", queue);
  const refused = [
    [{ list: [1, () => 1] }, "item.list[1]"],
    [new Map([["a-b", Symbol("s")]]), 'item.get("a-b")'],
    [{ "a-b": new Set([parseInt]) }, 'in item["a-b"]'],
    [{ a: [new WeakMap()] }, "item.a[0]: WeakMap"],
    [new Set([Promise.resolve()]), "in item: Promise"],
    [[function* () {}()], "item[0]: Generator"],
  ] as const;
  for (const [item, path] of refused) {
    const error = await assertRejects(() => queue.put(item), TypeError);
    assertStringIncludes(error.message, path);
  }
  assertEquals(queue.qsize(), 0);
});

Deno.test("an item put before it had to be sent is refused once by get()", async () => {
  using one = new Party();
  const queue = new Queue();
  await queue.put(new WeakRef({}));
  await one.give("queue", queue);
  await queue.put("next");
  assertEquals(await one.call("queue", "get"), { error: "TypeError" });
  assertEquals(await one.call("queue", "get"), { value: "next" });
  queue.task_done();
  await queue.join();
});

Deno.test("an item of a thread that can't be compared isn't put", async () => {
  using one = new Party();
  const queue = new PriorityQueue();
  await one.give("queue", queue);
  await queue.put([1, "a"]);
  assertEquals(await one.call("queue", "put", [[1, 2]]), {
    error: "TypeError",
  });
  assertStringIncludes(one.message, "not supported between");
  const lock = allocate_lock();
  assertEquals(await one.call("queue", "put", [[1, lock]]), {
    error: "TypeError",
  });
  await queue.put([0, lock]);
  assertEquals(await one.call("queue", "get"), { value: [0, lock] });
  assertEquals(queue.qsize(), 1);
});

Deno.test("items of one thread keep their order", async () => {
  using one = new Party();
  const queue = new Queue();
  await one.give("queue", queue);
  const lock = allocate_lock();
  const items = [1, lock, 2, [lock], [3], lock, 4];
  await Promise.all(items.map((item) => one.call("queue", "put", [item])));
  assertEquals(await drain(queue), items);
});

Deno.test("a queue is empty before its items are thrown away", () => {
  const counters = new SharedCounters(allocate(COUNTERS));
  counters.publish(3);
  counters.shutDown(false);
  assertEquals([counters.size, counters.shut], [3, true]);
  counters.shutDown(true);
  assertEquals([counters.size, counters.shut], [0, true]);
  counters.shutDown(false);
  assertEquals(counters.size, 0);
});
