import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { allocate_lock } from "../thread/lock.ts";
import { Queue, ShutDown } from "../thread/queue.ts";
import { drain, outcome, Party, waits } from "./party.ts";
import { classes, kinds } from "./party_worker.ts";

Deno.test("an item isn't lost when a thread dies that waits for it", async () => {
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

Deno.test("items in flight to a thread that dies return to the queue", async () => {
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

Deno.test("items that return to a queue that is shut down are thrown away", async () => {
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

Deno.test("room reserved for a thread that dies is free again", async () => {
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

Deno.test("an item with reserved room may arrive after shutdown()", async () => {
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
