// Bytes through a socket that was handed to a thread, with a slow reader:
//
// npx -y deno@2.9.6 run --allow-net=127.0.0.1 --allow-read=. --allow-run tests/bench/thread_transfer.ts 1024
//
// The number is how many MiB go each way. Prints the hash at both ends, how
// fast it was, and how much memory the process with the threads came to. The
// other end of the connections is a process of its own.

import { createHash } from "node:crypto";
import { socket, thread } from "@berkeley/socket";

const MIB = 1 << 20;
const CHUNK = 1 << 16;

/** Milliseconds that a slow reader waits after the first bytes. */
const REST = 1000;

/** The sent data: chunks of which no two are equal. */
function* chunks(mib: number): Generator<Uint8Array<ArrayBuffer>> {
  const count = mib * MIB / CHUNK;
  const chunk = new Uint8Array(CHUNK).map((_, i) => i * 31);
  const view = new DataView(chunk.buffer);
  for (let i = 0; i < count; i++) {
    view.setUint32(0, i);
    view.setUint32(CHUNK >> 1, i * 7);
    yield chunk;
  }
}

/** Sends all of it; its hash. */
async function give(
  mib: number,
  send: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>,
): Promise<string> {
  const hash = createHash("sha256");
  for (const chunk of chunks(mib)) {
    hash.update(chunk);
    await send(chunk);
  }
  return hash.digest("hex");
}

/** Reads to the end, with breaks; says how much it was, and its hash. */
async function take(
  receive: (buffer: Uint8Array<ArrayBuffer>) => Promise<number>,
): Promise<string> {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(CHUNK);
  let total = 0;
  for (;;) {
    const count = await receive(buffer);
    if (count === 0) break;
    hash.update(buffer.subarray(0, count));
    if (total === 0) await rest(REST);
    const before = Math.floor(total / (8 * MIB));
    total += count;
    if (Math.floor(total / (8 * MIB)) > before) await rest(5);
  }
  return `${total} ${hash.digest("hex")}`;
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** In a thread: the slow reader. */
export async function reader(conn: socket.Socket): Promise<void> {
  const taken = await take((buffer) => conn.recv_into(buffer));
  await conn.sendall(taken);
  conn.close();
}

/** In a thread: the sender. */
export async function sender(conn: socket.Socket, mib: number): Promise<void> {
  const hash = await give(mib, (bytes) => conn.sendall(bytes));
  conn.shutdown(socket.SHUT_WR);
  if ((await conn.recv(1)).length !== 0) throw new Error("Unexpected bytes");
  conn.close();
  console.log(`thread  sent      ${mib * MIB} ${hash}`);
}

/** The other end, without anything of this project. */
async function peer(role: string, port: number, mib: number): Promise<void> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  if (role === "give") {
    const hash = await give(mib, async (bytes) => {
      while (bytes.length > 0) bytes = bytes.subarray(await conn.write(bytes));
    });
    await conn.closeWrite();
    const taken = await new Response(conn.readable).text();
    console.log(`peer    sent      ${mib * MIB} ${hash}`);
    console.log(`thread  received  ${taken}`);
  } else {
    const taken = await take(async (buffer) => await conn.read(buffer) ?? 0);
    console.log(`peer    received  ${taken}`);
    conn.close();
  }
}

/** The most memory that this process had meanwhile, in MiB. */
function watch(): () => number {
  let most = 0;
  const look = () => most = Math.max(most, Deno.memoryUsage().rss);
  const timer = setInterval(look, 20);
  return () => {
    look();
    clearInterval(timer);
    return most / MIB;
  };
}

async function run(role: "give" | "take", mib: number): Promise<void> {
  using server = socket.create_server(["127.0.0.1", 0]);
  const before = Deno.memoryUsage().rss / MIB;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--allow-net=127.0.0.1",
      new URL(import.meta.url).pathname,
      String(mib),
      role,
      String(server.getsockname()[1]),
    ],
  }).spawn();
  const [conn] = await server.accept();
  const started = performance.now();
  const peak = watch();
  const handle = role === "give"
    ? thread.start_joinable_thread(reader, [conn])
    : thread.start_joinable_thread(sender, [conn, mib]);
  await handle.join();
  const seconds = (performance.now() - started) / 1000;
  if (!(await child.status).success) throw new Error("The peer failed");
  console.log(
    `${mib} MiB ${role === "give" ? "to" : "from"} the thread: ` +
      `${seconds.toFixed(2)} s, ${(mib / seconds).toFixed(0)} MiB/s, ` +
      `memory ${before.toFixed(0)} MiB before, ${
        peak().toFixed(0)
      } MiB at most`,
  );
}

if (import.meta.main) {
  const [mib = "1024", role, port] = Deno.args;
  if (role) await peer(role, Number(port), Number(mib));
  else {
    await run("give", Number(mib));
    await run("take", Number(mib));
  }
}
