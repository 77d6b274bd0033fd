import { assertEquals, assertMatch } from "@std/assert";
import { getAvailablePort } from "@std/net";
import { test } from "./cases.ts";
import { commandOf, pathOf } from "./example.ts";
import { interpreter } from "./oracle.ts";
import { Peer, python, testWithPython } from "./peer.ts";

/** Runs an example at a port. */
async function example(
  name: string,
  host: string,
  port: string | number,
): Promise<Peer> {
  const [command, ...args] = await commandOf(name, port);
  return new Peer(command, [...args, host, port]);
}

/** The tutorial's poll client, which ends once both connections have. */
const PYTHON_POLL_CLIENT = `
import _thread, errno, select
ended = _thread.allocate_lock()
ended.acquire()
def socket_thread(p, socks):
    while socks:
        for fd, event in p.poll():
            sock = socks[fd]
            if event & select.POLLOUT:
                sock.send(b'Data to send')
                p.modify(sock, select.POLLIN | select.POLLHUP | select.POLLERR)
            if event & select.POLLIN:
                r = sock.recv(1)
                if len(r) == 0:
                    p.unregister(sock)
                    del socks[fd]
                    sock.close()
                    continue
                say('Data received: ' + r.decode())
    ended.release()

p = select.poll()
socks = {}
for _ in range(2):
    s = socket.socket()
    s.setblocking(False)
    socks[s.fileno()] = s
    p.register(s, select.POLLIN | select.POLLOUT | select.POLLHUP | select.POLLERR)
    try:
        s.connect(('127.0.0.1', int(args[0])))
    except OSError as e:
        if e.args[0] != errno.EINPROGRESS: raise
_thread.start_new_thread(socket_thread, (p, socks))
ended.acquire()
`;

/** Runs thread_server.ts, and says at which port it listens. */
async function serve(): Promise<[server: Peer, port: number]> {
  const port = getAvailablePort();
  const server = await example("thread_server.ts", "127.0.0.1", port);
  assertMatch(await server.line(), new RegExp(`\\b${port}\\b`));
  return [server, port];
}

async function linesOf(peer: Peer, count: number): Promise<string[]> {
  const lines: string[] = [];
  while (lines.length < count) lines.push(await peer.line());
  return lines.toSorted();
}

testWithPython("thread_server.ts answers Python's clients", async () => {
  const [server, port] = await serve();
  await using _server = server;
  await using client = python(
    `
def connect(): return socket.create_connection(('127.0.0.1', int(args[0])))
def number(s):
    s.sendall(b'Hello, world')
    data = b''
    while chunk := s.recv(12): data += chunk
    s.close()
    return int(data)
# One at a time, at once and in another order, and one that says nothing.
print([number(connect()) for _ in range(3)])
socks = []
for _ in range(4): socks.append(connect())
print(sorted(number(s) for s in reversed(socks)))
s = connect(); s.shutdown(socket.SHUT_WR); print(s.recv(12)); s.close()
print(number(connect()))
`,
    port,
  );
  assertEquals(
    await client.rest(),
    "[0, 1, 2]\n[3, 4, 5, 6]\nb''\n8\n",
  );
  assertEquals(
    await linesOf(server, 8),
    Array(8).fill("Received: Hello, world"),
  );
});

testWithPython("thread_server.ts answers Python's poll client", async () => {
  const [server, port] = await serve();
  await using _server = server;
  await using client = python(PYTHON_POLL_CLIENT, port);
  assertEquals(
    await linesOf(client, 2),
    ["Data received: 0", "Data received: 1"],
  );
  assertEquals(await client.rest(), "");
  assertEquals(
    await linesOf(server, 2),
    Array(2).fill("Received: Data to send"),
  );
});

/** The output of poll_client.ts: numbers of a digit each, and the rest. */
async function polls(port: string | number): Promise<void> {
  await using client = await example("poll_client.ts", "127.0.0.1", port);
  assertEquals(
    (await client.rest()).match(/^Data received: .*$/gm)?.toSorted(),
    ["Data received: 0", "Data received: 1"],
  );
}

testWithPython("poll_client.ts talks to Python's threaded server", async () => {
  const file = pathOf("thread_server.py");
  // Without "-u", its output would be buffered.
  await using server = new Peer(interpreter, ["-u", file, "127.0.0.1", 0]);
  const [, port = ""] = /(\d+)\)$/.exec(await server.line())!;
  await polls(port);
  // Two threads may print both texts before either ends its line.
  assertEquals(
    (await linesOf(server, 2)).join(""),
    "Received: Data to send".repeat(2),
  );
});

test("poll_client.ts talks to thread_server.ts", async () => {
  const [server, port] = await serve();
  await using _server = server;
  await polls(port);
});
