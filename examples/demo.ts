// npx -y deno@2.9.6 task demo
//
// which is: npx -y deno@2.9.6 run --allow-net=127.0.0.1 --allow-read=. examples/demo.ts
//
// The scene of the seeds' first tutorial: a server that gives every client to a
// thread, and a client with two non-blocking sockets that a thread waits for
// with poll(). Besides, three clients that talk one after the other.

import { errno, select, socket, thread } from "@berkeley/socket";

/** Who talks besides the poll client, how soon (in ms), and what they say. */
const CLIENTS = [
  { name: "Ada", pause: 30, text: "Hello, world" },
  { name: "Grace", pause: 60, text: "Grüße" },
  { name: "Linus", pause: 90, text: "こんに" },
];
const COLORS = ["teal", "darkorange", "mediumorchid", "royalblue", "gray"];
const TEXT = new TextDecoder();

/** Prints one line: when, who, on which thread, what, and which bytes. */
function log(started: number, who: string, what: string, data?: Uint8Array) {
  const columns = [
    (Date.now() - started).toFixed(0).padStart(5),
    who.padEnd(9),
    String(thread.get_ident()).slice(-4).padStart(6),
    what.padEnd(11),
    String(data?.length ?? "").padStart(5),
    data ? TEXT.decode(data) : "",
  ];
  const color = COLORS[who.length % COLORS.length];
  console.log(`%c${columns.join("  ").trimEnd()}`, `color: ${color}`);
}

/** Serves one client, in a thread of its own. */
export async function client_thread(
  clientsocket: socket.Socket,
  n: number,
  started: number,
): Promise<void> {
  const r = await clientsocket.recv(12);
  if (r.length > 0) {
    log(started, `server #${n}`, "<-- client", r);
    const answer = new TextEncoder().encode(String(n));
    await clientsocket.send(answer);
    log(started, `server #${n}`, "--> client", answer);
  }
  clientsocket.close();
}

/** Takes care of non-blocking sockets, in a thread of its own. */
export async function socket_thread(
  p: select.Poll<socket.Socket>,
  open: number,
  started: number,
): Promise<void> {
  while (open > 0) {
    for (const [sock, event] of await p.poll()) {
      if (event & select.POLLOUT) {
        const data = new TextEncoder().encode("Data to send");
        await sock.send(data);
        log(started, "poll", "--> server", data);
        p.modify(sock, select.POLLIN);
      } else if (event & select.POLLIN) {
        const r = await sock.recv(1);
        if (r.length > 0) log(started, "poll", "<-- server", r);
        else {
          p.unregister(sock);
          sock.close();
          open--;
        }
      }
    }
  }
}

/** Says one thing to the server, and waits for its answer. */
async function talk(
  { name, pause, text }: typeof CLIENTS[number],
  address: socket.Address,
  started: number,
): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, pause));
  using conn = await socket.create_connection(address);
  const said = new TextEncoder().encode(text);
  log(started, name, "--> server", said);
  await conn.sendall(said);
  log(started, name, "<-- server", await conn.recv(12));
}

/** Starts a thread for each client until the server is closed; how many. */
async function serve(server: socket.Socket, started: number): Promise<number> {
  const threads: thread.ThreadHandle[] = [];
  for await (const [conn] of server) {
    const args = [conn, threads.length, started];
    threads.push(thread.start_joinable_thread(client_thread, args));
  }
  await Promise.all(threads.map((handle) => handle.join()));
  return threads.length;
}

/** Two sockets that connect at once, given to a thread that polls them. */
async function poll(address: socket.Address, started: number): Promise<void> {
  const p = select.poll<socket.Socket>();
  for (let n = 0; n < 2; n++) {
    const s = socket.socket();
    s.setblocking(false);
    p.register(s, select.POLLIN | select.POLLOUT);
    const code = await s.connect_ex(address);
    if (code !== errno.EINPROGRESS) throw new socket.OSError(code);
  }
  const args = [p, 2, started];
  await thread.start_joinable_thread(socket_thread, args).join();
}

if (import.meta.main) {
  const started = Date.now();
  const server = socket.create_server(["127.0.0.1", 0]);
  const address = server.getsockname();
  const serving = serve(server, started);
  console.log(`A server listens at ${address[0]}, port ${address[1]}.\n`);
  console.log("   ms  who        thread  what         bytes  text");

  await Promise.all([
    poll(address, started),
    ...CLIENTS.map((client) => talk(client, address, started)),
  ]);
  server.close();
  const count = await serving;
  console.log(
    `\n${count} clients on ${count} threads of the server, each answered ` +
      "with its number; two of them on one thread of the poll client.",
  );
}
