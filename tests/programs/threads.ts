// Programs that start threads, for tests of their output and end: the argument
// says which one.

import { socket, thread } from "../../mod.ts";

export async function raises(): Promise<void> {
  await null;
  throw new TypeError("what went wrong");
}

export function prints(text: string): void {
  console.log(text, thread._count());
}

export async function keeps(conn: socket.Socket): Promise<void> {
  await conn.recv(1);
  Object.assign(globalThis, { conn });
}

export async function interrupts(): Promise<void> {
  thread.interrupt_main();
  await new Promise(() => {});
}

export function releases(): void {
  thread.allocate_lock().release();
}

export function raisesFrom(): void {
  try {
    releases();
  } catch (cause) {
    throw new AggregateError([cause], "several", { cause });
  }
}

export async function exits(): Promise<void> {
  setTimeout(() => thread.exit());
  Promise.resolve().then(() => thread.exit());
  await new Promise((resolve) => setTimeout(resolve, 20));
}

export async function fills(): Promise<void> {
  await null;
  for (const all = [];;) all.push(Array.from({ length: 1e5 }, () => ({})));
}

export async function echoes(conn: socket.Socket): Promise<void> {
  for (let data; (data = await conn.recv(10)).length > 0;) {
    await conn.sendall(data);
  }
  conn.close();
}

/** A thrown value whose properties raise another error. */
function oddities(): unknown[] {
  const raise = (): never => {
    throw new Error("raised by looking");
  };
  const getter = (
    name: string,
    error: object = new Error("its message is left"),
  ) => Object.defineProperty(error, name, { get: raise });
  return [
    getter("stack"),
    getter("message"),
    getter("name"),
    getter("cause"),
    getter("errors", new AggregateError([])),
    Object.assign(new Error(), { stack: { toString: raise } }),
    new Proxy(new Error(), { getPrototypeOf: raise, get: raise, has: raise }),
    { toString: raise, [Symbol.for("Deno.customInspect")]: raise },
    Object.create(null),
  ];
}

export async function odd(n: number): Promise<void> {
  await null;
  throw oddities()[n];
}

export function mark(words: Int32Array, n: number): void {
  Atomics.store(words, n, 1);
  Atomics.notify(words, n);
}

/** Blocks this thread until another one has marked a word. */
function blockUntilMarked(words: Int32Array, n: number): boolean {
  return Atomics.wait(words, n, 0, 15_000) !== "timed-out";
}

export function startsAndBlocks(words: Int32Array): void {
  const module = import.meta.url;
  thread.start_new_thread(mark, [words, 1], null, { module });
  if (blockUntilMarked(words, 1)) console.log("nested ran");
  thread.interrupt_main();
  if (blockUntilMarked(words, 2)) console.log("interrupt seen");
}

function hidden(_in: Set<socket.Socket>): void {}

const programs: Record<string, () => Promise<void> | void> = {
  async raises() {
    await thread.start_joinable_thread(raises).join();
    await thread.start_joinable_thread(prints, ["the next one runs"]).join();
  },
  async releases() {
    await thread.start_joinable_thread(releases).join();
  },
  async raisesFrom() {
    await thread.start_joinable_thread(raisesFrom).join();
  },
  async exits() {
    thread.pool_size(1);
    await thread.start_joinable_thread(exits).join();
    await thread.start_joinable_thread(prints, ["the next one runs"]).join();
  },
  async memory() {
    thread.pool_size(1);
    const server = socket.create_server(["127.0.0.1", 0]);
    const connect = async () => {
      const client = await socket.create_connection(server.getsockname());
      return [client, (await server.accept())[0]] as const;
    };
    const [[dead, a], [other, b]] = [await connect(), await connect()];
    thread.start_new_thread(echoes, [a]);
    thread.start_new_thread(echoes, [b], null, { dedicated: true });
    const handle = thread.start_joinable_thread(fills);
    console.log((await dead.recv(1)).length);
    await handle.join();
    await other.sendall("other");
    console.log(new TextDecoder().decode(await other.recv(10)));
    other.close();
    await thread.start_joinable_thread(prints, ["replaced"]).join();
  },
  async missing() {
    const module = new URL("./missing.ts", import.meta.url);
    await thread.start_joinable_thread(prints, [""], null, { module }).join();
  },
  async invalid() {
    const module = "data:text/javascript,export function prints( {";
    await thread.start_joinable_thread(prints, [""], null, { module }).join();
  },
  async throwsOddly() {
    thread.pool_size(1);
    for (const n of oddities().keys()) {
      await thread.start_joinable_thread(odd, [n]).join();
    }
    await thread.start_joinable_thread(prints, ["the next one runs"]).join();
  },
  async throwsOddlyAtOnce() {
    const module =
      "data:text/javascript,throw new Proxy({}, { get() { throw 1 }," +
      "getPrototypeOf() { throw 2 } })";
    await thread.start_joinable_thread(prints, [""], null, { module }).join();
  },
  async startsAndBlocks() {
    const words = new Int32Array(new SharedArrayBuffer(12));
    thread.pool_size(2);
    // Two workers that run and have nothing to do.
    const handles = [0, 1].map(() =>
      thread.start_joinable_thread(mark, [new Int32Array(1), 0])
    );
    for (const handle of handles) await handle.join();
    thread.start_new_thread(mark, [words, 0]);
    if (blockUntilMarked(words, 0)) console.log("main ran");
    addEventListener("error", (event) => {
      event.preventDefault();
      mark(words, 2);
    });
    await thread.start_joinable_thread(startsAndBlocks, [words]).join();
  },
  async hidden() {
    addEventListener("error", (event) => {
      event.preventDefault();
      console.error(event.message);
    });
    const server = socket.create_server(["127.0.0.1", 0]);
    const client = await socket.create_connection(server.getsockname());
    const [conn] = await server.accept();
    thread.start_new_thread(hidden, [new Set([conn])]);
    console.log((await client.recv(1)).length);
  },
  runs() {
    thread.start_new_thread(prints, ["still runs"]);
  },
  async keeps() {
    const server = socket.create_server(["127.0.0.1", 0]);
    console.log(server.getsockname()[1]);
    const [conn] = await server.accept();
    server.close();
    thread.start_new_thread(keeps, [conn]);
  },
  interrupts() {
    addEventListener("error", (event) => {
      event.preventDefault();
      console.log(event.error.name);
      Deno.exit(130);
    });
    thread.start_new_thread(interrupts);
  },
  leaves() {
    addEventListener("unload", () => console.log("unload"));
    thread.exit();
  },
};

if (import.meta.main) await programs[Deno.args[0]!]!();
