import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { test } from "./cases.ts";
import { commandOf, Folder, runIn } from "./example.ts";
import { type Peer, python, testWithPython } from "./peer.ts";

const HOST = "127.0.0.1";

/** Runs the example in a folder of its own, which it has no use for. */
async function example(
  folder: Folder,
  role: string,
  port: string,
): Promise<Peer> {
  const command = await commandOf("udp_echo.ts", port, role);
  return runIn(folder, command, HOST, port);
}

/** Starts its server, at a port that the system chooses. */
async function start(folder: Folder): Promise<[server: Peer, port: string]> {
  const server = await example(folder, "server", "0");
  const line = await server.line();
  const [, port = ""] = /^Listening at \[ "127.0.0.1", (\d+) \]$/.exec(line)!;
  return [server, port];
}

test("the client of udp_echo.ts talks to its server", async () => {
  await using folder = await Folder.create();
  const [server, port] = await start(folder);
  await using _server = server;
  for (let round = 0; round < 2; round++) {
    await using client = await example(folder, "client", port);
    assertEquals(await client.rest(), 'Received "Hello, world"\n');
    assertMatch(await server.line(), /^From \[ "127.0.0.1", \d+ \] 12$/);
  }
});

testWithPython("Python talks to the server of udp_echo.ts", async () => {
  await using folder = await Folder.create();
  const [server, port] = await start(folder);
  await using _server = server;
  await using client = python(
    `
clients = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(3)]
for i, s in enumerate(clients):
    s.settimeout(5)
    s.connect((args[0], int(args[1])))
for size in 0, 1, 1472, 65507:
    for i, s in enumerate(clients): s.send(bytes([i]) * size)
    say([s.recv(65536) == bytes([i]) * size for i, s in enumerate(clients)])
`,
    HOST,
    port,
  );
  assertEquals(await client.rest(), "[True, True, True]\n".repeat(4));
});

testWithPython(
  "the client of udp_echo.ts asks again, and not for ever",
  async () => {
    await using folder = await Folder.create();
    await using server = python(`
s, deaf, other = (socket.socket(type=socket.SOCK_DGRAM) for _ in range(3))
s.bind(("127.0.0.1", 0))
deaf.bind(("127.0.0.1", 0))
say(s.getsockname()[1])
say(deaf.getsockname()[1])
_, client = s.recvfrom(100)
# The first one is lost, and what others say doesn't count.
other.sendto(b"hello", client)
say(s.recvfrom(100)[1] == client)
other.sendto(b"hello again", client)
s.sendto(b"here I am", client)
for _ in range(3): say(deaf.recv(100).decode())
`);
    const port = await server.line();
    await using client = await example(folder, "client", port);
    await using lost = await example(folder, "client", await server.line());
    assertEquals(await client.rest(), 'No answer yet\nReceived "here I am"\n');
    await assertRejects(() => lost.rest(), Error, "TimeoutError: timed out");
    assertEquals(await server.rest(), "True\n" + "Hello, world\n".repeat(3));
  },
);

test("udp_echo.ts fails without a role", async () => {
  await using folder = await Folder.create();
  const command = await commandOf("udp_echo.ts", 0, "client");
  await using program = runIn(folder, command.slice(0, -1));
  await assertRejects(() => program.rest(), Error, "server or client?");
});
