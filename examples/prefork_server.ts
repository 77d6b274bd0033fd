// Run it, and end it with Ctrl+C:
//
// npx -y deno@2.9.6 run --allow-net=127.0.0.1:50000 --allow-read=. examples/prefork_server.ts
//
// An echo server whose threads accept for themselves, at one and the same port,
// as servers do that fork before they accept. Connections never pass through
// the main thread, so this is the fastest way to use all processors. Another
// host and port may follow the name of the file; they then belong in
// --allow-net. Threads load the program's modules, which is what --allow-read
// is for.
//
// echo_client.ts talks to it, and so does `nc 127.0.0.1 50000`.

import { socket, thread } from "@berkeley/socket";

/** Accepts clients, as the other threads do, and serves them. */
export async function serve(address: socket.Address, n: number): Promise<void> {
  const server = socket.create_server(address, { reuse_port: true });
  console.log(`Thread ${n} listens at`, server.getsockname());
  for await (const [conn] of server) {
    // Not awaited: the next client doesn't have to wait for this one's end.
    echo(conn).catch((error) => console.error(`Thread ${n}: ${error}`));
  }
}

async function echo(conn: socket.Socket): Promise<void> {
  using _ = conn;
  const buffer = new Uint8Array(64 * 1024);
  while (true) {
    const count = await conn.recv_into(buffer);
    if (count === 0) break;
    await conn.sendall(buffer.subarray(0, count));
  }
}

if (import.meta.main) {
  const [host = "127.0.0.1", port = "50000"] = Deno.args;
  for (let n = 0; n < thread.pool_size(); n++) {
    thread.start_new_thread(serve, [[host, Number(port)], n], null, {
      dedicated: true,
    });
  }
}
