import { assert, assertEquals, assertMatch } from "@std/assert";
import { getAvailablePort } from "@std/net";
import { selectors, socket } from "../mod.ts";
import { commandOf } from "./example.ts";
import { Peer, python, testWithPython } from "./peer.ts";
import { pattern } from "./traffic.ts";

const { EVENT_READ, EVENT_WRITE } = selectors;

const KINDS = [
  selectors.DefaultSelector,
  selectors.PollSelector,
  selectors.SelectSelector,
];

/** Runs the example; says at which port it listens. */
async function serve(): Promise<[server: Peer, port: number]> {
  const port = getAvailablePort();
  const [command, ...args] = await commandOf("selectors_server.ts", port);
  const server = new Peer(command, [...args, "127.0.0.1", port]);
  assertMatch(await server.line(), new RegExp(`^Listening at .*\\b${port}\\b`));
  return [server, port];
}

/** The server on the page of the module. */
const PYTHON_SERVER = `
import selectors

sel = selectors.DefaultSelector()

def accept(sock, mask):
    conn, addr = sock.accept()  # Should be ready
    say('accepted')
    conn.setblocking(False)
    sel.register(conn, selectors.EVENT_READ, read)

def read(conn, mask):
    data = conn.recv(1000)  # Should be ready
    if data:
        conn.send(data)  # Hope it won't block
    else:
        say('closing')
        sel.unregister(conn)
        conn.close()

sock = socket.socket()
sock.bind(('localhost', 0))
sock.listen(100)
sock.setblocking(False)
sel.register(sock, selectors.EVENT_READ, accept)
say(sock.getsockname()[1])

while True:
    events = sel.select()
    for key, mask in events:
        callback = key.data
        callback(key.fileobj, mask)
`;

/** Many connections at a time, each of which sends lines and checks the echo. */
const PYTHON_CLIENTS = `
import selectors
sel = selectors.DefaultSelector()
left = 20
for n in range(left):
    s = socket.create_connection(('127.0.0.1', int(args[0])))
    s.setblocking(False)
    sel.register(s, selectors.EVENT_READ | selectors.EVENT_WRITE,
                 {'out': bytes([n]) * 5000, 'sent': 0, 'back': b''})
while left:
    for key, mask in sel.select():
        s, data = key.fileobj, key.data
        if mask & selectors.EVENT_READ:
            got = s.recv(4096)
            assert got
            data['back'] += got
            if len(data['back']) == 5000:
                assert data['back'] == data['out']
                sel.unregister(s)
                s.close()
                left -= 1
                continue
        if mask & selectors.EVENT_WRITE:
            # As much as the server is sure to send back at once.
            if data['sent'] == len(data['back']):
                data['sent'] += s.send(data['out'][data['sent']:data['sent'] + 1000])
            if data['sent'] == 5000:
                sel.modify(s, selectors.EVENT_READ, data)
say('done')
`;

testWithPython("Python's clients talk to selectors_server.ts", async () => {
  const [server, port] = await serve();
  await using _server = server;
  await using clients = python(PYTHON_CLIENTS, port);
  assertEquals(await clients.rest(), "done\n");
});

testWithPython("selectors_server.ts tells what it does", async () => {
  const [server, port] = await serve();
  await using _server = server;
  await using client = python(
    `
s = socket.create_connection(('127.0.0.1', int(args[0])))
for line in sys.stdin:
    s.sendall(line.encode())
    say(s.recv(1000).decode().rstrip())
`,
    port,
  );
  for (const line of ["Hello", "Grüße", "bye"]) {
    await client.say(line);
    assertEquals(await client.line(), line);
  }
  assertMatch(await server.line(), /^accepted <socket\.socket fd=\d+, /);
  assertMatch(await server.line(), /^echoing 6 bytes to <socket\.socket /);
  await client[Symbol.asyncDispose]();
  let line = "";
  while (!line.startsWith("closing")) line = await server.line();
});

for (const Selector of KINDS) {
  testWithPython(
    `many sockets of a ${Selector.name} talk to Python's server`,
    async () => {
      await using server = python(PYTHON_SERVER);
      const port = Number(await server.line());
      interface State {
        sent: number;
        received: number;
      }
      using sel = new Selector<State>();
      const size = 20_000;
      const data = pattern(size);
      for (let i = 0; i < 20; i++) {
        const s = await socket.create_connection(["127.0.0.1", port]);
        s.setblocking(false);
        sel.register(s, EVENT_READ | EVENT_WRITE, { sent: 0, received: 0 });
      }
      for await (const ready of sel) {
        for (const [{ fileobj: s, data: state }, mask] of ready) {
          if (mask & EVENT_READ) {
            const part = await s.recv(4096);
            assert(part.length > 0);
            const { received } = state;
            assertEquals(part, data.slice(received, received + part.length));
            state.received += part.length;
          }
          if (state.received === size) {
            sel.unregister(s);
            s.close();
            continue;
          }
          if (mask & EVENT_WRITE && state.sent === state.received) {
            const end = Math.min(state.sent + 997, size);
            state.sent += await s.send(data.subarray(state.sent, end));
          }
          if (state.sent === size) sel.modify(s, EVENT_READ, state);
        }
        if (sel.get_map()!.size === 0) break;
      }
    },
  );
}
