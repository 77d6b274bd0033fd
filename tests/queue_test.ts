import {
  assert,
  assertEquals,
  assertFalse,
  assertGreaterOrEqual,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { TIMEOUT_MAX } from "../thread/timeout.ts";
import {
  Empty,
  Full,
  LifoQueue,
  PriorityQueue,
  Queue,
  ShutDown,
  SimpleQueue,
} from "../thread/queue.ts";
import { type AnyQueue, drain, waits } from "./party.ts";

Deno.test("each kind of queue keeps its order", async () => {
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

Deno.test("a queue that was long still keeps its order", async () => {
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
  assert(await waits(puts[0]!));
  assertEquals(queue.qsize(), 2);
  assertEquals(await queue.get(), "a");
  await puts[0];
  assert(await waits(puts[1]!));
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
    assert(await waits(gets[0]!));
    for (const item of ["a", "b", "c"]) await queue.put(item);
    assertEquals(await Promise.all(gets), ["a", "b", "c"]);
    assert(queue.empty());
  }
});

Deno.test("an item that comes after a time-out goes to the next get()", async () => {
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

Deno.test("after shutdown() items can be got, and none can be put", async () => {
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
  await assertRejects(() => queue.get(true, -1), ShutDown);
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
  assert(await waits(gets[0]!));
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
  // A call that doesn't wait ignores the time-out.
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

Deno.test("an item that can't be compared isn't put", async () => {
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
  // The first item precedes both others, which weren't compared yet.
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
