import {
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { isGnuLinux } from "./oracle.ts";
import { type Peer, python } from "./peer.ts";
import { rejects } from "./raises.ts";
import { fill, pattern, receivePattern } from "./traffic.ts";
import { native, type Net, testEach, testTcp } from "./transports.ts";
import { events } from "./which.ts";

const { POLLIN, POLLOUT } = select;
const { SO_RCVBUF, SO_SNDBUF, SOL_SOCKET } = socket;

type Socket = socket.Socket;

/** Bytes that a socket may keep each way, unless it is told otherwise. */
const LIMIT = 256 * 1024;

/**
 * `fill` sends until the connection is full, and prints how many bytes it took.
 * `queues` prints how many bytes the system keeps for the end of a connection
 * with that local and that remote port: the ones not yet sent or acknowledged,
 * and the unread ones.
 */
const PEER = `
import select, time
peer = socket.create_connection((args[0], int(args[1])))
peer.setblocking(False)
data = bytes(range(251)) * 300
total = 0

def fill():
    global total
    while True:
        try:
            while True:
                start = total % 251
                total += peer.send(data[start:start + 65536])
        except BlockingIOError: pass
        if not select.select([], [peer], [], 0.05)[1]: return total

def queues(*ports):
    with open("/proc/net/tcp") as table:
        next(table)
        for line in table:
            fields = line.split()
            ends = tuple(int(fields[i].split(":")[1], 16) for i in (1, 2))
            if ends == ports: return [int(n, 16) for n in fields[4].split(":")]

def settled(*ports):
    # An acknowledgement may be late by 40 ms.
    before, same = None, 0
    while same < 6:
        time.sleep(0.01)
        now = queues(*ports)
        same = same + 1 if now == before else 0
        before = now
    return now

for line in sys.stdin:
    command, *ports = line.split()
    if command == "fill": say(fill())
    elif command == "queues": say(*settled(*map(int, ports)))
    elif command == "read":
        count = int(ports[0])
        peer.setblocking(True)
        while count > 0: count -= len(peer.recv(min(count, 65536)))
        peer.setblocking(False)
        say("read")
`;

/** A socket and the program that it is connected with. */
async function withPeer(
  net: Net,
  use: (s: Socket, peer: Peer) => Promise<void>,
): Promise<void> {
  const server = net.listener();
  const [host, port] = server.getsockname() as [string, number];
  await using peer = python(PEER, host, port);
  await use(await net.accept(server), peer);
}

/**
 * The number of bytes that the system keeps for a connection. Bytes that the
 * receiver has not yet acknowledged count twice, so it may be less.
 */
async function systemKeeps(
  peer: Peer,
  from: Socket,
  sends: boolean,
): Promise<number> {
  const [own, other] = [from.getsockname()[1], from.getpeername()[1]];
  const [sender, receiver] = sends
    ? [[own, other], [other, own]]
    : [[other, own], [own, other]];
  await peer.say(`queues ${sender.join(" ")}`);
  const [sending = NaN] = (await peer.line()).split(" ").map(Number);
  await peer.say(`queues ${receiver.join(" ")}`);
  const [, receiving = NaN] = (await peer.line()).split(" ").map(Number);
  return sending + receiving;
}

/** Has the peer send until it would block; how much it has sent so far. */
async function fillFrom(peer: Peer): Promise<number> {
  await peer.say("fill");
  return Number(await peer.line());
}

// The limits are those of the queues over Deno; the kernel has its own.
for (const limit of [LIMIT, 4096]) {
  testTcp(`no more than ${limit} bytes are read ahead`, async (net) => {
    await withPeer(net, async (s, peer) => {
      if (limit !== LIMIT) s.setsockopt(SOL_SOCKET, SO_RCVBUF, limit);
      const p = select.poll();
      p.register(s, POLLIN);
      let read = 0;
      // The first time nothing has been read; then all buffers have grown.
      for (let round = 0; round < 2; round++) {
        let sent = read;
        // The system takes more for a moment after it said that it is full.
        for (let before = -1; before < sent;) {
          before = sent;
          sent = await fillFrom(peer);
          for (let i = 0; i < 10; i++) {
            assertEquals(events(await p.poll(5000), { s }), [["s", POLLIN]]);
            assertEquals((await select.select([s], [s], [s], 5))[0].length, 1);
            await net.tick();
          }
        }
        const ahead = sent - read - await systemKeeps(peer, s, false);
        assertLessOrEqual(ahead, limit * net.queues);
        await receivePattern(s, sent - read, read);
        read = sent;
      }
    });
  }, { ignore: !isGnuLinux || native });

  testTcp(`no more than ${limit} bytes are queued`, async (net) => {
    await withPeer(net, async (s, peer) => {
      if (limit !== LIMIT) s.setsockopt(SOL_SOCKET, SO_SNDBUF, limit);
      s.setblocking(false);
      const p = select.poll();
      p.register(s, POLLOUT);
      let sent = 0;
      let kept = 0;
      // The system takes more for a moment after it said that it is full.
      for (let before = -1; before < sent;) {
        before = sent;
        for (let more = 1; more > 0; sent += more) {
          more = await fill(s);
          await net.tick();
        }
        kept = await systemKeeps(peer, s, true);
      }
      assertGreater(kept, 0);
      assertLessOrEqual(sent - kept, limit * net.queues);
      for (let i = 0; i < 10; i++) {
        await rejects(errno.EAGAIN, s.send("x"));
        await rejects(errno.EAGAIN, s.sendall("x"));
      }
      assertEquals(await p.poll(0), []);
      await peer.say(`read ${sent}`);
      assertEquals(await peer.line(), "read");
      assertEquals(events(await p.poll(5000), { s }), [["s", POLLOUT]]);
    });
  }, { ignore: !isGnuLinux || native });
}

testEach("a program that never reads stops the peer", async (net) => {
  const [a, b] = await net.pair();
  a.setblocking(false);
  const p = select.poll();
  p.register(b, POLLIN);
  let sent = 0;
  let more = 1;
  // Until there is no room even after a long time of polling.
  for (let rounds = 0; more > 0 || rounds < 5; rounds++) {
    more = await fill(a);
    sent += more;
    assertEquals(events(await p.poll(5000), { b }), [["b", POLLIN]]);
    await net.tick();
    assertLessOrEqual(rounds, 1000);
  }
  assertLessOrEqual(sent, 32 * 1024 * 1024);
  await rejects(errno.EAGAIN, a.send("x"));
  const lists = await select.select([], [a], [], 0);
  assertEquals(lists[1], []);
  a.setblocking(true);
  const rest = a.sendall(pattern(3, sent));
  // The pattern began anew with every round, so it isn't looked at.
  for (let received = 0; received < sent + 3;) {
    received += (await b.recv(1024 * 1024)).length;
  }
  await rest;
});

testTcp("a listener accepts at most one connection ahead", async (net) => {
  const backlog = 2;
  const server = net.listener(backlog);
  const p = select.poll();
  p.register(server, POLLIN);
  const clients = Array.from({ length: 10 }, () => net.socket());
  for (const client of clients) {
    client.setblocking(false);
    await client.connect_ex(server.getsockname());
  }
  for (let i = 0; i < 10; i++) {
    assertEquals(events(await p.poll(5000), { server }), [["server", POLLIN]]);
    await net.tick();
  }
  const [, connected] = await select.select([], clients, [], 0);
  // Linux lets in one more than the backlog.
  assertLessOrEqual(connected.length, backlog + 1 + 1);
  assertGreaterOrEqual(connected.length, 1);
}, { ignore: !isGnuLinux });

// As above: not the kernel's limits.

testEach("a small SO_SNDBUF limits how much send() takes", async (net) => {
  const [a, b] = await net.pair();
  a.setsockopt(SOL_SOCKET, SO_SNDBUF, 2048);
  a.setblocking(false);
  assertEquals(await a.send(pattern(10_000)), 2048);
  await receivePattern(b, 2048);
}, { ignore: native });

testEach("a small SO_RCVBUF limits how much is read ahead", async (net) => {
  const [a, b] = await net.pair();
  b.setsockopt(SOL_SOCKET, SO_RCVBUF, 1024);
  await a.sendall(pattern(10_000));
  assertEquals((await select.select([b], [], [], 5))[0].length, 1);
  b.setblocking(false);
  assertEquals(await b.recv(10_000), pattern(1024));
  b.setblocking(true);
  await receivePattern(b, 10_000 - 1024, 1024);
}, { ignore: native });

testEach("accepted sockets inherit the limits", async (net) => {
  const server = net.listener();
  server.setsockopt(SOL_SOCKET, SO_SNDBUF, 2048);
  server.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096);
  const client = net.socket();
  await client.connect(server.getsockname());
  const s = await net.accept(server);
  s.setblocking(false);
  assertEquals(await s.send(pattern(10_000)), 2048);
  await client.sendall(pattern(10_000));
  assertEquals((await select.select([s], [], [], 5))[0].length, 1);
  assertEquals((await s.recv(10_000)).length, 4096);
}, { ignore: native });
