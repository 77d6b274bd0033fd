import { assert, assertEquals, assertThrows } from "@std/assert";
import { errno, selectors, thread } from "../mod.ts";
import { loadInWorker } from "./load_in_worker.ts";
import { rejects } from "./raises.ts";
import { KINDS } from "./selectors.ts";
import { echo } from "./selectors_thread.ts";
import { all, pair, testThreads } from "./thread_cases.ts";
import { text } from "./traffic.ts";

const { EVENT_READ } = selectors;

const here = { module: new URL("selectors_thread.ts", import.meta.url) };
await loadInWorker(here.module);

for (const Selector of KINDS) {
  testThreads(
    `${Selector.name}: a registered socket goes to a thread`,
    async () => {
      using sel = new Selector();
      const [client, conn] = await pair();
      const fd = conn.fileno();
      sel.register(conn, EVENT_READ);
      assertEquals(await sel.select(0), []);
      const t = thread.start_joinable_thread(echo, [conn], null, here);
      assertEquals(conn.closed, true);
      for (const word of ["one", "two"]) {
        await client.sendall(word);
        assertEquals(text(await client.recv(100)), word);
      }
      if (Selector === selectors.EpollSelector) {
        assertEquals(await sel.select(0), []);
      } else if (Selector === selectors.SelectSelector) {
        await rejects(errno.EBADF, sel.select());
      }
      const key = sel.unregister(conn);
      assert(key.fileobj === conn && key.fd === fd);
      assertEquals(await sel.select(0), []);
      client.shutdown(1);
      assertEquals(await all(client), "");
      await t.join();
      client.close();
    },
  );
}

testThreads("a selector itself stays in its thread", async () => {
  for (const Selector of KINDS) {
    using sel = new Selector();
    const message =
      `args[0]: ${Selector.name} can't be given to a thread: make one there, and give it the sockets`;
    const args = [sel] as unknown as Parameters<typeof echo>;
    const error = assertThrows(
      () => thread.start_joinable_thread(echo, args, null, here),
      TypeError,
    );
    assertEquals(error.message, message);
  }
  await Promise.resolve();
});
