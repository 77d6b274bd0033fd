import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { getAvailablePort } from "@std/net";
import { test } from "./cases.ts";
import { commandOf } from "./example.ts";
import { hasPython } from "./oracle.ts";
import { Peer, python, testWithPython } from "./peer.ts";

/** Clients that are there at once, each of which wants its own bytes back. */
const CLIENTS = `
import threading
def client(n):
    s = socket.create_connection(('127.0.0.1', int(args[0])), 10)
    everybody.wait()
    mine = bytes([n]) * 100_000
    threading.Thread(target=s.sendall, args=(mine,)).start()
    echo = b''
    while len(echo) < len(mine): echo += s.recv(65536)
    s.shutdown(socket.SHUT_WR)
    say(n, echo == mine, s.recv(1))
    s.close()

everybody = threading.Barrier(int(args[1]))
threads = [threading.Thread(target=client, args=(n,)) for n in range(int(args[1]))]
for t in threads: t.start()
for t in threads: t.join()
`;

/** Runs an echo server, and says at which port it listens. */
async function serve(name: string): Promise<[server: Peer, port: number]> {
  const port = getAvailablePort();
  const [command, ...args] = await commandOf(name, port);
  const server = new Peer(command, [...args, "127.0.0.1", port]);
  assertMatch(await server.line(), new RegExp(`\\b${port}\\b`));
  return [server, port];
}

/** Has so many clients talk to a server at once. */
async function talk(port: number, count: number): Promise<void> {
  await using clients = python(CLIENTS, port, count);
  assertEquals(
    (await clients.rest()).trim().split("\n").toSorted(),
    Array.from({ length: count }, (_, n) => `${n} True b''`).toSorted(),
  );
}

testWithPython("worker_pool.ts gives each client its own echo", async () => {
  const [server, port] = await serve("worker_pool.ts");
  await using _ = server;
  // It has four threads, and each serves one client at a time.
  for (let round = 0; round < 2; round++) await talk(port, 4);
  const lines: string[] = [];
  for (let n = 0; n < 8; n++) lines.push(await server.line());
  for (const line of lines) {
    assertMatch(line, /^Thread [0-3] sent 100000 bytes back\.$/);
  }
});

testWithPython("clients of worker_pool.ts wait for a thread", async () => {
  const [server, port] = await serve("worker_pool.ts");
  await using _ = server;
  const client = `
socks = [socket.create_connection(('127.0.0.1', int(args[0])), 10) for _ in range(12)]
for n, s in enumerate(socks): s.sendall(b'client %d' % n)
for s in socks:
    say(s.recv(100).decode())
    s.close()
`;
  await using clients = python(client, port);
  const expected = Array.from({ length: 12 }, (_, n) => `client ${n}\n`);
  assertEquals(await clients.rest(), expected.join(""));
});

testWithPython("prefork_server.ts gives each client its own echo", async () => {
  const [server, port] = await serve("prefork_server.ts");
  await using _ = server;
  for (let round = 0; round < 3; round++) await talk(port, 8);
});

/** Runs the demo with its flags, or some of them, and a short load. */
async function demo(without?: string): Promise<Peer> {
  const [, , ...flags] = await commandOf("demo.ts");
  const kept = flags.filter((flag) => !without || !flag.startsWith(without));
  return new Peer(Deno.execPath(), ["run", ...kept, 100]);
}

test("demo.ts shows all clients and what they can do, and ends", async () => {
  await using shown = await demo();
  // That it ends with success is part of it.
  const lines = (await shown.rest()).trim().split("\n");
  const answered = lines.filter((line) => line.includes("<-- server"));
  // The poll client takes them a byte at a time, as the numbers are.
  assertEquals(
    answered.map((line) => line.trim().at(-1)).toSorted(),
    ["0", "1", "2", "3", "4"],
  );
  const [connections = "", echoes = "", compared = ""] = lines.slice(-3);
  assertMatch(connections, /^ +[1-9][\d,]* connections a second, .* thread/);
  assertMatch(echoes, /^ +[1-9][\d,]* echo requests a second, on 64 threads$/);
  assertMatch(
    compared,
    hasPython
      ? /^ +[1-9][\d,]* connections a second, .* python3: here \d+\.\d+ times/
      : /^ +\(no python3/,
  );
  assertEquals(lines.filter((line) => line.length > 80), []);
});

test("demo.ts needs no permission to run python3", async () => {
  await using shown = await demo("--allow-run");
  assertMatch(await shown.rest(), /\(no python3 .*\)\n$/);
});

test("demo.ts fails if a thread can't start", async () => {
  await using shown = await demo("--allow-read");
  await assertRejects(() => shown.rest(), Error, "The peer failed");
});
