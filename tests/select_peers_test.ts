import { assert, assertEquals, assertMatch } from "@std/assert";
import { getAvailablePort } from "@std/net";
import { errno, select, socket } from "../mod.ts";
import { test } from "./cases.ts";
import { commandOf } from "./example.ts";
import { Peer, python, testWithNetcat, testWithPython } from "./peer.ts";
import { rejects } from "./raises.ts";
import { pattern } from "./traffic.ts";

const { POLLIN, POLLOUT } = select;

/** Runs an example at a port. */
async function example(
  name: string,
  host: string,
  port: string | number,
): Promise<Peer> {
  const [command, ...args] = await commandOf(name, port);
  return new Peer(command, [...args, host, port]);
}

/** Runs a server that is an example; says at which port it listens. */
async function serve(
  name: string,
  host: string,
): Promise<[server: Peer, port: number]> {
  const port = getAvailablePort();
  const server = await example(name, host, port);
  assertMatch(await server.line(), new RegExp(`\\b${port}\\b`));
  return [server, port];
}

/** The select server of the tutorials, in today's Python. */
const PYTHON_SELECT_SERVER = `
import select, queue
server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setblocking(0)
server.bind(('localhost', 0))
server.listen(128)
say(server.getsockname()[1])
inputs = [server]
outputs = []
message_queues = {}

while inputs:
    readable, writable, exceptional = select.select(inputs, outputs, inputs)
    for s in readable:
        if s is server:
            connection, client_address = s.accept()
            connection.setblocking(0)
            inputs.append(connection)
            message_queues[connection] = queue.Queue()
        else:
            data = s.recv(1024)
            if data:
                message_queues[s].put(data)
                if s not in outputs:
                    outputs.append(s)
            else:
                if s in outputs:
                    outputs.remove(s)
                inputs.remove(s)
                s.close()
                del message_queues[s]

    for s in writable:
        try:
            next_msg = message_queues[s].get_nowait()
        except KeyError: pass
        except queue.Empty:
            outputs.remove(s)
        else:
            s.send(next_msg)

    for s in exceptional:
        inputs.remove(s)
        if s in outputs:
            outputs.remove(s)
        s.close()
        del message_queues[s]
`;

/** The non-blocking client of the tutorials, for Python's poll(). */
const PYTHON_POLL_CLIENT = `
import errno, select
def socket_thread(p, sockets):
    count = {}
    while sockets:
        for fd, event in p.poll():
            sock = sockets[fd]
            if event & select.POLLERR or event & select.POLLHUP:
                say("lost")
                p.unregister(fd)
                sockets.pop(fd).close()
                continue
            if event & select.POLLOUT:
                count[fd] = sock.send(b"Data to send")
                p.modify(sock, select.POLLIN | select.POLLHUP | select.POLLERR)
            if event & select.POLLIN:
                r = sock.recv(1)
                if len(r): say("Data received:", r.decode())
                count[fd] -= len(r)
                if len(r) == 0 or count[fd] == 0:
                    p.unregister(fd)
                    sockets.pop(fd).close()

sockets = {}
p = select.poll()
for _ in range(2):
    s = socket.socket()
    s.setblocking(False)
    sockets[s.fileno()] = s
    p.register(s, select.POLLIN | select.POLLOUT | select.POLLHUP | select.POLLERR)
for s in sockets.values():
    try:
        s.connect(socket.getaddrinfo("localhost", int(args[0]), socket.AF_INET)[0][-1])
    except OSError as e:
        if e.args[0] != errno.EINPROGRESS:
            raise
socket_thread(p, sockets)
`;

/** The poll client's output for two connections, whichever is first. */
function assertEchoed(output: string): void {
  const letters = [...output.matchAll(/^Data received: (.)$/gm)]
    .map(([, letter]) => letter);
  assertEquals(letters.toSorted(), [..."Data to send".repeat(2)].toSorted());
  assertEquals(output.split("\n").length - 1, letters.length, output);
}

testWithPython("Python's echo clients talk to select_server.ts", async () => {
  const [server, port] = await serve("select_server.ts", "localhost");
  await using _server = server;
  // Many clients at once send much, in pieces, and read at random times.
  await using clients = python(
    `
import random, select
random.seed(1)
data = bytes(range(251)) * 400
clients = {}
for i in range(20):
    s = socket.create_connection(("localhost", int(args[0])))
    # The server lets no more than five wait.
    s.send(b"?")
    assert s.recv(10) == b"?"
    s.setblocking(False)
    clients[s] = [0, 0]
waiting = list(clients)
while waiting:
    readable, writable, _ = select.select(
        waiting, [s for s in waiting if clients[s][0] < len(data)], [], 10)
    assert readable or writable
    for s in writable:
        start = clients[s][0]
        clients[s][0] += s.send(data[start:start + random.randrange(1, 9000)])
    for s in readable:
        part = s.recv(random.randrange(1, 9000))
        start = clients[s][1]
        assert part and part == data[start:start + len(part)]
        clients[s][1] += len(part)
        if clients[s][1] == len(data):
            waiting.remove(s)
            s.close()
say("done")
`,
    port,
  );
  assertEquals(await clients.rest(), "done\n");
  // A client that resets its connection doesn't affect later clients.
  await using rude = python(
    `
s = socket.create_connection(("localhost", int(args[0])))
s.send(b"x")
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
s.close()
s = socket.create_connection(("localhost", int(args[0])))
s.send(b"polite")
say(s.recv(100))
`,
    port,
  );
  assertEquals(await rude.rest(), "b'polite'\n");
});

testWithPython(
  "a client that resets before it is accepted is skipped",
  async () => {
    using server = socket.create_server(["127.0.0.1", 0]);
    const [host, port] = server.getsockname() as [string, number];
    await using peer = python(
      `
for line in sys.stdin:
    for _ in range(3):
        s = socket.create_connection((args[0], int(args[1])))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
    s = socket.create_connection((args[0], int(args[1])))
    say(s.getsockname()[1])
`,
      host,
      port,
    );
    const p = select.poll();
    p.register(server, POLLIN);
    for (
      const wait of [
        () => null,
        () => p.poll(),
        () => select.select([server], [], []),
      ]
    ) {
      await peer.say("go");
      const last = Number(await peer.line());
      await wait();
      // A read finds that the connection accepted ahead was reset.
      for (;;) {
        const [conn, [, from]] = await server.accept();
        if (from !== last) await rejects(errno.ECONNRESET, conn.recv(1));
        conn.close();
        if (from === last) break;
      }
    }
  },
);

testWithNetcat("nc talks to select_server.ts", async () => {
  const [server, port] = await serve("select_server.ts", "localhost");
  await using _server = server;
  await using one = new Peer("nc", ["127.0.0.1", port]);
  await using two = new Peer("nc", ["127.0.0.1", port]);
  for (const line of ["Hello", "Grüße", "bye"]) {
    await one.say(line);
    await two.say(line.toUpperCase());
    assertEquals(await two.line(), line.toUpperCase());
    assertEquals(await one.line(), line);
  }
});

testWithPython("Python's poll client talks to select_server.ts", async () => {
  const [server, port] = await serve("select_server.ts", "localhost");
  await using _server = server;
  await using client = python(PYTHON_POLL_CLIENT, port);
  assertEchoed(await client.rest());
});

testWithPython("poll_client.ts talks to Python's select server", async () => {
  await using server = python(PYTHON_SELECT_SERVER);
  const port = await server.line();
  await using client = await example("poll_client.ts", "localhost", port);
  assertEchoed(await client.rest());
});

test("poll_client.ts talks to select_server.ts", async () => {
  const [server, port] = await serve("select_server.ts", "localhost");
  await using _server = server;
  await using client = await example("poll_client.ts", "localhost", port);
  assertEchoed(await client.rest());
});

test("poll_client.ts reports a refused connection", async () => {
  const port = getAvailablePort();
  await using client = await example("poll_client.ts", "127.0.0.1", port);
  assertEquals(await client.rest(), "Connection lost\n".repeat(2));
});

testWithPython(
  "many sockets of one poll talk to Python's select server",
  async () => {
    await using server = python(PYTHON_SELECT_SERVER);
    const port = Number(await server.line());
    const size = 20_000;
    const clients = new Map<
      socket.Socket,
      { sent: number; received: number }
    >();
    const p = select.poll<socket.Socket>();
    for (let i = 0; i < 50; i++) {
      const s = socket.socket();
      s.setblocking(false);
      p.register(s, POLLOUT);
      const code = await s.connect_ex(["127.0.0.1", port]);
      assertEquals(code, errno.EINPROGRESS);
      clients.set(s, { sent: 0, received: 0 });
    }
    const data = pattern(size + 251);
    for await (const ready of p) {
      for (const [s, event] of ready) {
        const state = clients.get(s)!;
        if (event & POLLOUT) {
          // In pieces, so that all take turns.
          const piece = data.subarray(
            state.sent,
            Math.min(state.sent + 997, size),
          );
          state.sent += await s.send(piece);
          p.modify(s, state.sent < size ? POLLIN | POLLOUT : POLLIN);
        }
        if (event & POLLIN) {
          const part = await s.recv(4096);
          assert(part.length > 0);
          const { received } = state;
          assertEquals(part, data.slice(received, received + part.length));
          state.received += part.length;
          if (state.received === size) {
            p.unregister(s);
            s.close();
            clients.delete(s);
          }
        }
      }
      if (clients.size === 0) break;
    }
  },
);

testWithNetcat(
  "clients of chat_server.ts receive each other's lines",
  async () => {
    const [server, port] = await serve("chat_server.ts", "127.0.0.1");
    await using _server = server;
    const guest = () => new Peer("nc", ["127.0.0.1", port]);
    await using ada = guest();
    assertEquals(await ada.line(), "What is your name?");
    await using bob = guest();
    assertEquals(await bob.line(), "What is your name?");
    await ada.say("Ada");
    assertEquals(await ada.line(), "Welcome, Ada. Here: Ada.");
    await bob.say("Ada");
    assertEquals(await bob.line(), "Please choose another name.");
    await bob.say("Bob");
    assertEquals(await bob.line(), "Welcome, Bob. Here: Ada, Bob.");
    assertEquals(await ada.line(), "Bob has come.");
    await bob.say("Hello, all");
    assertEquals(await ada.line(), "Bob: Hello, all");
    await ada.say("Grüße");
    assertEquals(await bob.line(), "Ada: Grüße");
    {
      // A client that never gives a name receives nothing.
      await using _shy = guest();
      await ada.say("still there?");
      assertEquals(await bob.line(), "Ada: still there?");
    }
    await ada[Symbol.asyncDispose]();
    assertEquals(await bob.line(), "Ada has left.");
  },
);
