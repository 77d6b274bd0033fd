// An echo server with recv() and sendall(), for load: as most programs are
// written. The last argument is the port.

import { socket } from "@berkeley/socket";

async function echo(conn: socket.Socket): Promise<void> {
  conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1);
  for (;;) {
    const data = await conn.recv(65536);
    if (data.length === 0) break;
    await conn.sendall(data);
  }
}

const server = socket.create_server(
  ["127.0.0.1", Number(Deno.args.at(-1))],
  { backlog: 1024 },
);
for await (const [conn] of server) {
  echo(conn).catch(console.error).finally(() => conn.close());
}
