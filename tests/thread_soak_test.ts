import { assertEquals, assertNotEquals } from "@std/assert";
import { getAvailablePort } from "@std/net";
import * as socket from "../socket/mod.ts";
import { test } from "./cases.ts";
import { output } from "./commands.ts";
import { commandOf } from "./example.ts";
import { deno, Peer } from "./peer.ts";
import { some } from "./some.ts";

/** Another number may follow `--` on the command line of the tests. */
const CLIENTS = Number(Deno.args[0] ?? 3000);

/** How many of them at once. */
const AT_ONCE = 50;

/** How long a process may take to close its last connection, in ms. */
const PATIENCE = 5000;

/** How many TCP sockets a process has open, and how many workers it runs. */
async function holdings(pid: number): Promise<number[]> {
  // Deno itself reads /proc only with all permissions.
  const read = async (command: string) =>
    (await output("sh", "-c", command) ?? "").split("\n");
  // Of its other sockets, files and threads some come and go.
  const tcp = new Set(
    (await read(`cat /proc/${pid}/net/tcp`)).map((line) =>
      `socket:[${line.trim().split(/\s+/)[9]}]`
    ),
  );
  const files = await read(`readlink /proc/${pid}/fd/*`);
  const threads = await read(`cat /proc/${pid}/task/*/comm`);
  return [
    files.filter((file) => tcp.has(file)).length,
    threads.filter((name) => name.startsWith("worker-")).length,
  ];
}

/** The same, once it is what is expected, or after a while. */
async function holdingsIn(pid: number, expected: number[]): Promise<number[]> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const now = await holdings(pid);
    if (now.join() === expected.join()) return now;
    if (performance.now() > deadline) return now;
  }
}

/** Reads to the end. */
async function readAll(conn: socket.Socket): Promise<string> {
  let text = "";
  for (;;) {
    const bytes = await conn.recv(64);
    if (bytes.length === 0) return text;
    text += new TextDecoder().decode(bytes);
  }
}

/** Runs clients of thread_server.ts, a few at a time; returns the answers. */
async function answers(port: number, count: number) {
  const got: string[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < count) {
      const n = next++;
      using conn = await socket.create_connection(["127.0.0.1", port]);
      await conn.sendall(`client ${n}`);
      got.push(await readAll(conn));
    }
  }));
  return got.map(Number).toSorted((a, b) => a - b);
}

const onLinux = Deno.build.os === "linux";

test("thread_server.ts answers each of many clients once, and keeps nothing", async () => {
  const port = getAvailablePort();
  const [command, ...args] = await commandOf("thread_server.ts", port);
  await using server = new Peer(command, [...args, "127.0.0.1", port]);
  await server.line();
  const printed: string[] = [];
  const printing = (async () => {
    while (printed.length < CLIENTS) printed.push(await server.line());
  })();

  const numbers = Array.from({ length: CLIENTS }, (_, n) => n);
  // Whichever fails first tells why the other can't go on.
  const [got] = await Promise.all([answers(port, CLIENTS), printing]);
  assertEquals(got, numbers);
  assertEquals(
    printed.toSorted(),
    numbers.map((n) => `Received: client ${n}`).toSorted(),
  );
  if (!onLinux) return;
  // The listener, and as many workers as there are processors.
  const expected = [1, navigator.hardwareConcurrency];
  assertEquals(await holdingsIn(server.pid, expected), expected);
});

/** A client of the server whose workers can be ended. */
class Client implements Disposable {
  readonly #conn: socket.Socket;
  readonly #file: ReturnType<socket.Socket["makefile"]>;
  worker = "";

  private constructor(conn: socket.Socket) {
    this.#conn = conn;
    this.#file = conn.makefile("r");
  }

  static async connect(port: number): Promise<Client> {
    const client = new Client(
      await socket.create_connection(["127.0.0.1", port]),
    );
    client.worker = await client.ask();
    return client;
  }

  /** The answer: the name of a worker, or nothing at its end. */
  async ask(question = "who"): Promise<string> {
    try {
      await this.#conn.sendall(`${question}\n`);
      return String(await this.#file.readline());
    } catch (error) {
      // It may come as a reset, if there was something to read for the dead.
      if (error instanceof socket.ConnectionResetError) return "";
      if (error instanceof socket.BrokenPipeError) return "";
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#conn.close();
    this.#file.close();
  }
}

const doomed = new URL("doomed_server.ts", import.meta.url).pathname;

for (const end of ["close", "throw"]) {
  test(`A worker that dies takes its own clients alone (${end})`, async () => {
    const flags = ["--allow-net=127.0.0.1", "--allow-read"];
    await using server = deno(flags, doomed, 4);
    const port = Number(await server.line());
    using stack = new DisposableStack();
    const clients = await Promise.all(Array.from({ length: 100 }, async () => {
      return stack.use(await Client.connect(port));
    }));
    const workers = new Set(clients.map(({ worker }) => worker));
    assertEquals(workers.size, 4);

    const [killer] = some(clients);
    assertEquals(await killer.ask(end), "");
    const left = await Promise.all(clients.map((client) => client.ask()));
    const expected = clients.map(({ worker }) =>
      worker === killer.worker ? "" : worker
    );
    assertEquals(left, expected);

    // Enough of them for every worker to get some.
    const others = await Promise.all(Array.from({ length: 100 }, async () => {
      return stack.use(await Client.connect(port));
    }));
    for (const { worker } of others) assertNotEquals(worker, killer.worker);
    assertEquals(new Set(others.map(({ worker }) => worker)).size, 4);
    assertEquals(
      await Promise.all(others.map((client) => client.ask())),
      others.map(({ worker }) => worker),
    );
  });
}

test("16 MiB each way get through a thread whole, past a slow reader", async () => {
  const program = new URL("bench/thread_transfer.ts", import.meta.url).pathname;
  const flags = ["--allow-net=127.0.0.1", "--allow-read", "--allow-run"];
  await using transfer = deno(flags, program, 16);
  const hashes = [...(await transfer.rest()).matchAll(
    /^(?:peer|thread) +(?:sent|received) +(\d+) ([0-9a-f]{64})$/gm,
  )].map(([, total, hash]) => `${total} ${hash}`);
  assertEquals(hashes.length, 4);
  assertEquals(new Set(hashes).size, 1);
  assertEquals(hashes[0]?.split(" ")[0], String(16 << 20));
});
