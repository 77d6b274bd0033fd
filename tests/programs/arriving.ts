// Threads whose arguments can't be made anew: the argument says where.

import { socket, thread } from "../../mod.ts";
import * as arrivals from "./arrivals.ts";

const module = new URL("arrivals.ts", import.meta.url);
const { KNOWN, Mine, UNKNOWN } = arrivals;

/** A connection of which one end goes to a thread. */
async function pair(): Promise<[socket.Socket, socket.Socket]> {
  using server = socket.create_server(["127.0.0.1", 0]);
  const client = await socket.create_connection(server.getsockname());
  const [conn] = await server.accept();
  return [client, conn];
}

if (import.meta.main) {
  // Whatever happens, it happens beside this thread, on the same worker.
  thread.pool_size(1);
  const told = new thread.SimpleQueue<unknown>();
  const [bystander, answering] = await pair();
  thread.start_new_thread(arrivals.answer, [answering], null, { module });

  const start = arrivals[Deno.args[0] as "take" | "handOn"];
  for (const [kind, number] of [[UNKNOWN, 1], [KNOWN, 13], [KNOWN, 12]]) {
    const [client, conn] = await pair();
    const mine = new Mine(kind as string, number as number);
    const handle = thread.start_joinable_thread(
      start,
      [conn, mine, told],
      null,
      { module },
    );
    // No other code can have closed it.
    console.log("closed", (await client.recv(1)).length);
    client.close();
    await handle.join();
  }
  console.log("got", await told.get());

  await bystander.sendall("still there");
  console.log(new TextDecoder().decode(await bystander.recv(100)));
  bystander.close();
}
