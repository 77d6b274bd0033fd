import { assertEquals, assertGreater, assertInstanceOf } from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { openDescriptor } from "../socket/descriptors.ts";
import { test } from "./cases.ts";
import { MemorySocket } from "./memory_system.ts";
import { MemoryEndpoint } from "./memory_transport.ts";
import { rejects } from "./raises.ts";
import { relayed, session } from "./relay.ts";
import { pattern, receivePattern, text } from "./traffic.ts";

// Readiness may turn out wrong: another holder of the descriptor was faster.

const { POLLIN, POLLOUT } = select;
const { AF_INET, MSG_PEEK, MSG_WAITALL, SOCK_STREAM } = socket;

type Socket = socket.Socket;

function socketOf(endpoint: MemoryEndpoint): Socket {
  return socket.socket(-1, -1, -1, openDescriptor(endpoint));
}

function created(): MemoryEndpoint {
  return new MemoryEndpoint(new MemorySocket(AF_INET, SOCK_STREAM));
}

/** Two sockets on which every `lies`-th try to receive comes too late. */
function pair(lies: number): [Socket, Socket] {
  const [a, b] = MemoryEndpoint.pair(SOCK_STREAM);
  a.lies = b.lies = lies;
  return [socketOf(a), socketOf(b)];
}

for (const lies of [2, 3, 4, 5]) {
  test(`calls wait on when one in ${lies} comes too late`, async () => {
    const [a, b] = pair(lies);
    const buffer = new Uint8Array(8);
    for (const timeout of [null, 10]) {
      b.settimeout(timeout);
      for (let i = 0; i < 2 * lies; i++) {
        await a.send("one");
        assertEquals(text(await b.recv(1, MSG_PEEK)), "o");
        assertEquals(text(await b.recv(2)), "on");
        assertEquals(await b.recv_into(buffer), 1);
        await a.send("four");
        assertEquals(text((await b.recvmsg(4))[0]), "four");
      }
      const all = b.recv(6, MSG_WAITALL);
      for (const part of ["ab", "cd", "ef"]) await a.send(part);
      assertEquals(text(await all), "abcdef");
    }
    b.setblocking(false);
    const error = await rejects(errno.EAGAIN, b.recv(1));
    assertInstanceOf(error, socket.BlockingIOError);
    a.close();
    b.close();
  });

  test(`sendall() and accept() wait on, too: one in ${lies}`, async () => {
    const listener = created();
    listener.lies = lies;
    const server = socketOf(listener);
    server.bind(["127.0.0.1", 0]);
    server.listen(lies);
    for (let i = 0; i < lies; i++) {
      const client = socketOf(created());
      const accepting = server.accept();
      await client.connect(server.getsockname());
      const [conn] = await accepting;
      const size = 1 << 20;
      await Promise.all([
        client.sendall(pattern(size)),
        receivePattern(conn, size),
      ]);
      client.close();
      conn.close();
    }
    server.close();
  });

  test(`select() and poll() go on: one in ${lies}`, async () => {
    const [a, b] = pair(lies);
    b.setblocking(false);
    const p = select.poll<Socket>();
    p.register(b, POLLIN);
    using ep = select.epoll<Socket>();
    ep.register(b, select.EPOLLIN | select.EPOLLET);
    const waits = [
      () => p.poll(),
      () => select.select([b], [], []),
      () => ep.poll(),
    ];
    for (const wait of waits) {
      for (let i = 0; i < 2 * lies; i++) {
        await a.send("x");
        for (let received = 0; received === 0;) {
          await wait();
          try {
            received = (await b.recv(1)).length;
          } catch (error) {
            assertInstanceOf(error, socket.BlockingIOError);
          }
        }
      }
    }
    p.modify(b, POLLIN | POLLOUT);
    assertEquals(await p.poll(0), [[b, POLLOUT]]);
    a.close();
    b.close();
  });
}

// One in 2 or 3 would hit every try to take bytes that were seen.
for (const lies of [4, 5, 7]) {
  test(`lines and reads are whole when one in ${lies} comes too late`, async () => {
    const [a, b] = pair(lies);
    const lines = Array.from({ length: 20 }, (_, i) => `line ${i}\n`);
    const sending = (async () => {
      for (const line of lines) {
        await a.send(line.slice(0, 3));
        await a.send(line.slice(3));
      }
      await a.sendall("rest");
      a.shutdown(socket.SHUT_WR);
    })();
    for (const line of lines.slice(0, 10)) {
      assertEquals(text((await b.readline())!), line);
    }
    for (const line of lines.slice(10)) {
      assertEquals(text((await b.read(line.length))!), line);
    }
    await sending;
    assertEquals(text((await b.read())!), "rest");
    a.close();
    b.close();
  });
}

// Reactors

test("one call of their reactor answers for all its sources", async () => {
  let calls = 0;
  let now = 0;
  const reactor = {
    settle() {
      calls++;
      now = POLLIN;
      return Promise.resolve();
    },
  };
  const watches = new Set<select.Watch>();
  const source: () => select.Source = () => ({
    reactor,
    get readiness() {
      return now;
    },
    watch: (watch) => void watches.add(watch),
    unwatch: (watch) => void watches.delete(watch),
  });
  const objects = Array.from({ length: 1000 }, () => {
    const own = source();
    return { [select.readiness]: own };
  });
  const [readable] = await select.select(objects, [], [], 0);
  assertEquals([readable.length, calls], [1000, 1]);

  now = 0;
  const p = select.poll();
  for (const object of objects) p.register(object, POLLIN);
  const polling = p.poll(0).then((events) => events);
  for (const watch of watches) queueMicrotask(() => watch.wake());
  assertGreater((await polling).length, 0);
  assertEquals(calls, 2);
  for (const object of objects) p.unregister(object);
  await p.poll(0);
  assertEquals([calls, watches.size], [2, 0]);
});

test("settling a socket that was lent back and forth ends", async () => {
  await using _session = session();
  using server = socket.create_server(["127.0.0.1", 0]);
  using client = relayed(AF_INET, SOCK_STREAM, 3);
  await client.connect(server.getsockname());
  const [conn] = await server.accept();
  assertEquals(await select.select([client], [], [], 0), [[], [], []]);
  await conn.send("x");
  const [readable] = await select.select([client], [], [], 5);
  assertEquals(readable, [client]);
  conn.close();
});
