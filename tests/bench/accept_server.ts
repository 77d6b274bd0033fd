// The server of Pycom's tutorial "Socket": reads up to 12 bytes of every
// connection, in a thread of its own, and answers with a number. Its last
// argument is the port.

import { socket, thread } from "@berkeley/socket";

export async function reply(conn: socket.Socket, n: number): Promise<void> {
  try {
    const request = await conn.recv(12);
    if (request.length > 0) await conn.send(String(n));
  } finally {
    conn.close();
  }
}

if (import.meta.main) {
  const server = socket.create_server(["127.0.0.1", Number(Deno.args.at(-1))], {
    backlog: 1024,
  });
  for (let n = 0;; n++) {
    const [conn] = await server.accept();
    thread.start_new_thread(reply, [conn, n]);
  }
}
