// Run it, and end it with Ctrl+C:
//
// npx -y deno@2.9.6 run --allow-net=localhost:50000,127.0.0.1:50000 examples/echo_server.ts
//
// The echo server of the documentation of Python's socket module, line by line.
// The original serves one client and ends. This one goes on accepting, and
// serves all its clients at once. Another host and port may follow the name of
// the file; they then belong in --allow-net.
//
// echo_client.ts talks to it, and so does `nc 127.0.0.1 50000`.

import { socket } from "@berkeley/socket";

/** Sends back all that comes, until the client has no more to say. */
export async function echo(conn: socket.Socket): Promise<void> {
  try {
    while (true) {
      const data = await conn.recv(1024);
      if (data.length === 0) break;
      await conn.sendall(data);
    }
  } finally {
    conn.close();
  }
}

if (import.meta.main) {
  const [host = "localhost", port = "50000"] = Deno.args;
  const s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  s.bind([host, Number(port)]);
  s.listen();
  console.log("Listening at", s.getsockname());
  while (true) {
    const [conn, addr] = await s.accept();
    // Not awaited: the next client doesn't have to wait for this one's end.
    echo(conn).catch((error) => console.error(addr, String(error)));
  }
}
