import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { queue, thread, threading } from "../mod.ts";
import { newIdent } from "../thread/current.ts";
import { register, registryMemory } from "../thread/registry.ts";
import { waits } from "./party.ts";
import * as arrivals from "./programs/arrivals.ts";
import { pair, testThreads } from "./thread_cases.ts";
import * as threads from "./threading_threads.ts";

const here = { module: new URL("threading_threads.ts", import.meta.url) };

testThreads("a thread ends whose argument can't be made anew", async () => {
  const told: threads.Told = new queue.SimpleQueue();
  const mine = new arrivals.Mine(arrivals.UNKNOWN, 1);
  const t = new threading.Thread({
    target: threads.echo,
    args: [told, mine],
    ...here,
  });
  t.start();
  await t.join();
  assertFalse(t.is_alive());
  assertEquals(threading.active_count(), 1);
});

testThreads("a class is found that a constructor elsewhere uses", async () => {
  const told: threads.Told = new queue.SimpleQueue();
  const owner = new threads.Owner(told);
  for (const t of [owner.thread, owner.plain]) {
    t.start();
    await t.join();
  }
  assertEquals([await told.get(), told.empty()], ["owned", true]);
});

testThreads("a start that fails leaves the worker to others", async () => {
  const told: threads.Told = new queue.SimpleQueue();
  const options = { dedicated: true, ...here };
  const run = () =>
    thread.start_joinable_thread(threads.count, [told], null, options).join();
  await run();
  const args = [() => {}] as never;
  const t = new threading.Thread({ target: threads.count, args, ...options });
  assertThrows(() => t.start(), TypeError);
  await run();
  assertEquals([await told.get(), await told.get()], [1, 2]);
});

testThreads(
  "a thread isn't taken for one that had its place before",
  async () => {
    const entry = register(newIdent(), { name: "later", daemon: true });
    const ended = entry.ended(Infinity);
    // The last that the end of the thread before does.
    const words = new Int32Array(registryMemory());
    const index = (entry.row * 256 + 8) / 4;
    Atomics.add(words, index, 1);
    Atomics.notify(words, index);
    assert(await waits(ended));
    entry.end();
    await ended;
  },
);

testThreads("a thread that has ended keeps its name elsewhere", async () => {
  const told: threads.Told = new queue.SimpleQueue();
  const end = new threading.Event();
  const start = (target: unknown, args: unknown[], name: string) => {
    const t = new threading.Thread({ target, args, name, ...here } as never);
    t.start();
    return t;
  };
  const first = start(threads.kill, [], "first");
  await first.join();
  const second = start(threads.wait, [end], "second");
  const joins = start(threads.join, [first, told], "joins");
  assertEquals(await told.get(), ["first", false]);
  end.set();
  for (const t of [second, joins]) await t.join();
});

testThreads("a local in a local is one of its own everywhere", async () => {
  const told: threads.Told = new queue.SimpleQueue();
  const given = new threading.local();
  const t = new threading.Thread({
    target: threads.nests,
    args: [told, given],
    ...here,
  });
  t.start();
  const inner = await told.get() as threading.local;
  assertEquals(Object.keys(inner), []);
  await t.join();
});

testThreads(
  "a socket is closed whose thread the main one can't start",
  async () => {
    const failed = Promise.withResolvers<void>();
    addEventListener("error", (event) => {
      event.preventDefault();
      failed.resolve();
    }, { once: true });
    const [client, conn] = await pair();
    using _ = client;
    const module = new URL("programs/arrivals.ts", import.meta.url);
    const t = new threading.Thread({
      target: arrivals.handOnOnce,
      args: [conn],
      module,
    });
    t.start();
    await failed.promise;
    // Long before it is collected.
    client.settimeout(15);
    assertEquals((await client.recv(1)).length, 0);
    await t.join();
  },
);
