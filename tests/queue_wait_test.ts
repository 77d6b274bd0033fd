import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { select } from "../mod.ts";
import { Queue } from "../thread/queue.ts";
import { Party, waits } from "./party.ts";
import { run } from "./program.ts";
import { some } from "./some.ts";

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

Deno.test("a poll object moves to a thread with its queues", async () => {
  using one = new Party();
  const queue = new Queue();
  const poll = select.poll();
  poll.register(queue, select.POLLIN);
  const polled = poll.poll();
  await queue.put("a");
  assertEquals(some(await polled)[0][1], select.POLLIN);
  assertEquals(await queue.get(), "a");
  assertEquals(await poll.poll(0), []);
  await one.give("poll", poll);
  const there = await one.begin("poll", "poll");
  assert(await waits(there.outcome));
  await queue.put("b");
  const { value } = await there.outcome as { value: unknown };
  assertEquals(value, [[queue, select.POLLIN]]);
});

Deno.test("a queue doesn't keep the process alive", async () => {
  const printed = await run(`
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

Deno.test("a queue without references in any thread is collected", async () => {
  const printed = await run(`
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
