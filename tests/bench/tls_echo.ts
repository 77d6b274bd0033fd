// npx -y deno@2.9.6 run --allow-net=127.0.0.1 --allow-run --allow-read tests/bench/tls_echo.ts
//
// How fast echo over TLS is, with this library as the server and as the client,
// beside Deno's own TLS in the same run: requests a second, and the ratio. The
// median of three rounds.

import { socket, ssl } from "../../mod.ts";

/** How many clients, and how many bytes they send at once. */
const LOADS = [[1, 64], [50, 64], [50, 16384]] as const;
const ROUNDS = 3;
/** How long a load runs unmeasured and then measured, in milliseconds. */
const WARM_UP = 300;
const MEASURED = 2000;
const PATIENCE = 10_000;

const authority = new URL("../certs/ca.pem", import.meta.url);
const caCerts = [Deno.readTextFileSync(authority)];
const hostname = "127.0.0.1";
const context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, {
  cafile: authority,
});

/** A connection of either kind. */
interface Client {
  /** Sends bytes, and waits until as many came back. */
  ask(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): void;
}

async function bareClient(port: number): Promise<Client> {
  const conn = await Deno.connectTls({ hostname, port, caCerts });
  const buffer = new Uint8Array(64 * 1024);
  return {
    async ask(bytes) {
      for (let at = 0; at < bytes.length;) {
        at += await conn.write(bytes.subarray(at));
      }
      for (let left = bytes.length; left > 0;) {
        left -= await conn.read(buffer) ?? NaN;
      }
    },
    close: () => conn.close(),
  };
}

async function client(port: number): Promise<Client> {
  const sock = await socket.create_connection([hostname, port]);
  const conn = await context.wrap_socket(sock, { server_hostname: hostname });
  const buffer = new Uint8Array(64 * 1024);
  return {
    async ask(bytes) {
      await conn.sendall(bytes);
      for (let left = bytes.length; left > 0;) {
        left -= await conn.recv_into(buffer) || NaN;
      }
    },
    close: () => conn.close(),
  };
}

/** What is compared: the server's file and the clients. */
const CASES: Record<
  string,
  [server: string, client: (port: number) => Promise<Client>]
> = {
  "Deno's own TLS": ["tls_server_bare.ts", bareClient],
  "ssl as server": ["tls_server.ts", bareClient],
  "ssl as client": ["tls_server_bare.ts", client],
};

/** Starts a server and puts every load on it; requests a second for each. */
async function measure([file, connect]: typeof CASES[string]) {
  using free = Deno.listen({ hostname, port: 0 });
  const { port } = free.addr;
  free.close();
  const path = new URL(file, import.meta.url).pathname;
  const server = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net", "--allow-read", path, String(port)],
  }).spawn();
  try {
    await started(port);
    const rates = [];
    for (const [count, size] of LOADS) {
      rates.push(await run(count, size, () => connect(port)));
    }
    return rates;
  } finally {
    server.kill();
    await server.status;
  }
}

async function started(port: number): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    try {
      return (await bareClient(port)).close();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** All clients ask at once, each again as soon as it is answered. */
async function run(
  count: number,
  size: number,
  connect: () => Promise<Client>,
) {
  const clients = await Promise.all(Array.from({ length: count }, connect));
  const bytes = new Uint8Array(size);
  let answers = 0;
  let over = false;
  const load = clients.map(async (client) => {
    for (; !over; answers++) await client.ask(bytes);
  });
  await new Promise((resolve) => setTimeout(resolve, WARM_UP));
  const [before, begun] = [answers, performance.now()];
  await new Promise((resolve) => setTimeout(resolve, MEASURED));
  const rate = (answers - before) / (performance.now() - begun) * 1000;
  over = true;
  await Promise.all(load);
  for (const client of clients) client.close();
  return rate;
}

const rates: Record<string, number[][]> = {};
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, each] of Object.entries(CASES)) {
    (rates[name] ??= []).push(await measure(each));
  }
}
const medians = Object.entries(rates).map(([name, rounds]) =>
  [
    name,
    LOADS.map((_, index) =>
      rounds.map((round) => round[index]!).sort((a, b) => a - b)[
        Math.floor(ROUNDS / 2)
      ]!
    ),
  ] as const
);
const [[, reference]] = medians as [[string, number[]]];
for (const [name, median] of medians) {
  const cells = median.map((rate, index) => {
    const [count, size] = LOADS[index]!;
    const ratio = (rate / reference[index]!).toFixed(2);
    return `${count} x ${size} B: ${Math.round(rate)}/s (${ratio})`;
  });
  console.log(name.padEnd(16), cells.join("   "));
}
