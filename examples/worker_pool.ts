// Run it, and end it with Ctrl+C:
//
// npx -y deno@2.9.6 run --allow-net=localhost:50000,127.0.0.1:50000 --allow-read=. examples/worker_pool.ts
//
// An echo server with a fixed number of threads: one part of the program
// accepts, and puts the connections into a queue; the threads get them out of
// it, one at a time. Another host and port may follow the name of the file;
// they then belong in --allow-net. Threads load the program's modules, which is
// what --allow-read is for.
//
// echo_client.ts talks to it, and so does `nc 127.0.0.1 50000`.

import { socket, thread } from "@berkeley/socket";

const THREADS = 4;

/** Serves one client after the other. */
export async function serve(
  clients: thread.Queue<socket.Socket>,
  n: number,
): Promise<void> {
  while (true) {
    using conn = await clients.get();
    let count = 0;
    try {
      while (true) {
        const data = await conn.recv(64 * 1024);
        if (data.length === 0) break;
        await conn.sendall(data);
        count += data.length;
      }
      console.log(`Thread ${n} sent ${count} bytes back.`);
    } catch (error) {
      console.error(`Thread ${n}: ${error}`);
    }
    clients.task_done();
  }
}

if (import.meta.main) {
  const [host = "localhost", port = "50000"] = Deno.args;
  const server = socket.create_server([host, Number(port)]);
  console.log("Listening at", server.getsockname());

  const clients = new thread.Queue<socket.Socket>(100);
  for (let n = 0; n < THREADS; n++) {
    thread.start_new_thread(serve, [clients, n]);
  }
  // While a hundred clients are queued, no other is accepted.
  for await (const [conn] of server) await clients.put(conn);
}
