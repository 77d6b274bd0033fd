import {
  assertEquals,
  assertFalse,
  assertMatch,
  assertThrows,
} from "@std/assert";
import { queue, type socket, threading } from "../mod.ts";
import { loadInWorker } from "./load_in_worker.ts";
import { all, pair, testThreads } from "./thread_cases.ts";
import * as threads from "./threading_threads.ts";

await loadInWorker(new URL("threading_threads.ts", import.meta.url));

/** Where threads tell the test something, and the next thing that they tell. */
function listen(): [told: threads.Told, next: () => Promise<unknown>] {
  const told: threads.Told = new queue.SimpleQueue();
  return [told, () => told.get(true, 20)];
}

testThreads("a class with run() takes its fields along", async () => {
  for (const type of [threads.Fields, threads.Derived]) {
    const [told, next] = listen();
    const [client, conn] = await pair();
    using _ = client;
    const lock = new threading.Lock();
    await lock.acquire();
    const t = new type(conn, lock, told);
    t.start();
    assertEquals(conn.fileno(), -1);
    assertEquals(t.map.get("key"), [1, 2]);
    const end = type === threads.Derived ? ", derived" : "";
    assertEquals(await all(client), `Hello from fields${end}`);
    assertEquals(await next(), [new Map([["key", [1, 2]]]), "kept", true]);
    await t.join();
    assertFalse(lock.locked());
  }
});

testThreads("run() of a class can call that of Thread", async () => {
  const [told, next] = listen();
  const t = new threads.Around(told);
  assertEquals(t.name.replace(/\d+/, "N"), "Thread-N (echo)");
  t.start();
  await t.join();
  const heard = [await next(), await next(), await next()];
  assertEquals(heard, ["before", ["inside"], "after"]);
});

testThreads("a class that isn't exported is named", async () => {
  const failed = Promise.withResolvers<Error>();
  const listener = (event: ErrorEvent) => {
    event.preventDefault();
    failed.resolve(event.error);
  };
  addEventListener("error", listener, { once: true });
  const t = threads.hidden();
  t.start();
  assertMatch(
    (await failed.promise).message,
    /can't start new thread <function Hidden>: .*threading_threads\.ts doesn't export Hidden.*`export class Hidden`/,
  );
  await t.join();
  assertFalse(t.is_alive());
  class Anonymous extends threading.Thread {}
  Object.defineProperty(Anonymous, "name", { value: "" });
  assertThrows(() => new Anonymous(), TypeError, "one without a name");
});

testThreads(
  "a socket in a thread's field is closed with the thread's module missing",
  async () => {
    const [client, conn] = await pair();
    using _ = client;
    const failed = Promise.withResolvers<void>();
    addEventListener("error", (event) => {
      event.preventDefault();
      failed.resolve();
    }, { once: true });
    const module = new URL("./missing.ts", import.meta.url);
    const t = new Lost(conn, module);
    t.start();
    await failed.promise;
    assertEquals((await client.recv(1)).length, 0);
    await t.join();
  },
);

class Lost extends threading.Thread {
  constructor(readonly conn: socket.Socket, module: URL) {
    super({ module });
  }
}
