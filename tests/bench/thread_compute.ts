// How much threads that compute slow each other down, and a thread that serves:
//
// npx -y deno@2.9.6 run --allow-net=127.0.0.1 --allow-read=. tests/bench/thread_compute.ts
//
// Prints how long one thread computes alone, how long two take together, and
// how long clients of a third wait for their answers meanwhile.

import { socket, thread } from "@berkeley/socket";

/** Computes, and never awaits. */
export function compute(rounds: number): void {
  let x = 1;
  for (let i = 0; i < rounds; i++) x = Math.imul(x, 1103515245) + 12345 | 0;
  if (x === 0.5) console.log(x);
}

/** Answers one client. */
export async function client_thread(conn: socket.Socket): Promise<void> {
  await conn.sendall(await conn.recv(12));
  conn.close();
}

/** How many threads compute, each for as many rounds; in ms. */
async function computing(threads: number, rounds: number): Promise<number> {
  const started = performance.now();
  const handles = Array.from(
    { length: threads },
    () =>
      thread.start_joinable_thread(compute, [rounds], null, {
        dedicated: true,
      }),
  );
  await Promise.all(handles.map((handle) => handle.join()));
  return performance.now() - started;
}

/** Rounds that take about a second. */
async function calibrate(): Promise<number> {
  const rounds = 100_000_000;
  await computing(1, rounds);
  return Math.round(rounds * 1000 / await computing(1, rounds));
}

async function serve(server: socket.Socket): Promise<void> {
  for await (const [conn] of server) {
    thread.start_new_thread(client_thread, [conn]);
  }
}

/** Talks to the server, one client after the other; in ms each. */
async function talk(
  address: socket.Address,
  more: (done: number) => boolean,
): Promise<number[]> {
  const times: number[] = [];
  while (more(times.length)) {
    const started = performance.now();
    using conn = await socket.create_connection(address);
    await conn.sendall("Hello, world");
    if ((await conn.recv(12)).length !== 12) throw new Error("No answer");
    times.push(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return times;
}

function describe(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.ceil(share * sorted.length) - 1]!.toFixed(1);
  return `${sorted.length} clients, median ${at(0.5)} ms, ` +
    `95 % ${at(0.95)} ms, worst ${at(1)} ms`;
}

if (import.meta.main) {
  const server = socket.create_server(["127.0.0.1", 0]);
  const address = server.getsockname();
  const serving = serve(server);
  const rounds = await calibrate();
  const idle = await talk(address, (done) => done < 20);
  console.log(`nobody computes: ${describe(idle)}`);
  // The computing threads take two workers, so the clients need a new one.
  const starting = computing(2, rounds);
  const first = await talk(address, (done) => done < 1);
  console.log(`the worker starts: ${describe(first)}`);
  await starting;
  for (let run = 1; run <= 3; run++) {
    const alone = await computing(1, rounds);
    let over = false;
    const together = computing(2, rounds).finally(() => over = true);
    const times = await talk(address, () => !over);
    const ratio = await together / alone;
    console.log(
      `run ${run}: alone ${alone.toFixed(0)} ms, two together ` +
        `${(await together).toFixed(0)} ms, ratio ${ratio.toFixed(2)}; ` +
        describe(times),
    );
    const quiet = await computing(2, rounds);
    console.log(
      `       without clients ${quiet.toFixed(0)} ms, ratio ` +
        (quiet / alone).toFixed(2),
    );
  }
  server.close();
  await serving;
}
