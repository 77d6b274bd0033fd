// npx -y deno@2.9.6 task bench
//
// How fast the echo servers beside this file answer, and how that compares with
// bare Deno. See README.md.

const SERVERS = {
  "bare Deno": "./echo_server_bare.ts",
  "recv_into": "./echo_server.ts",
  "recv": "./echo_server_recv.ts",
};
/** How many clients, and how many bytes they send at once. */
const LOADS = [[1, 64], [50, 64], [50, 16384]] as const;
const ROUNDS = 3;
/** How long a load runs unmeasured and then measured, in milliseconds. */
const WARM_UP = 200;
const MEASURED = 600;
/** How long a server may take to start, and a load to end. */
const PATIENCE = 10_000;

/** Starts a server and puts every load on it; requests a second for each. */
async function measure(file: string): Promise<number[]> {
  const port = freePort();
  const args = ["run", "--allow-net=127.0.0.1", import.meta.resolve(file)];
  const server = new Deno.Command(Deno.execPath(), {
    args: [...args, String(port)],
    stdin: "null",
  }).spawn();
  try {
    await started(port);
    const rates = [];
    for (const [count, size] of LOADS) rates.push(await run(count, size, port));
    return rates;
  } finally {
    server.kill();
    await server.status;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function started(port: number): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    try {
      return (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** All clients ask at once, each again as soon as it is answered. */
async function run(count: number, size: number, port: number): Promise<number> {
  const conns: Deno.TcpConn[] = [];
  const close = () => conns.splice(0).forEach((conn) => conn.close());
  // A load that hangs ends with an error.
  const timer = setTimeout(close, PATIENCE);
  try {
    while (conns.length < count) {
      conns.push(await Deno.connect({ hostname: "127.0.0.1", port }));
    }
    const begin = performance.now() + WARM_UP;
    const answers = await Promise.all(conns.map((c) => ask(c, size, begin)));
    return answers.reduce((sum, count) => sum + count) / MEASURED * 1000;
  } finally {
    clearTimeout(timer);
    close();
  }
}

/** One client; how many answers it had while it was measured. */
async function ask(conn: Deno.TcpConn, size: number, begin: number) {
  conn.setNoDelay(true);
  const buffer = new Uint8Array(size);
  for (let answers = 0;;) {
    let due = 0;
    while (due < size) due += await conn.write(buffer.subarray(due));
    while (due > 0) {
      const received = await conn.read(buffer.subarray(0, due));
      if (received === null) throw new Error("The server hung up.");
      due -= received;
    }
    const now = performance.now();
    if (now >= begin + MEASURED) return answers;
    if (now >= begin) answers++;
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

const rates = new Map<string, number[][]>();
for (let round = 0; round < ROUNDS; round++) {
  // In turns: what slows the machine down for a while slows them all down.
  for (const [name, file] of Object.entries(SERVERS)) {
    rates.set(name, [...rates.get(name) ?? [], await measure(file)]);
  }
}

const row = (name: string, cells: string[]) =>
  console.log([name.padEnd(9), ...cells.map((c) => c.padStart(15))].join(" "));
console.log("Requests a second, and their ratio to bare Deno's\n");
row("", LOADS.map(([count, size]) => `${count} x ${size} B`));
const medians = (name: string) =>
  LOADS.map((_, load) => median(rates.get(name)!.map((round) => round[load]!)));
const bare = medians("bare Deno");
for (const name of rates.keys()) {
  row(
    name,
    medians(name).map((rate, load) =>
      `${rate.toFixed(0)} ${(rate / bare[load]!).toFixed(2).padStart(6)}`
    ),
  );
}
