/**
 * Tests of threads.
 *
 * @module
 */

import { socket } from "../mod.ts";
import { terminate } from "../thread/pool.ts";
import { test } from "./cases.ts";
import { loadInWorker } from "./load_in_worker.ts";
import { receiveAll, text } from "./traffic.ts";

/** Where the threads are. */
export const here = { module: new URL("threads.ts", import.meta.url) };
await loadInWorker(here.module);

/** A test whose workers end with it. */
export function testThreads(name: string, fn: () => Promise<void>): void {
  test(name, async () => {
    try {
      await fn();
    } finally {
      await terminate();
    }
  });
}

/** Two connected sockets. */
export async function pair(): Promise<
  [client: socket.Socket, conn: socket.Socket]
> {
  using server = socket.create_server(["127.0.0.1", 0]);
  const client = await socket.create_connection(server.getsockname());
  const [conn] = await server.accept();
  return [client, conn];
}

/** All that comes, as text. */
export async function all(s: socket.Socket): Promise<string> {
  return text(await receiveAll(s) as Uint8Array<ArrayBuffer>);
}
