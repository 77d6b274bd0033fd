/**
 * Programs with daemons: each runs by its name.
 *
 * @module
 */

import { queue, socket, threading } from "../../mod.ts";

type Told = queue.Queue<string>;

/** Waits for bytes that nobody sends. */
export async function receives(told: Told, conn: socket.Socket) {
  await told.put("receives");
  await conn.recv(1);
}

/** Waits for clients that nobody is. */
export async function accepts(told: Told, server: socket.Socket) {
  await told.put("accepts");
  await server.accept();
}

/** Waits for clients of a server of its own. */
export async function listens(told: Told) {
  const server = socket.create_server(["127.0.0.1", 0]);
  await told.put("listens");
  await server.accept();
}

/** Waits for an item that nobody puts. */
export async function gets(told: Told, empty: queue.Queue) {
  await told.put("gets");
  await empty.get();
}

/** Waits for what never happens. */
export async function waits(told: Told, event: threading.Event) {
  await told.put("waits");
  await event.wait();
}

/** Computes for ever. */
export async function computes(told: Told) {
  await told.put("computes");
  // Lets the item go.
  await new Promise((resolve) => setTimeout(resolve));
  while (true);
}

/** Answers questions until the end. */
export async function answers(asked: Told, told: Told) {
  while (true) await told.put(`answer to ${await asked.get()}`);
}

/** Asks a daemon. */
export async function asks(asked: Told, told: Told, start: threading.Event) {
  await start.wait();
  for (const n of [1, 2, 3]) {
    await asked.put(String(n));
    console.log(await told.get());
  }
}

/** Starts a daemon, and ends. */
export function starts(told: Told, event: threading.Event) {
  start(waits, told, event);
}

function start<P extends unknown[]>(
  target: (...args: P) => unknown,
  ...args: NoInfer<P>
) {
  const module = import.meta.url;
  const t = new threading.Thread(
    { target, args, daemon: true, module } as never,
  );
  t.start();
  return t;
}

const told: Told = new queue.Queue();

/** Starts a daemon, and says that it runs. */
async function lone<P extends unknown[]>(
  target: (told: Told, ...args: P) => unknown,
  ...args: NoInfer<P>
) {
  start(target as never, ...[told, ...args] as never);
  console.log(await told.get());
}

const programs: Record<string, () => Promise<unknown>> = {
  async receives() {
    const server = socket.create_server(["127.0.0.1", 0]);
    const conn = await socket.create_connection(server.getsockname());
    await lone(receives, conn);
  },
  accepts: () => lone(accepts, socket.create_server(["127.0.0.1", 0])),
  listens: () => lone(listens),
  gets: () => lone(gets, new queue.Queue()),
  waits: () => lone(waits, new threading.Event()),
  computes: () => lone(computes),
  starts: () => lone(starts, new threading.Event()),
  /** The daemon runs for as long as another thread does. */
  async answers() {
    const asked: Told = new queue.Queue();
    const go = new threading.Event();
    start(answers, asked, told);
    const args = [asked, told, go] as const;
    new threading.Thread({ target: asks, args, daemon: false }).start();
    go.set();
    await null;
  },
  /** The program waits for it if it says so. */
  async joined() {
    const go = new threading.Event();
    const t = start(waits, told, go);
    console.log(await told.get());
    setTimeout(() => go.set(), 50);
    await t.join();
    console.log(t.is_alive());
  },
};

if (import.meta.main) await programs[Deno.args[0]!]!();
