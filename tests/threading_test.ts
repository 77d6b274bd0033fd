import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { queue, thread, threading } from "../mod.ts";
import { loadInWorker } from "./load_in_worker.ts";
import { testThreads } from "./thread_cases.ts";
import * as threads from "./threading_threads.ts";

const here = { module: new URL("threading_threads.ts", import.meta.url) };
await loadInWorker(here.module);

/** Long enough for everything, in seconds. */
const PATIENCE = 20;

/** Where threads tell the test something, and the next thing that they tell. */
function listen(): [told: threads.Told, next: () => Promise<unknown>] {
  const told: threads.Told = new queue.SimpleQueue();
  return [told, () => told.get(true, PATIENCE)];
}

testThreads("a thread has a name, an ident and an end", async () => {
  const [told, next] = listen();
  const t = new threading.Thread({
    target: threads.introduce,
    args: [told],
    ...here,
  });
  assertMatch(t.name, /^Thread-\d+ \(introduce\)$/);
  assertEquals([t.ident, t.native_id, t.daemon], [null, null, false]);
  assertFalse(t.is_alive());
  assertEquals(String(t), `<Thread(${t.name}, initial)>`);
  await assertRejects(
    () => t.join(),
    threading.ThreadError,
    "cannot join thread before it is started",
  );
  t.start();
  assert(t.is_alive());
  assertEquals(await next(), [t.name, true, false, true, "MainThread", true]);
  await t.join();
  assertFalse(t.is_alive());
  assertEquals(String(t), `<Thread(${t.name}, stopped ${t.ident})>`);
  assertThrows(
    () => t.start(),
    threading.ThreadError,
    "threads can only be started once",
  );
  await t.join();
});

testThreads("a thread gets its arguments, kwargs last", async () => {
  const [told, next] = listen();
  const kwargs = { delay: 2 };
  const options = { target: threads.echo, args: [told, 1, "b"], ...here };
  const first = new threading.Thread(options as never);
  const second = new threading.Thread({ ...options, kwargs } as never);
  for (const t of [first, second]) {
    t.start();
    await t.join();
  }
  assertEquals(await next(), [1, "b"]);
  assertEquals(await next(), [1, "b", kwargs]);
  const nothing = new threading.Thread();
  nothing.start();
  await nothing.join();
});

testThreads("run() in the same thread calls the target", async () => {
  const [told, next] = listen();
  const args = [told, 1] as const;
  const t = new threading.Thread({ target: threads.echo, args, ...here });
  await t.run();
  assertEquals(await next(), [1]);
  assertEquals(t.ident, null);
});

testThreads("wrong options are refused", async () => {
  const make = (options: unknown) => new threading.Thread(options as never);
  for (
    const [options, message] of [
      [threads.leave, "options must be a plain object, not function"],
      [{ target: 5 }, "target must be callable, not number"],
      [{ target: threads.leave, args: 5 }, "args must be an array, not number"],
      [{ target: threads.leave, kwargs: [] }, "kwargs must be a plain object"],
      [{ target: (() => () => {})() }, "one without a name can't be found"],
      [{ target: "".trim.bind("") }, "not a bound function"],
      [{ group: {} }, "group argument must be None for now"],
      [{ target: threads.leave, module: "./a.ts" }, "module must be a whole"],
    ] as const
  ) assertThrows(() => make(options), TypeError, message);
  const handler = new threads.Handler();
  assertThrows(
    () => handler.start(),
    TypeError,
    "this.handler: a function can't be given to a thread",
  );
  assertEquals(handler.ident, null);
  assertEquals(threading.active_count(), 1);
  const [told] = listen();
  const waiting = new threading.Thread({ name: "waiting" });
  const args = [told, waiting];
  const t = make({ target: threads.echo, args, ...here });
  assertThrows(
    () => t.start(),
    TypeError,
    "args[1]: Thread can't be given to a thread before it is started",
  );
  await null;
});

testThreads("threads join others, and themselves never", async () => {
  const [told, next] = listen();
  const end = new threading.Event();
  const start = (t: threading.Thread) => (t.start(), t);
  const waits = start(
    new threading.Thread({
      target: threads.wait,
      args: [end],
      name: "waits",
      ...here,
    }),
  );
  const joins = start(
    new threading.Thread({
      target: threads.join,
      args: [waits, told],
      ...here,
    }),
  );
  assertEquals(await next(), ["waits", true]);
  await waits.join(0.01);
  await waits.join(-1);
  assert(waits.is_alive());
  end.set();
  assertEquals(await next(), false);
  await joins.join();
  start(
    new threading.Thread({ target: threads.joins, args: [told], ...here }),
  );
  assertEquals(
    [await next(), await next()],
    [
      "RuntimeError: cannot join current thread",
      "RuntimeError: cannot join the main thread, which ends after all other threads",
    ],
  );
  await assertRejects(
    () => threading.main_thread().join(),
    threading.ThreadError,
    "cannot join current thread",
  );
});

testThreads("all threads see which threads there are", async () => {
  assertStrictEquals(threading.current_thread(), threading.main_thread());
  assertEquals(threading.enumerate(), [threading.main_thread()]);
  assertEquals(threading.main_thread().ident, threading.get_ident());
  const [told, next] = listen();
  const end = new threading.Event();
  // More than there is room for at first, with a name that is long.
  const waits = Array.from({ length: 70 }, (_, n) => {
    const name = `${n}ü`.repeat(n < 69 ? 1 : 200);
    const args = [end] as [threading.Event];
    return new threading.Thread({ target: threads.wait, args, name, ...here });
  });
  for (const t of waits) t.start();
  assertEquals(
    new Set(threading.enumerate()),
    new Set([
      threading.main_thread(),
      ...waits,
    ]),
  );
  waits[0]!.name = "renamed";
  const list = new threading.Thread({
    target: threads.list,
    args: [told],
    name: "list",
    ...here,
  });
  list.start();
  const [names, count] = await next() as [string[], number];
  assertEquals(count, 72);
  assert(names.includes("renamed") && names.includes("list"));
  const long = names.find((name) => name.startsWith("69ü69ü"))!;
  assert(waits[69]!.name.startsWith(long) && long.length > 150);
  end.set();
  for (const t of [...waits, list]) await t.join();
  assertEquals(threading.active_count(), 1);
});

testThreads("other threads are dummies while they run", async () => {
  const [told, next] = listen();
  const end = new threading.Event();
  const handle = thread.start_joinable_thread(
    threads.dummy,
    [told, end],
    null,
    here,
  );
  const [name, daemon] = await next() as [string, boolean];
  assertMatch(name, /^Dummy-\d+$/);
  assert(daemon);
  assertEquals(threading.enumerate().map((t) => t.name), ["MainThread", name]);
  end.set();
  await handle.join();
  assertEquals(threading.active_count(), 1);
});

testThreads("daemon is inherited, and can't be changed later", async () => {
  const [told, next] = listen();
  for (const daemon of [true, false]) {
    const t = new threading.Thread({
      target: threads.inherits,
      args: [told],
      ...here,
    });
    t.setDaemon(daemon);
    assertEquals([t.daemon, t.isDaemon()], [daemon, daemon]);
    t.start();
    assertThrows(
      () => t.daemon = !daemon,
      threading.ThreadError,
      "cannot set daemon status of active thread",
    );
    assertEquals(await next(), daemon);
    await t.join();
  }
});

testThreads("a worker that dies ends its threads", async () => {
  const t = new threading.Thread({ target: threads.kill, ...here });
  t.start();
  await t.join();
  assertFalse(t.is_alive());
  assertEquals(threading.active_count(), 1);
});

testThreads("the hook is told of an exception", async () => {
  const [told, next] = listen();
  const t = new threading.Thread({
    target: threads.hooked,
    args: [told],
    ...here,
  });
  t.start();
  assertEquals(await next(), [true, "TypeError: what went wrong", 3, true]);
  const quiet = new threading.Thread({ target: threads.leave, ...here });
  quiet.start();
  await quiet.join();
  await t.join();
  assertThrows(() => threading.setexcepthook(5 as never), TypeError);
});

testThreads("a local has other values in every thread", async () => {
  const [told, next] = listen();
  const start = new threading.Barrier(3);
  const given = new threading.local();
  given.n = "main";
  for (const n of [1, 2, 3]) {
    const args = [n, start, given, told] as const;
    new threading.Thread({ target: threads.local, args, ...here }).start();
  }
  const heard = [await next(), await next(), await next()] as unknown[][];
  assertEquals(
    heard.toSorted((a, b) => (a[3] as number) - (b[3] as number)),
    [1, 2, 3].map((n) => [2 + n, [n], "the module", n, ["n"], true]),
  );
  assertEquals([given.n, "n" in given, "m" in given], ["main", true, false]);
  delete given.n;
  assertEquals(Object.keys(given), []);
});

testThreads("what a thread has made can go to others", async () => {
  const [told, next] = listen();
  const t = new threading.Thread({
    target: threads.make,
    args: [told],
    ...here,
  });
  t.start();
  assertEquals(await next(), [
    "RangeError: Semaphore released too many times",
    true,
  ]);
  await t.join();
});

testThreads("a timer calls its function later, unless cancelled", async () => {
  const [told, next] = listen();
  const soon = new threading.Timer(0.001, threads.echo, [told, 1], null, here);
  assertMatch(soon.name, /^Thread-\d+$/);
  soon.start();
  assertEquals(await next(), [1]);
  await soon.join();
  assert(soon.finished.is_set());
  const later = new threading.Timer(600, threads.echo, [told, 2], null, here);
  later.start();
  assertNotEquals(later.ident, null);
  later.cancel();
  await later.join();
  class Soon extends threading.Timer {}
  const named = new Soon(0, threads.echo, [told, 3], null, here);
  assertMatch(named.name, /^Thread-\d+$/);
  assert(told.empty());
});
