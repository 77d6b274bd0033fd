// An echo server that gives every connection to a thread. Its last argument is
// the port; before that, it may get the number of workers.

import { socket, thread } from "@berkeley/socket";

export async function echo(conn: socket.Socket): Promise<void> {
  const buffer = new Uint8Array(65536);
  try {
    for (;;) {
      const count = await conn.recv_into(buffer);
      if (count === 0) break;
      await conn.sendall(buffer.subarray(0, count));
    }
  } catch {
    // A load ends by resetting its connections.
  } finally {
    conn.close();
  }
}

if (import.meta.main) {
  if (Deno.args.length > 1) thread.pool_size(Number(Deno.args[0]));
  const server = socket.create_server(["127.0.0.1", Number(Deno.args.at(-1))], {
    backlog: 1024,
  });
  for (;;) {
    const [conn] = await server.accept();
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1);
    thread.start_new_thread(echo, [conn]);
  }
}
