// The load of demo.ts: many clients at once, whose requests are counted while
// they run. The clients are a thread with a worker of its own, so that they
// take the same from each server that they talk to.

import { socket, thread } from "@berkeley/socket";

/** How many clients there are at once. */
export const CLIENTS = 64;
/** How long it takes until all is loaded and compiled, in milliseconds. */
const WARMING = 500;
/** How many requests there are at most. */
const MOST = 200_000;
/** Seconds after which an answer is missing. */
const PATIENCE = 5;
/** How often the count is shown anew, in milliseconds. */
const SHOWN = 100;

/** Places in the memory that both sides share. */
const REQUESTS = 0;
const ENDED = 1;
/** When counting began and ended, in milliseconds from when it was asked for. */
const BEGUN = 2;
const OVER = 3;

const TEXT = new TextDecoder();

/** Serves one client as the tutorial's server does, in a thread of its own. */
export async function number_thread(conn: socket.Socket, n: number) {
  const r = await conn.recv(12);
  if (r.length > 0) await conn.send(String(n));
  conn.close();
}

/** Sends back what one client sends, in a thread of its own. */
export async function echo_thread(conn: socket.Socket) {
  using _ = conn;
  const buffer = new Uint8Array(64);
  let count: number;
  while ((count = await conn.recv_into(buffer)) > 0) {
    await conn.sendall(buffer.subarray(0, count));
  }
}

/** When a load was asked for, and how long it lasts from when all is warm, in ms. */
interface Plan {
  asked: number;
  lasting: number;
}

/** All clients of a load, as one thread. */
type Clients = (
  address: socket.Address,
  counts: Int32Array,
  plan: Plan,
) => Promise<void>;

/** Runs all clients of a load. `client` asks after each request whether to go on. */
async function run(
  counts: Int32Array,
  { asked, lasting }: Plan,
  client: (again: () => boolean) => Promise<void>,
): Promise<void> {
  const begun = Date.now() + WARMING;
  Atomics.store(counts, BEGUN, begun - asked);
  const again = () => {
    const now = Date.now();
    if (now < begun) return true;
    return Atomics.add(counts, REQUESTS, 1) < MOST && now < begun + lasting;
  };
  await Promise.all(Array.from({ length: CLIENTS }, async () => {
    await client(again);
    Atomics.add(counts, ENDED, 1);
  }));
  Atomics.store(counts, OVER, Date.now() - asked);
}

/** Clients that connect, get a number and leave, again and again. */
export async function connecting_clients(
  address: socket.Address,
  counts: Int32Array,
  plan: Plan,
): Promise<void> {
  await run(counts, plan, async (again) => {
    do {
      using conn = await socket.create_connection(address, PATIENCE);
      await conn.sendall("Hello");
      const answer = TEXT.decode(await conn.recv(12));
      if (!/^\d+$/.test(answer)) throw new Error(`no number: "${answer}"`);
    } while (again());
  });
}

/** Clients that stay connected, and want to hear what they say. */
export async function talking_clients(
  address: socket.Address,
  counts: Int32Array,
  plan: Plan,
): Promise<void> {
  await run(counts, plan, async (again) => {
    using conn = await socket.create_connection(address, PATIENCE);
    const said = new Uint8Array(64).fill(42);
    const heard = new Uint8Array(64);
    do {
      await conn.sendall(said);
      const count = await conn.recv_into(heard, 0, socket.MSG_WAITALL);
      if (count < 64) throw new Error(`an echo of ${count} bytes`);
    } while (again());
  });
}

/**
 * Serves a load with a thread for each client, and shows how many requests a
 * second there are, in a terminal while they come.
 *
 * @param body What each thread does.
 * @param lasting How long to count, in milliseconds.
 * @param line Tells what happens, from the rate and the number of threads.
 * @returns Requests a second.
 */
export async function load(
  clients: Clients,
  body: typeof number_thread | typeof echo_thread,
  lasting: number,
  line: (rate: number, threads: number) => string,
): Promise<number> {
  using server = socket.create_server(["127.0.0.1", 0], { backlog: 128 });
  let threads = 0;
  const serving = (async () => {
    for await (const [conn] of server) {
      const args = [conn, threads++] as const;
      thread.start_new_thread(body, args, null, { module: import.meta.url });
    }
  })();
  const address = server.getsockname();
  const rate = await measure(
    clients,
    address,
    lasting,
    (rate) => line(rate, threads),
  );
  server.close();
  await serving;
  return rate;
}

/**
 * Lets the clients loose on a server, and shows how they fare.
 *
 * @param lasting How long to count, in milliseconds.
 * @param line Tells what happens, from the requests a second.
 * @returns Requests a second.
 * @throws {Error} If a client failed, or the server is too slow.
 */
export async function measure(
  clients: Clients,
  address: socket.Address,
  lasting: number,
  line: (rate: number) => string,
): Promise<number> {
  const counts = new Int32Array(new SharedArrayBuffer(16));
  const asked = Date.now();
  const rate = () => {
    const over = Atomics.load(counts, OVER) || Date.now() - asked;
    const begun = Atomics.load(counts, BEGUN) || over;
    return Atomics.load(counts, REQUESTS) * 1000 / Math.max(1, over - begun);
  };
  const live = Deno.stdout.isTerminal();
  const timer = setInterval(() => {
    if (live) show(`\r\x1b[K${fitting(line(rate()))}`);
  }, SHOWN);
  const handle = thread.start_joinable_thread(
    clients,
    [address, counts, { asked, lasting }],
    null,
    { module: import.meta.url, dedicated: true },
  );
  await handle.join((WARMING + lasting) / 1000 + PATIENCE);
  clearInterval(timer);
  if (live) show("\r\x1b[K");
  const ended = Atomics.load(counts, ENDED);
  if (ended < CLIENTS) {
    throw new Error(`${CLIENTS - ended} of ${CLIENTS} clients failed`);
  }
  console.log(line(rate()));
  return rate();
}

function show(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

/** A line that runs over the end of the terminal's couldn't be erased. */
function fitting(line: string): string {
  return line.length < Deno.consoleSize().columns ? line : "";
}
