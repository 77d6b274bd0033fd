/**
 * A server whose threads may bring down the worker that they run on. It prints
 * its port, and its argument is how many workers there are.
 *
 * @module
 */

import { socket, thread } from "@berkeley/socket";

/** Tells the workers apart. */
const worker = crypto.randomUUID();

/** Answers each line with the worker's name, until one is the worker's end. */
export async function converse(conn: socket.Socket): Promise<void> {
  for await (const line of conn.makefile("r")) {
    if (line === "close\n") self.close();
    else if (line === "throw\n") queueMicrotask(fail);
    else await conn.sendall(`${worker}\n`);
  }
  conn.close();
}

function fail(): never {
  throw new Error("outside any thread");
}

if (import.meta.main) {
  thread.pool_size(Number(Deno.args[0]));
  const server = socket.create_server(["127.0.0.1", 0], { backlog: 128 });
  console.log(server.getsockname()[1]);
  for (;;) {
    const [conn] = await server.accept();
    thread.start_new_thread(converse, [conn]);
  }
}
