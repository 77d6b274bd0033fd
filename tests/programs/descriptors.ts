// A server in a thread that has no descriptor left for its client, and then has
// one again: the program prints its port, and what accept() comes to.

import { socket, thread } from "../../mod.ts";

export async function accept(
  server: socket.Socket,
  told: thread.SimpleQueue<string>,
): Promise<void> {
  // More than the test takes.
  server.settimeout(5);
  await told.put("ready");
  for (;;) {
    try {
      const [conn] = await server.accept();
      await conn.sendall("accepted");
      conn.close();
      return;
    } catch (error) {
      await told.put((error as Error).message);
      if (error instanceof socket.TimeoutError) return;
    }
  }
}

if (import.meta.main) {
  const server = socket.create_server(["127.0.0.1", 0]);
  const port = server.getsockname()[1];
  const told = new thread.SimpleQueue<string>();
  const handle = thread.start_joinable_thread(accept, [server, told]);
  // It has all files open that it needs.
  await told.get();
  const files: Deno.FsFile[] = [];
  try {
    for (;;) files.push(Deno.openSync("/dev/null"));
  } catch {
    console.log(port);
  }
  console.log(await told.get());
  for (const file of files) file.close();
  await handle.join();
}
