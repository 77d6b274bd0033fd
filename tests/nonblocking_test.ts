import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { nobody } from "./bound.ts";
import { hasPython } from "./oracle.ts";
import { python } from "./peer.ts";
import { persist, rejects } from "./raises.ts";
import { fill, pattern, receivePattern, text } from "./traffic.ts";
import { native, type Net, testEach, testTcp } from "./transports.ts";
import { events } from "./which.ts";

const { EAGAIN, EALREADY, ECONNREFUSED, EINPROGRESS, EISCONN } = errno;
const { POLLERR, POLLHUP, POLLIN, POLLOUT } = select;
const { MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL, SHUT_RDWR, SHUT_WR } = socket;

type Socket = socket.Socket;

/** Seconds: a time-out that passes. */
const SHORT = 0.01;

const ignore = !hasPython;

function errorOf(s: Socket): number {
  return s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR);
}

// Connecting

testEach("connecting without waiting, up to the connection", async (net) => {
  const server = net.listener();
  const address = server.getsockname();
  const client = net.socket();
  client.setblocking(false);
  const code = await client.connect_ex(address);
  // Within the machine there is nothing to wait for.
  assertEquals(code, net.nativeUnix ? 0 : EINPROGRESS);
  assertEquals(errorOf(client), 0);
  const p = select.poll();
  p.register(client, POLLOUT);
  assertEquals(events(await p.poll(), { client }), [["client", POLLOUT]]);
  assertEquals(errorOf(client), 0);
  // In Linux the call after the wait is the one that succeeds.
  if (native && !net.nativeUnix) await client.connect(address);
  await rejects(EISCONN, client.connect(address));
  assertEquals(await client.connect_ex(address), EISCONN);
  const accepted = await net.accept(server);
  assertEquals(accepted.getpeername(), client.getsockname());
});

testTcp("a connection under way is EALREADY", async (net) => {
  const server = net.listener(0);
  const address = server.getsockname();
  const clients: Socket[] = [];
  // A client waits for ever while the backlog is full.
  while (clients.length < 4) {
    const client = net.socket();
    client.setblocking(false);
    assertEquals(await client.connect_ex(address), EINPROGRESS);
    clients.push(client);
  }
  await net.tick();
  const waiting = clients.at(-1)!;
  for (let i = 0; i < 3; i++) {
    await rejects(EALREADY, waiting.connect(address));
    assertEquals(await waiting.connect_ex(address), EALREADY);
    await rejects(EAGAIN, waiting.recv(1));
    await rejects(EAGAIN, waiting.send("x"));
  }
  assertEquals(errorOf(waiting), 0);
  const lists = await select.select([waiting], [waiting], [waiting], 0);
  assertEquals(lists, [[], [], []]);
});

testTcp("a refused connection raises once", async (net) => {
  using refusing = await nobody();
  const { address } = refusing;
  const client = net.socket();
  client.setblocking(false);
  const p = select.poll();
  p.register(client, POLLIN | POLLOUT);
  for (let round = 0; round < 2; round++) {
    const code = await client.connect_ex(address);
    assertEquals(code, EINPROGRESS);
    const mask = POLLIN | POLLOUT | POLLERR | POLLHUP;
    assertEquals(events(await p.poll(), { client }), [["client", mask]]);
    if (round === 0) {
      await rejects(ECONNREFUSED, client.connect(address));
      assertEquals(errorOf(client), 0);
    }
  }
  assertEquals([errorOf(client), errorOf(client)], [ECONNREFUSED, 0]);
});

// Data that was read ahead

/** Two connected sockets; the second has read bytes ahead: `select()` said so. */
async function ahead(net: Net, data: string): Promise<[Socket, Socket]> {
  const [a, b] = await net.pair();
  await a.sendall(data);
  assertEquals((await select.select([b], [], [], 5))[0].length, 1);
  return [a, b];
}

const takers: Record<string, (s: Socket, count: number) => Promise<string>> = {
  "recv()": async (s, count) => text(await s.recv(count)),
  "recv_into()": async (s, count) => {
    const buffer = new Uint8Array(count);
    return text(buffer.subarray(0, await s.recv_into(buffer)));
  },
  "recv(MSG_WAITALL)": async (s, count) =>
    text(await s.recv(count, MSG_WAITALL)),
  "recv(MSG_DONTWAIT)": async (s, count) =>
    text(await s.recv(count, MSG_DONTWAIT)),
  "recv() after a MSG_PEEK": async (s, count) => {
    const peeked = text(await s.recv(count, MSG_PEEK));
    assertEquals(text(await s.recv(count)), peeked);
    return peeked;
  },
  "recv() with a time-out": async (s, count) => {
    s.settimeout(5);
    return text(await s.recv(count));
  },
  "a non-blocking recv()": async (s, count) => {
    s.setblocking(false);
    return text(await s.recv(count));
  },
};

for (const [name, take] of Object.entries(takers)) {
  testEach(`bytes that were read ahead are there for ${name}`, async (net) => {
    const [a, b] = await ahead(net, "abcdef");
    assertEquals(await take(b, 2), "ab");
    assertEquals(await take(b, 3), "cde");
    assertEquals(text(await b.recv(10)), "f");
    // And when the read ahead is still under way.
    assertEquals((await select.select([b], [], [], 0))[0], []);
    await a.sendall("ghi");
    assertEquals(await persist(() => take(b, 3)), "ghi");
  });
}

const disturbances: Record<
  string,
  (a: Socket, b: Socket) => void | Promise<unknown>
> = {
  "a switch of mode": (_, b) => {
    for (const timeout of [0, null, 5]) b.settimeout(timeout);
  },
  "SHUT_WR": (_, b) => b.shutdown(SHUT_WR),
  "SHUT_WR of the peer": (a) => a.shutdown(SHUT_WR),
  "close() of the peer": (a) => a.close(),
  "SHUT_RDWR": (_, b) => b.shutdown(SHUT_RDWR),
  "a smaller SO_RCVBUF": (_, b) =>
    b.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024),
  "a dup()": (_, b) => b.dup().close(),
  "select()": (_, b) => select.select([b], [b], [b], 0),
  "sending": (_, b) => b.send("back"),
};

for (const [name, disturb] of Object.entries(disturbances)) {
  testEach(`bytes that were read ahead outlast ${name}`, async (net) => {
    const [a, b] = await ahead(net, "x".repeat(2000) + "y");
    await disturb(a, b);
    const received = await b.recv(2001, MSG_WAITALL);
    assertEquals(text(received), "x".repeat(2000) + "y");
  });
}

testEach("a time-out in between loses no bytes", async (net) => {
  const [a, b] = await ahead(net, "ab");
  assertEquals(text(await b.recv(2)), "ab");
  const p = select.poll();
  p.register(b, POLLIN);
  b.settimeout(SHORT);
  await rejects(null, b.recv(1));
  await rejects(null, b.recv_into(new Uint8Array(10)));
  assertEquals(await p.poll(1), []);
  b.settimeout(5);
  await a.sendall("cd");
  assertEquals(text(await b.recv(1)), "c");
  assertEquals(events(await p.poll(), { b }), [["b", POLLIN]]);
  b.settimeout(null);
  assertEquals(text(await b.recv(10)), "d");
});

testEach("an EAGAIN in between loses no bytes", async (net) => {
  const [a, b] = await net.pair();
  b.setblocking(false);
  for (const part of ["a", "bc", "def"]) {
    await rejects(EAGAIN, b.recv(10));
    await rejects(EAGAIN, b.recv_into(new Uint8Array(10)));
    await rejects(EAGAIN, b.recv(10, MSG_PEEK));
    await a.sendall(part);
    assertEquals(text(await persist(() => b.recv(10))), part);
  }
  a.close();
  assertEquals(await persist(() => b.recv(10)), new Uint8Array(0));
});

testEach("a waiting call and poll() share the arriving bytes", async (net) => {
  const [a, b] = await net.pair();
  const p = select.poll();
  p.register(b, POLLIN);
  assertEquals(await p.poll(0), []);
  // The read ahead is under way; these come after it.
  const buffer = new Uint8Array(2);
  const calls = [b.recv(2).then(text), b.recv_into(buffer)];
  assert(await net.waits(Promise.race(calls)));
  await a.sendall("abcde");
  assertEquals(await Promise.all(calls), ["ab", 2]);
  assertEquals(text(buffer), "cd");
  assertEquals(events(await p.poll(), { b }), [["b", POLLIN]]);
  assertEquals(text(await b.recv(10)), "e");
  assertEquals(await p.poll(0), []);
});

// Sending

testEach("send() returns how much it took, and that arrives", async (net) => {
  const [a, b] = await net.pair();
  a.setblocking(false);
  const size = 64 * 1024 * 1024;
  const sent = await a.send(pattern(size));
  assertGreater(sent, 0);
  assertLess(sent, size);
  await receivePattern(b, sent);
  const p = select.poll();
  p.register(a, POLLOUT);
  assertEquals(events(await p.poll(), { a }), [["a", POLLOUT]]);
  const more = await a.send(pattern(100, sent));
  assertEquals(more, 100);
  a.shutdown(SHUT_WR);
  assertEquals(await b.recv(200, MSG_WAITALL), pattern(100, sent));
});

testEach("queued bytes are sent before later ones", async (net) => {
  const [a, b] = await net.pair();
  a.setblocking(false);
  let sent = await fill(a);
  const total = sent + 1_100_001 + 2000;
  a.setblocking(true);
  const sending = (async () => {
    for (const size of [1, 100_000, 1_000_000]) {
      await a.sendall(pattern(size, sent));
      sent += size;
    }
    sent += await a.send(pattern(1000, sent));
    a.setblocking(false);
    sent += await a.send(pattern(1000, sent));
    a.close();
  })();
  assert(await net.waits(sending));
  await receivePattern(b, total);
  await sending;
  assertEquals(sent, total);
  assertEquals((await b.recv(1)).length, 0);
});

testEach(
  "sendall() follows the mode when the connection is full",
  async (net) => {
    const [a, b] = await net.pair();
    a.setblocking(false);
    const sent = await fill(a);
    await rejects(EAGAIN, a.sendall("x"));
    a.settimeout(SHORT);
    await rejects(null, a.sendall("x"));
    a.settimeout(null);
    const sending = a.sendall(pattern(3, sent));
    assert(await net.waits(sending));
    await receivePattern(b, sent + 3);
    await sending;
  },
);

// Loops that never wait

/** Connects; sends, reads or ends as it is told to. */
const PEER = `
peer = socket.create_connection((args[0], int(args[1])))
for line in sys.stdin:
    words = line.split()
    if words[0] == "send": peer.sendall(b"x" * int(words[1]))
    elif words[0] == "read":
        count = int(words[1])
        while count > 0: count -= len(peer.recv(min(count, 65536)))
        say("read")
    elif words[0] == "end": peer.shutdown(socket.SHUT_WR)
`;

/** A socket connected with {@linkcode PEER}. */
async function withPeer(
  net: Net,
  use: (s: Socket, peer: ReturnType<typeof python>) => Promise<void>,
): Promise<void> {
  const server = net.listener();
  const [host, port] = server.getsockname() as [string, number];
  await using peer = python(PEER, host, port);
  await use(await net.accept(server), peer);
}

/** Repeats a call without other waits; how often it would have blocked. */
async function insist(attempt: () => Promise<boolean>): Promise<number> {
  for (let tries = 0;; tries++) {
    try {
      if (await attempt()) return tries;
    } catch (error) {
      if (!(error instanceof socket.BlockingIOError)) throw error;
    }
    assertLess(tries, 1_000_000);
  }
}

testTcp("a loop that only tries accept() ends", async (net) => {
  const server = net.listener();
  server.setblocking(false);
  const [host, port] = server.getsockname() as [string, number];
  await using _peer = python(PEER, host, port);
  const tries = await insist(async () =>
    !!net.track((await server.accept())[0])
  );
  assertGreater(tries, 0);
}, { ignore });

testTcp("a loop that only tries recv() ends", async (net) => {
  await withPeer(net, async (s, peer) => {
    s.setblocking(false);
    const heard = peer.say("send 3");
    let received = 0;
    const tries = await insist(async () => {
      received += (await s.recv(1)).length;
      return received === 3;
    });
    assertGreater(tries, 0);
    await heard;

    const buffer = new Uint8Array(10);
    await rejects(EAGAIN, s.recv_into(buffer));
    const again = peer.say("send 1");
    await insist(async () => await s.recv_into(buffer, 0, MSG_PEEK) === 1);
    await insist(async () => await s.recv_into(buffer) === 1);
    await again;
    const end = peer.say("end");
    await insist(async () => (await s.recv(10)).length === 0);
    await end;
  });
}, { ignore });

testTcp("a loop that only tries MSG_DONTWAIT ends", async (net) => {
  await withPeer(net, async (s, peer) => {
    const heard = peer.say("send 1");
    await insist(async () => (await s.recv(1, MSG_DONTWAIT)).length === 1);
    await heard;
  });
}, { ignore });

testTcp("a loop that only tries send() ends", async (net) => {
  await withPeer(net, async (s, peer) => {
    s.setblocking(false);
    const sent = await fill(s);
    const heard = peer.say(`read ${sent}`);
    await insist(async () => await s.send("x") === 1);
    await heard;
    assertEquals(await peer.line(), "read");
  });
}, { ignore });

testTcp("loops that only poll end", async (net) => {
  await withPeer(net, async (s, peer) => {
    const [quiet] = await net.pair();
    const selecting = peer.say("send 1");
    await insist(async () => {
      const [readable] = await select.select([s, quiet], [], [], 0);
      return readable.length > 0;
    });
    await selecting;
    await s.recv(1);

    // Also if every look finds an event.
    const p = select.poll();
    p.register(s, POLLIN | POLLOUT);
    p.register(quiet, POLLIN | POLLOUT);
    const polling = peer.say("send 1");
    await insist(async () =>
      (await p.poll(0)).some(([, mask]) => mask & POLLIN)
    );
    await polling;
    await s.recv(1);
    using ep = select.epoll();
    ep.register(s, POLLIN);
    const epolling = peer.say("send 1");
    await insist(async () => (await ep.poll(0)).length > 0);
    await epolling;
  });
}, { ignore });
