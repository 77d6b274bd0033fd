// npx -y deno@2.9.6 task demo
//
// which is:
//
// npx -y deno@2.9.6 run --quiet --allow-net=127.0.0.1 --allow-read=. --allow-run=python3 examples/demo.ts
//
// The scene of Pycom's tutorial "Socket": a server that gives every client to a
// thread, and a client with two non-blocking sockets that a thread waits for
// with poll(). Besides, three clients that talk one after the other. Then the
// same server under load (load.ts), an echo server, and the tutorial's server
// in Python (thread_server.py), where there is a python3 that this may run. It
// takes some nine seconds, and fails if anything did. A number may follow: for how
// many milliseconds each server is measured, instead of 2000.

import { errno, select, socket, thread } from "@berkeley/socket";
import {
  CLIENTS as MANY,
  connecting_clients,
  echo_thread,
  load,
  measure,
  number_thread,
  talking_clients,
} from "./load.ts";

/** The clients besides the poll client: name, delay in ms, text. */
const CLIENTS = [
  { name: "Ada", pause: 30, text: "Hello, world" },
  { name: "Grace", pause: 60, text: "Grüße" },
  { name: "Linus", pause: 90, text: "你好" },
];
const COLORS = ["teal", "darkorange", "mediumorchid", "royalblue", "gray"];
const TEXT = new TextDecoder();
/** Seconds after which an answer is missing. */
const PATIENCE = 5;
/** Milliseconds after which the demo gives up. */
const AT_MOST = 30_000;

/** Prints one line: the time, the client, the thread, the action, the bytes. */
function log(started: number, who: string, what: string, data?: Uint8Array) {
  const columns = [
    (Date.now() - started).toFixed(0).padStart(5),
    who.padEnd(9),
    String(thread.get_ident()).padStart(16),
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
  answers: thread.Queue<string>,
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
        if (r.length > 0) {
          log(started, "poll", "<-- server", r);
          await answers.put(TEXT.decode(r));
        } else {
          p.unregister(sock);
          sock.close();
          open--;
        }
      }
    }
  }
}

/** Sends one message to the server, and returns its answer. */
async function talk(
  { name, pause, text }: typeof CLIENTS[number],
  address: socket.Address,
  started: number,
): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, pause));
  using conn = await socket.create_connection(address, PATIENCE);
  const said = new TextEncoder().encode(text);
  log(started, name, "--> server", said);
  await conn.sendall(said);
  const answer = await conn.recv(12);
  log(started, name, "<-- server", answer);
  return TEXT.decode(answer);
}

/** Starts a thread for each client until the server is closed; how many. */
async function serve(server: socket.Socket, started: number): Promise<number> {
  const threads: thread.ThreadHandle[] = [];
  for await (const [conn] of server) {
    const args = [conn, threads.length, started] as const;
    threads.push(thread.start_joinable_thread(client_thread, args));
  }
  await Promise.all(threads.map((handle) => handle.join()));
  return threads.length;
}

/**
 * Gives two sockets that connect at once to a thread that polls them, and
 * returns the answers to them.
 */
async function poll(
  address: socket.Address,
  started: number,
): Promise<string[]> {
  const p = select.poll<socket.Socket>();
  for (let n = 0; n < 2; n++) {
    const s = socket.socket();
    s.setblocking(false);
    p.register(s, select.POLLIN | select.POLLOUT);
    const code = await s.connect_ex(address);
    if (code !== errno.EINPROGRESS) throw new socket.OSError(code);
  }
  const answers = new thread.Queue<string>();
  const args = [p, 2, answers, started] as const;
  await thread.start_joinable_thread(socket_thread, args).join(PATIENCE);
  // get() raises Empty if an answer is missing.
  return [await answers.get_nowait(), await answers.get_nowait()];
}

/** A few clients, each with its text. */
async function scene(): Promise<void> {
  const started = Date.now();
  const server = socket.create_server(["127.0.0.1", 0]);
  const address = server.getsockname();
  const serving = serve(server, started);
  console.log(`A server listens at ${address[0]}, port ${address[1]}.\n`);
  console.log("   ms  who                  thread  what         bytes  text");

  const [polled, ...others] = await Promise.all([
    poll(address, started),
    ...CLIENTS.map((client) => talk(client, address, started)),
  ]);
  server.close();
  const count = await serving;
  const answers = [...polled, ...others].toSorted().join(" ");
  if (answers !== "0 1 2 3 4") throw new Error(`wrong answers: ${answers}`);
  console.log(
    `\n${count} clients, each on a thread of the server and answered with its\n` +
      "number; two of them on one thread of the poll client.\n",
  );
}

/** A rate as it is shown. */
const rounded = (rate: number) => Math.round(rate).toLocaleString("en");

/** Runs the same servers with many clients; connections a second. */
async function loads(lasting: number): Promise<number> {
  console.log(`${MANY} clients at once:`);
  const connections = await load(
    connecting_clients,
    number_thread,
    lasting,
    (rate, threads) =>
      `${rounded(rate).padStart(9)} connections a second, each on a thread ` +
      `(${rounded(threads)} by now)`,
  );
  await load(
    talking_clients,
    echo_thread,
    lasting,
    (rate, threads) =>
      `${rounded(rate).padStart(9)} echo requests a second, on ` +
      `${threads} threads`,
  );
  return connections;
}

/** The tutorial's server in Python, if it can be run. */
function original(): Deno.ChildProcess | null {
  const run = { name: "run", command: "python3" } as const;
  if (Deno.permissions.querySync(run).state !== "granted") return null;
  const file = new URL("./thread_server.py", import.meta.url).pathname;
  try {
    return new Deno.Command("python3", {
      args: [file, "127.0.0.1", "0"],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  } catch {
    return null;
  }
}

/** The port that a program prints; `null` if it ends before. */
async function listening(
  output: ReadableStream<string>,
): Promise<number | null> {
  let text = "";
  for await (const part of output.values({ preventCancel: true })) {
    text += part;
    const port = /^Listening at .*, (\d+)\)\r?\n/.exec(text)?.[1];
    if (port !== undefined) return Number(port);
  }
  return null;
}

/** Runs the same clients against the original program, and prints the rate. */
async function compare(connections: number, lasting: number): Promise<void> {
  const python = original();
  const output = python?.stdout.pipeThrough(new TextDecoderStream());
  const port = output ? await listening(output) : null;
  if (!python || !output || port === null) {
    return console.log(
      "  (no python3 that this may run, so nothing to compare with)",
    );
  }
  // It prints a line for each client, and blocks if its output isn't read.
  const drained = output.pipeTo(new WritableStream());
  try {
    await measure(
      connecting_clients,
      ["127.0.0.1", port],
      lasting,
      (rate) =>
        `${rounded(rate).padStart(9)} connections a second, original in ` +
        `python3: here ${(connections / rate).toFixed(2)} times as many`,
    );
  } finally {
    python.kill("SIGKILL");
    await Promise.all([python.status, drained]);
  }
}

if (import.meta.main) {
  const timer = setTimeout(() => {
    console.error(`It wasn't over after ${AT_MOST / 1000} seconds.`);
    Deno.exit(1);
  }, AT_MOST);
  const lasting = Number(Deno.args[0] ?? 2000);
  await scene();
  await compare(await loads(lasting), lasting);
  clearTimeout(timer);
}
