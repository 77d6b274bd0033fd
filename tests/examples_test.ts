import { assert, assertEquals, assertMatch } from "@std/assert";
import { getAvailablePort } from "@std/net";
import { deno, Peer, python, testWithNetcat, testWithPython } from "./peer.ts";

const examples = new URL("../examples/", import.meta.url);

/** Runs an example with the flags that it names, at another port. */
async function example(name: string, port: string | number): Promise<Peer> {
  const file = new URL(name, examples);
  const [, command] =
    / run (.*) examples\//.exec(await Deno.readTextFile(file)) ?? [];
  assert(command, `${name} doesn't say how to run it`);
  const flags = command.replaceAll(/:\d+/g, `:${port}`).split(" ");
  const [, host = ""] = /=(localhost|[\d.]+):/.exec(command)!;
  return deno(flags, file.pathname, host, port);
}

testWithPython("Python's echo client talks to echo_server.ts", async () => {
  const port = getAvailablePort();
  await using server = await example("echo_server.ts", port);
  assertMatch(await server.line(), new RegExp(`\\b${port}\\b`));
  const client = `
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect(('localhost', int(args[0])))
s.sendall(b'Hello, world')
data = s.recv(1024)
s.close()
print('Received', repr(data))
`;
  // All at once, and after each other.
  for (let round = 0; round < 2; round++) {
    await Promise.all([1, 2, 3].map(async () => {
      await using peer = python(client, port);
      assertEquals(await peer.rest(), "Received b'Hello, world'\n");
    }));
  }
});

testWithPython("echo_client.ts talks to Python's echo server", async () => {
  await using server = python(`
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.bind(('localhost', 0))
say(s.getsockname()[1])
s.listen(1)
say('listening')
conn, addr = s.accept()
while 1:
    data = conn.recv(1024)
    if not data:
        break
    conn.sendall(data)
conn.close()
`);
  const port = await server.line();
  assertEquals(await server.line(), "listening");
  await using client = await example("echo_client.ts", port);
  assertEquals(await client.rest(), 'Received "Hello, world"\n');
  assertEquals(await server.rest(), "");
});

testWithNetcat("nc talks to echo_server.ts", async () => {
  const port = getAvailablePort();
  await using server = await example("echo_server.ts", port);
  assertMatch(await server.line(), new RegExp(`\\b${port}\\b`));
  await using client = new Peer("nc", ["127.0.0.1", port]);
  for (const line of ["Hello", "Grüße", "bye"]) {
    await client.say(line);
    assertEquals(await client.line(), line);
  }
});

/** A netcat that listens, and what it says on all streams. */
async function netcat(): Promise<[Peer, port: string]> {
  const peer = new Peer("sh", ["-c", "exec nc -n -v -l 127.0.0.1 0 2>&1"]);
  const [, port = ""] = /^Listening on .* (\d+)$/.exec(await peer.line())!;
  return [peer, port];
}

testWithNetcat("echo_client.ts talks to nc", async () => {
  const [server, port] = await netcat();
  await using _server = server;
  await server.say("Hello, you");
  await using client = await example("echo_client.ts", port);
  assertEquals(await client.rest(), 'Received "Hello, you\\n"\n');
  assertMatch(await server.rest(), /^Connection .*\nHello, world\n$/);
});

testWithNetcat("hello_client.ts talks to nc", async () => {
  const [server, port] = await netcat();
  await using _server = server;
  await using client = await example("hello_client.ts", port);
  assertEquals(await client.rest(), "");
  assertMatch(await server.rest(), /^Connection .*\nHello World!\n$/);
});
