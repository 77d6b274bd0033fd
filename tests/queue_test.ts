import {
  assert,
  assertEquals,
  assertFalse,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { select, socket } from "../mod.ts";
import { TIMEOUT_MAX } from "../thread/acquire.ts";
import { allocate } from "../thread/identity.ts";
import { allocate_lock, type Lock } from "../thread/lock.ts";
import {
  Empty,
  Full,
  LifoQueue,
  PriorityQueue,
  Queue,
  ShutDown,
  SimpleQueue,
} from "../thread/queue.ts";
import { LEDGER, Ledger } from "../thread/queue/ledger.ts";
import { hasPython, python } from "./oracle.ts";
import { type Outcome, outcome, Party, waits } from "./party.ts";
import { classes } from "./party_worker.ts";
import { text } from "./traffic.ts";

type AnyQueue = Queue | SimpleQueue;

async function drain(queue: AnyQueue): Promise<unknown[]> {
  const items: unknown[] = [];
  while (!queue.empty()) items.push(await queue.get_nowait());
  return items;
}

/** Calls a method of a queue, here or in another isolate. */
function call(
  where: Queue | Party,
  method: string,
  args: unknown[] = [],
): Promise<Outcome> {
  if (where instanceof Party) return where.call("queue", method, args);
  const bound = where[method as "get"] as (...args: unknown[]) => unknown;
  return outcome(() => bound.apply(where, args));
}

// One thread

Deno.test("each kind of queue has its order", async () => {
  const rows: [AnyQueue, number[]][] = [
    [new Queue(), [3, 1, 4, 1, 5]],
    [new SimpleQueue(), [3, 1, 4, 1, 5]],
    [new LifoQueue(), [5, 1, 4, 1, 3]],
    [new PriorityQueue(), [1, 1, 3, 4, 5]],
  ];
  for (const [queue, expected] of rows) {
    for (const item of [3, 1, 4, 1, 5]) await queue.put(item);
    assertEquals(queue.qsize(), 5);
    assertEquals(await drain(queue), expected);
  }
});

Deno.test("a queue that was long keeps its order", async () => {
  const queue = new Queue<number>();
  const items: number[] = [];
  for (let i = 0; i < 1000; i++) {
    await queue.put(i);
    if (i % 3 === 0) items.push(await queue.get());
  }
  items.push(...await drain(queue) as number[]);
  assertEquals(items, Array.from({ length: 1000 }, (_, i) => i));
});

Deno.test("a queue without room refuses or waits", async () => {
  const queue = new Queue<string>(2);
  assertEquals(queue.maxsize, 2);
  await queue.put("a");
  assertFalse(queue.full());
  await queue.put("b");
  assert(queue.full());
  await assertRejects(() => queue.put_nowait("c"), Full);
  await assertRejects(() => queue.put("c", false), Full);
  await assertRejects(() => queue.put("c", true, 0), Full);
  await assertRejects(() => queue.put("c", true, 0.01), Full);
  const puts = ["c", "d"].map((item) => queue.put(item));
  assert(await waits(puts[0]));
  assertEquals(queue.qsize(), 2);
  assertEquals(await queue.get(), "a");
  await puts[0];
  assert(await waits(puts[1]));
  assertEquals(await queue.get(), "b");
  await puts[1];
  assertEquals(await drain(queue), ["c", "d"]);
});

Deno.test("a queue without items refuses or waits", async () => {
  for (const queue of [new Queue(), new SimpleQueue()]) {
    assert(queue.empty());
    await assertRejects(() => queue.get_nowait(), Empty);
    await assertRejects(() => queue.get(false), Empty);
    await assertRejects(() => queue.get(true, 0), Empty);
    const start = performance.now();
    await assertRejects(() => queue.get(true, 0.03), Empty);
    assertGreaterOrEqual(performance.now() - start, 29);
    const gets = [queue.get(true, 60), queue.get(), queue.get()];
    assert(await waits(gets[0]));
    for (const item of ["a", "b", "c"]) await queue.put(item);
    assertEquals(await Promise.all(gets), ["a", "b", "c"]);
    assert(queue.empty());
  }
});

Deno.test("what came too late for one is the next one's", async () => {
  const queue = new Queue();
  const first = queue.get(true, 0.01);
  const second = queue.get();
  await assertRejects(() => first, Empty);
  await queue.put("a");
  assertEquals(await second, "a");
});

Deno.test("any item may be put where one thread has the queue", async () => {
  const queue = new Queue();
  const items = [undefined, null, () => 1, Symbol("s"), new WeakMap(), queue];
  for (const item of items) await queue.put(item);
  for (const item of items) assertStrictEquals(await queue.get(), item);
});

Deno.test("join() waits for task_done()", async () => {
  const queue = new Queue();
  await queue.join();
  await queue.put("a");
  await queue.put("b");
  const joined = Promise.all([queue.join(), queue.join()]);
  await drain(queue);
  assert(await waits(joined));
  queue.task_done();
  assert(await waits(joined));
  queue.task_done();
  await joined;
  assertThrows(() => queue.task_done(), RangeError, "too many times");
});

Deno.test("shutdown() lets the items be got, and nothing be put", async () => {
  const queue = new Queue(2);
  await queue.put("a");
  await queue.put("b");
  const put = queue.put("c");
  queue.shutdown();
  await assertRejects(() => put, ShutDown);
  await assertRejects(() => queue.put("d"), ShutDown);
  await assertRejects(() => queue.put_nowait("d"), ShutDown);
  await assertRejects(() => queue.put("d", true, -1), ShutDown);
  assertEquals(await queue.get(), "a");
  assertEquals(await queue.get_nowait(), "b");
  await assertRejects(() => queue.get(), ShutDown);
  await assertRejects(() => queue.get_nowait(), ShutDown);
  assertEquals(queue.qsize(), 0);
  queue.task_done();
  queue.task_done();
  await queue.join();
  queue.shutdown();
});

Deno.test("shutdown() ends the waits", async () => {
  const queue = new Queue();
  const gets = [queue.get(), queue.get(true, 60)];
  const ended = gets.map((get) => assertRejects(() => get, ShutDown));
  assert(await waits(gets[0]));
  queue.shutdown();
  await Promise.all(ended);
});

Deno.test("shutdown(true) throws the items away", async () => {
  const queue = new Queue();
  for (const item of ["a", "b", "c"]) await queue.put(item);
  assertEquals(await queue.get(), "a");
  const joined = queue.join();
  queue.shutdown(true);
  assertEquals(queue.qsize(), 0);
  await assertRejects(() => queue.get(), ShutDown);
  assert(await waits(joined));
  queue.task_done();
  await joined;
  assertThrows(() => queue.task_done(), RangeError);
  // The second word is the last.
  const other = new Queue();
  await other.put("a");
  other.shutdown();
  other.shutdown(true);
  assert(other.empty());
});

Deno.test("wrong arguments are rejected as Python does", async () => {
  const queue = new Queue(1);
  const get = (timeout: unknown) => queue.get(true, timeout as number);
  const put = (timeout: unknown) => queue.put("a", true, timeout as number);
  for (const attempt of [get, put]) {
    for (const timeout of [-1, -0.1, NaN, Infinity, TIMEOUT_MAX + 1]) {
      await assertRejects(() => attempt(timeout), RangeError);
    }
    for (const timeout of ["1", true, {}]) {
      await assertRejects(() => attempt(timeout), TypeError);
    }
  }
  // Who doesn't wait doesn't care how long.
  await queue.put("a", false, -1);
  await assertRejects(() => queue.put("b", false, -1), Full);
  assertEquals(await queue.get(false, -1), "a");
  await new Queue().put("a", true, -1);
  const simple = new SimpleQueue();
  await simple.put("a", true, -1);
  await assertRejects(() => simple.get(true, -1), RangeError);
  for (const maxsize of ["1", null, {}]) {
    assertThrows(() => new Queue(maxsize as number), TypeError);
  }
  for (const maxsize of [0, -1, NaN, -Infinity]) {
    const any = new LifoQueue(maxsize);
    for (let i = 0; i < 10; i++) await any.put_nowait(i);
    assertFalse(any.full());
  }
});

Deno.test("what can't be compared isn't put", async () => {
  const queue = new PriorityQueue();
  await queue.put([1, "a"]);
  for (const item of [[1, null], "a", null, {}, [1, ["a"]], undefined]) {
    await assertRejects(() => queue.put(item), TypeError, "not supported");
  }
  assertEquals(queue.qsize(), 1);
  await queue.put([1, "a", null]);
  await queue.put([0, null]);
  assertEquals(await drain(queue), [[0, null], [1, "a"], [1, "a", null]]);
  await queue.put(new Date(2));
  await queue.put(new Date(1));
  assertEquals(await drain(queue), [new Date(1), new Date(2)]);
  await queue.put(Uint8Array.of(2));
  await assertRejects(() => queue.put([1]), TypeError);
  await queue.put(Uint8Array.of(1, 5));
  await queue.put(Uint8Array.of(1));
  assertEquals(
    await drain(queue),
    [[1], [1, 5], [2]].map((bytes) => Uint8Array.from(bytes)),
  );
});

Deno.test("a get() that can't compare changes nothing", async () => {
  const queue = new PriorityQueue();
  // The first comes before both others, which nobody has compared yet.
  for (const item of [0, [1, "a"], [1, null]].map((each) => [each])) {
    if (item[0] === 0) await queue.put([[0]]);
    else await queue.put(item);
  }
  await queue.put([[2]]);
  for (let i = 0; i < 2; i++) {
    await assertRejects(() => queue.get(), TypeError, "not supported");
    assertEquals(queue.qsize(), 4);
  }
});

// Against Python

const QUEUES = `
import json, queue, sys
from queue import Queue, LifoQueue, PriorityQueue, SimpleQueue

def key(item): return tuple(map(key, item)) if isinstance(item, list) else item

def outcome(call):
    try: return ["value", call()]
    except Exception as error: return ["error", type(error).__name__]

def run(kind, maxsize, steps):
    q = globals()[kind]() if kind == "SimpleQueue" else globals()[kind](maxsize)
    results = []
    for name, *args in steps:
        args = [key(arg) for arg in args]
        results.append(outcome(lambda: getattr(q, name)(*args)))
        if hasattr(q, "full"): results.append([q.qsize(), q.empty(), q.full()])
    return results

print(json.dumps([run(*case) for case in json.load(sys.stdin)]))`;

/** What Python's errors are called here. */
const NAMES: Record<string, string> = {
  ValueError: "RangeError",
  AttributeError: "TypeError",
};

const item = fc.tuple(
  fc.integer({ min: 0, max: 3 }),
  fc.string({ maxLength: 2 }),
);

const step = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant("put_nowait"), item) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<[string, ...unknown[]]>(
      ["get_nowait"],
      ["get", true, 0],
      ["get", false, -1],
      ["put", [1], true, 0],
      ["put", [1], true, -1],
      ["get", true, -1],
      ["get", true, "1"],
    ),
  },
  { weight: 2, arbitrary: fc.constant<[string]>(["task_done"]) },
);

const kinds = Object.keys(classes) as (keyof typeof classes)[];

Deno.test("queues do what Python's do, here and in another isolate", {
  ignore: !hasPython,
}, async () => {
  const cases = fc.sample(
    fc.tuple(
      fc.constantFrom(...kinds),
      fc.integer({ min: -1, max: 4 }),
      fc.array(step, { maxLength: 30 }),
    ),
    150,
  );
  const expected = await python<unknown[][][]>(QUEUES, cases);
  using there = new Party();
  for (const [i, [kind, maxsize, steps]] of cases.entries()) {
    for (const remote of [false, true]) {
      // Some of those there were made there.
      const queue = kind === "SimpleQueue"
        ? new SimpleQueue()
        : new classes[kind](maxsize);
      const where = remote ? there : queue as Queue;
      if (remote && i % 2 === 0) await there.give("queue", queue);
      else if (remote) await there.make("queue", kind, maxsize);
      const results: unknown[][] = [];
      for (const [name, ...args] of steps) {
        const result = await call(where, name as string, args);
        results.push(
          "error" in result
            ? ["error", result.error]
            : ["value", result.value ?? null],
        );
        if (kind === "SimpleQueue") continue;
        const told = [];
        for (const name of ["qsize", "empty", "full"]) {
          const result = await call(where, name) as { value: unknown };
          told.push(result.value);
        }
        results.push(told);
      }
      const wanted = expected[i].map(([what, value, ...more]) =>
        what === "error"
          ? [what, NAMES[value as string] ?? value]
          : [what, value, ...more]
      );
      assertEquals([kind, maxsize, steps, results], [
        kind,
        maxsize,
        steps,
        wanted,
      ]);
    }
  }
});

Deno.test("items come in the order that Python's heap gives them", {
  ignore: !hasPython,
}, async () => {
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 2 },
      fc.constantFrom<unknown>(0, 1, 2, true, false, 1.5, -1),
      fc.array(tie("tree"), { maxLength: 3 }),
    ),
  }));
  const text = fc.string({
    unit: fc.constantFrom("a", "\ue000", "😀", "\uffff"),
  });
  // Those that are equal in Python are told apart by what they are here.
  const equals = fc.constantFrom<unknown>(0, 1, true, false);
  const batches: unknown[][] = [
    ...fc.sample(fc.array(tree, { maxLength: 20 }), 150),
    ...fc.sample(fc.array(text, { maxLength: 20 }), 50),
    ...fc.sample(fc.array(equals, { maxLength: 20 }), 50),
    ...fc.sample(fc.array(fc.tuple(equals, text)), 50),
  ];
  const cases = batches.map((items) => [
    "PriorityQueue",
    0,
    [
      ...items.map((item) => ["put_nowait", item]),
      ...items.map(() => ["get_nowait"]),
    ],
  ]);
  const expected = await python<unknown[][][]>(QUEUES, cases);
  for (const [i, items] of batches.entries()) {
    // Python leaves in the queue what it couldn't compare.
    if (expected[i].some(([what]) => what === "error")) continue;
    const queue = new PriorityQueue();
    for (const item of items) await queue.put(item);
    const results = [];
    for (const _ of items) results.push(await queue.get_nowait());
    const gets = expected[i].slice(2 * items.length);
    assertEquals(results, gets.filter((_, j) => j % 2 === 0).map(([, v]) => v));
  }
});

// Several threads

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
  // What a thread puts.
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

Deno.test("a socket isn't taken by a put() in vain", async () => {
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

Deno.test("what can't go is refused, naming where it is", async () => {
  using one = new Party();
  const queue = new Queue();
  await one.give("queue", queue);
  const refused = [
    [{ list: [1, () => 1] }, "item.list[1]"],
    [new Map([["a-b", Symbol("s")]]), 'item.get("a-b")'],
    [{ "a-b": new Set([parseInt]) }, "a-b"],
  ] as const;
  for (const [item, path] of refused) {
    const error = await assertRejects(() => queue.put(item), TypeError);
    assertStringIncludes(error.message, path);
  }
  // What only the engine knows of is refused where it is got, and then gone.
  await queue.put(new WeakRef({}));
  await queue.put("next");
  assertEquals(await one.call("queue", "get"), { error: "TypeError" });
  assertEquals(await one.call("queue", "get"), { value: "next" });
  queue.task_done();
  await queue.join();
});

Deno.test("what a thread can't compare isn't put", async () => {
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

Deno.test("a thread that dies waiting takes nothing along", async () => {
  const queue = new Queue(1);
  const one = new Party();
  await one.give("queue", queue);
  await one.begin("queue", "get");
  await one.begin("queue", "get");
  one.kill();
  await queue.put("a");
  assertEquals(queue.qsize(), 1);
  const two = new Party();
  await two.give("queue", queue);
  const put = await two.begin("queue", "put", ["never"]);
  const mine = queue.put("b");
  assert(await waits(put.outcome));
  two.kill();
  assertEquals(await queue.get(), "a");
  await mine;
  assertEquals(await queue.get(), "b");
  assert(queue.empty());
});

Deno.test("what was on its way to a thread that died comes back", async () => {
  for (const kind of kinds) {
    const queue = new classes[kind]();
    const one = new Party();
    await one.give("queue", queue);
    const get = await one.begin("queue", "get");
    await queue.put(0);
    await get.outcome;
    await one.begin("queue", "get");
    await one.begin("queue", "get");
    await one.freeze();
    for (const item of [1, 2, 3, 4]) await queue.put(item);
    assertEquals(queue.qsize(), 2);
    one.kill();
    assertEquals(queue.qsize(), 4);
    const expected = kind === "LifoQueue" ? [1, 2, 4, 3] : [1, 2, 3, 4];
    assertEquals(await drain(queue), expected);
  }
});

Deno.test("what comes back to a queue that is shut down is thrown away", async () => {
  const queue = new Queue();
  const one = new Party();
  await one.give("queue", queue);
  await one.begin("queue", "get");
  await one.freeze();
  await queue.put("a");
  await queue.put("b");
  queue.shutdown(true);
  one.kill();
  await queue.join();
  await assertRejects(() => queue.get(), ShutDown);
});

Deno.test("room kept for a thread that died is free again", async () => {
  const queue = new Queue(1);
  const one = new Party();
  await one.give("queue", queue);
  await one.give("lock", allocate_lock());
  await queue.put("a");
  await one.begin("queue", "put", [allocate_lock()]);
  await one.freeze();
  assertEquals(await queue.get(), "a");
  // There is room, but it is the thread's.
  assertEquals(queue.qsize(), 0);
  const mine = queue.put("b");
  assert(await waits(mine));
  const get = queue.get();
  assert(await waits(get));
  one.kill();
  await mine;
  assertEquals(await get, "b");
});

Deno.test("an item that was let in may come after shutdown()", async () => {
  using one = new Party();
  for (const immediate of [false, true]) {
    const queue = new Queue(1);
    const lock = allocate_lock();
    await one.give("queue", queue);
    await queue.put("a");
    const put = await one.begin("queue", "put", [lock]);
    const thaw = await one.freeze();
    await queue.get();
    const got = outcome(() => queue.get());
    queue.shutdown(immediate);
    assertEquals(await outcome(() => queue.get_nowait()), {
      error: immediate ? "ShutDown" : "Empty",
    });
    assertEquals(await waits(got), !immediate);
    thaw();
    assertEquals(await put.outcome, { value: undefined });
    assertEquals(
      await got,
      immediate ? { error: "ShutDown" } : { value: lock },
    );
    queue.task_done();
    if (!immediate) queue.task_done();
    assertThrows(() => queue.task_done(), RangeError);
    assert(queue.empty());
    assertEquals(await outcome(() => queue.get()), { error: "ShutDown" });
  }
});

Deno.test("what one thread puts comes in its order", async () => {
  using one = new Party();
  const queue = new Queue();
  await one.give("queue", queue);
  const lock = allocate_lock();
  const items = [1, lock, 2, [lock], [3], lock, 4];
  await Promise.all(items.map((item) => one.call("queue", "put", [item])));
  assertEquals(await drain(queue), items);
});

Deno.test("a queue is empty before its items are thrown away", () => {
  const ledger = new Ledger(allocate(LEDGER));
  ledger.publish(3);
  ledger.shutDown(false);
  assertEquals([ledger.size, ledger.shut], [3, true]);
  ledger.shutDown(true);
  assertEquals([ledger.size, ledger.shut], [0, true]);
  ledger.shutDown(false);
  assertEquals(ledger.size, 0);
});

/** A queue in the simplest words. */
class Model {
  readonly items: number[] = [];
  readonly getters: number[] = [];
  readonly putters: [who: number, item: number][] = [];
  readonly maxsize: number;

  constructor(maxsize: number) {
    this.maxsize = maxsize;
  }

  /** Who is served by that, and with what; nobody yet if it waits. */
  put(who: number, item: number): [number, unknown][] {
    if (this.getters.length > 0) {
      return [[who, undefined], [this.getters.shift()!, item]];
    }
    if (this.items.length < this.maxsize) {
      this.items.push(item);
      return [[who, undefined]];
    }
    this.putters.push([who, item]);
    return [];
  }

  get(who: number): [number, unknown][] {
    if (this.items.length === 0) {
      this.getters.push(who);
      return [];
    }
    const served: [number, unknown][] = [[who, this.items.shift()]];
    if (this.putters.length > 0) {
      const [putter, item] = this.putters.shift()!;
      this.items.push(item);
      served.push([putter, undefined]);
    }
    return served;
  }
}

Deno.test("queues do what the model does, over three isolates", async () => {
  using one = new Party();
  using two = new Party();
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      fc.array(
        fc.record({ who: fc.nat(8), puts: fc.boolean(), locks: fc.boolean() }),
        { minLength: 1, maxLength: 40 },
      ),
      async (maxsize, there, steps) => {
        const model = new Model(maxsize);
        if (there) await one.make("queue", "Queue", maxsize);
        else await one.give("queue", new Queue(maxsize));
        const queue = await one.take("queue") as Queue;
        await two.give("queue", queue);
        const waiting = new Map<number, Promise<Outcome>>();
        for (const [number, { who, puts, locks }] of steps.entries()) {
          if (waiting.has(who)) continue;
          // What moves goes another way, which mustn't show.
          const item = locks ? [number, allocate_lock()] : [number];
          const [method, args] = puts ? ["put", [item, true, 20]] : ["get", []];
          const where = [queue, one, two][who % 3];
          const outcome = where instanceof Party
            ? (await where.begin("queue", method as string, args as [])).outcome
            : call(queue, method as string, args as []);
          waiting.set(who, outcome);
          const served = puts ? model.put(who, number) : model.get(who);
          for (const [who, value] of served) {
            const result = await waiting.get(who)! as { value: unknown[] };
            assertEquals(result.value?.[0], value);
            waiting.delete(who);
          }
          assertEquals(queue.qsize(), model.items.length);
        }
        queue.shutdown(true);
        for (const outcome of waiting.values()) {
          assertEquals(await outcome, { error: "ShutDown" });
        }
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("each item is got once, whoever puts and gets", async () => {
  using one = new Party();
  using two = new Party();
  const queue = new Queue<number>(5);
  await Promise.all([one.give("queue", queue), two.give("queue", queue)]);
  const places = [queue, one, two];
  const puts = Array.from(
    { length: 300 },
    (_, i) => call(places[i % 3], "put", [i, true, 20]),
  );
  // Some give up, in the moment in which they get something perhaps.
  const gets = Array.from(
    { length: 400 },
    (_, i) =>
      call(places[(i + 1) % 3], "get", [true, i % 4 === 0 ? 0.001 : 20]),
  );
  await Promise.all(puts);
  queue.shutdown();
  const items: unknown[] = [];
  for (const result of await Promise.all(gets)) {
    if ("value" in result) items.push(result.value);
    else assert(["Empty", "ShutDown"].includes(result.error), result.error);
  }
  assertEquals(items.length, 300);
  assertEquals(new Set(items).size, 300);
  assert(queue.empty());
});

// select() and poll()

Deno.test("a queue is readable with items, writable with room", async () => {
  using one = new Party();
  const queue = new Queue(1);
  const lists = async (timeout: number | null = 0) => {
    const [r, w, x] = await select.select([queue], [queue], [queue], timeout);
    return [r.length, w.length, x.length];
  };
  assertEquals(await lists(), [0, 1, 0]);
  await queue.put("a");
  assertEquals(await lists(), [1, 0, 0]);
  await one.give("queue", queue);
  await queue.get();
  const selected = select.select([queue], [], []).then(([list]) => list);
  assert(await waits(selected));
  await one.call("queue", "put", ["b"]);
  assertStrictEquals((await selected)[0], queue);
  const writable = select.select([], [queue], []).then(([, list]) => list);
  assert(await waits(writable));
  assertEquals(await one.call("queue", "get"), { value: "b" });
  assertStrictEquals((await writable)[0], queue);
  queue.shutdown();
  assertEquals(await lists(), [1, 1, 0]);
});

Deno.test("a poll object takes queues along", async () => {
  using one = new Party();
  const queue = new Queue();
  const poll = select.poll();
  poll.register(queue, select.POLLIN);
  const polled = poll.poll();
  await queue.put("a");
  assertEquals((await polled)[0][1], select.POLLIN);
  assertEquals(await queue.get(), "a");
  assertEquals(await poll.poll(0), []);
  await one.give("poll", poll);
  const there = await one.begin("poll", "poll");
  assert(await waits(there.outcome));
  await queue.put("b");
  const { value } = await there.outcome as { value: unknown };
  assertEquals(value, [[queue, select.POLLIN]]);
});

// The process

/** What a program prints that runs in a process of its own. */
async function run(program: string): Promise<[string, boolean]> {
  const root = new URL("../", import.meta.url).href;
  const code = program.replaceAll("ROOT/", root);
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--allow-read",
      "--v8-flags=--expose-gc",
      `data:text/typescript,${encodeURIComponent(code)}`,
    ],
  }).output();
  const decoder = new TextDecoder();
  return [decoder.decode(stdout) + decoder.decode(stderr), success];
}

Deno.test("a queue keeps no process alive", async () => {
  const [printed] = await run(`
    import { Queue } from "ROOT/thread/queue.ts";
    import { Party } from "ROOT/tests/party.ts";
    const queue = new Queue();
    const party = new Party();
    await party.give("queue", queue);
    setTimeout(() => party.call("queue", "put", ["a"]), 10);
    console.log(await queue.get());
    await queue.get(true, 0.01).catch((error) => console.log(error.name));
    queue.get();
    party.kill();
    console.log("end");
  `);
  assertEquals(printed, "a\nEmpty\nend\n");
});

Deno.test("a queue is gone when nobody has it any more", async () => {
  const [printed] = await run(`
    import { Queue } from "ROOT/thread/queue.ts";
    import { Party } from "ROOT/tests/party.ts";
    const party = new Party();
    let gone = 0;
    const registry = new FinalizationRegistry(() => gone++);
    async function use() {
      const queue = new Queue();
      registry.register(queue);
      await queue.put(new Uint8Array(1000));
      await party.give("queue", queue);
      await party.give("again", queue);
      await party.forget();
      await party.make("other", "Queue");
      registry.register(await party.take("other"));
      await party.forget();
    }
    await use();
    for (let i = 0; gone < 2 && i < 200; i++) {
      gc();
      await party.collect();
    }
    console.log(gone);
    party.kill();
  `);
  assertEquals(printed, "2\n");
});
