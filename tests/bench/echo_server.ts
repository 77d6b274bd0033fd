// An echo server with recv_into() and sendall(), for load: no new array for a
// message. The last argument is the port.

import { socket } from "@berkeley/socket";

async function echo(conn: socket.Socket): Promise<void> {
  conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1);
  const buffer = new Uint8Array(65536);
  for (;;) {
    const count = await conn.recv_into(buffer);
    if (count === 0) break;
    await conn.sendall(buffer.subarray(0, count));
  }
}

const server = socket.create_server(
  ["127.0.0.1", Number(Deno.args.at(-1))],
  { backlog: 1024 },
);
for await (const [conn] of server) {
  echo(conn).catch(console.error).finally(() => conn.close());
}
