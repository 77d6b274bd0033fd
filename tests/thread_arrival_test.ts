import { assertEquals } from "@std/assert";
import { thread } from "../mod.ts";
import { test } from "./cases.ts";
import { loadInWorker } from "./load_in_worker.ts";
import { deno } from "./peer.ts";
import * as arrivals from "./programs/arrivals.ts";
import { pair, testThreads } from "./thread_cases.ts";

const { KNOWN, Mine, UNKNOWN } = arrivals;
const here = { module: new URL("programs/arrivals.ts", import.meta.url) };
await loadInWorker(here.module);
const program = new URL("programs/arriving.ts", import.meta.url).pathname;

for (const start of ["take", "handOn"]) {
  test(`an argument that can't be made anew ends its own thread alone (${start})`, async () => {
    const flags = ["--allow-net=127.0.0.1", "--allow-read"];
    await using peer = deno(flags, program, start);
    assertEquals(
      await peer.rest(),
      "closed 0\nclosed 0\nclosed 0\ngot 12\nstill there\n",
    );
  });
}

testThreads("get() raises the error of making its item anew", async () => {
  const queue = new thread.Queue<unknown>();
  const told = new thread.SimpleQueue<unknown>();
  thread.start_new_thread(arrivals.get, [3, queue, told], null, here);
  const [client, conn] = await pair();
  using _ = client;
  await queue.put([new Mine(KNOWN, 13), conn]);
  await queue.put(new Mine(UNKNOWN, 1));
  await queue.put(new Mine(KNOWN, 12));
  assertEquals(await told.get(), "RangeError");
  // The sockets that came with it are closed.
  assertEquals((await client.recv(1)).length, 0);
  assertEquals([await told.get(), await told.get()], ["TypeError", 12]);
  // The two items that no call got aren't unfinished.
  queue.task_done();
  await queue.join();
});

testThreads("put() raises the error of making its item anew", async () => {
  const queue = new thread.Queue<unknown>();
  const told = new thread.SimpleQueue<unknown>();
  for (const [kind, number] of [[KNOWN, 13], [UNKNOWN, 1]]) {
    const [client, conn] = await pair();
    using _ = client;
    const args = [conn, kind, number, queue, told];
    thread.start_new_thread(arrivals.put, args as never, null, here);
    const name = kind === KNOWN ? "RangeError" : "TypeError";
    assertEquals([await told.get(), await told.get()], [name, name]);
    assertEquals((await client.recv(1)).length, 0);
  }
  assertEquals(queue.qsize(), 0);
  const [client, conn] = await pair();
  using _ = client;
  const args = [conn, KNOWN, 12, queue, told] as const;
  thread.start_new_thread(arrivals.put, args as never, null, here);
  const [back] = await queue.get() as [Disposable];
  back[Symbol.dispose]();
  assertEquals((await queue.get() as arrivals.Mine).number, 12);
});
