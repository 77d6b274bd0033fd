import { assert, assertEquals } from "@std/assert";
import { errno, select, socket, thread } from "../mod.ts";
import { terminate } from "../thread/pool.ts";
import { test, testIf } from "./cases.ts";
import { loadInWorker } from "./load_in_worker.ts";
import { hasPython, isGnuLinux } from "./oracle.ts";
import { Peer, python } from "./peer.ts";
import { rejects } from "./raises.ts";
import * as states from "./programs/states.ts";
import { step, steps, taken } from "./programs/steps.ts";
import { receiveAll, text } from "./traffic.ts";
import { native, Net, transports } from "./transports.ts";
import { type Inet, Udp } from "./udp.ts";

const { start_new_thread } = thread;
const here = { module: new URL("programs/states.ts", import.meta.url) };
await loadInWorker(here.module);

/** Seconds to wait for a thread's report; the thread itself waits less. */
const PATIENCE = 5;

type Body = (net: Net) => Promise<void>;

/** A test of sockets that are lent to threads, whose workers end with it. */
function testThreads(name: string, fn: Body, condition = true): void {
  testIf(condition && !native, name, async () => {
    await using net = new Net(transports[0]);
    try {
      await fn(net);
    } finally {
      await terminate();
    }
  });
}

/** The same, if there is a Python. */
function testWithPeer(name: string, fn: Body): void {
  testThreads(name, fn, hasPython);
}

/** A queue for the reports of threads, and the next report. */
function listen(): [told: states.Told, next: () => Promise<unknown>] {
  const told: states.Told = new thread.SimpleQueue();
  return [told, () => told.get(true, PATIENCE)];
}

/** A Python client that sends, and resets the connection when it is told to. */
async function resetter(
  net: Net,
  says: string,
): Promise<[peer: Peer, conn: socket.Socket]> {
  const server = net.listener();
  const program = `
s = socket.create_connection(("127.0.0.1", int(args[0])))
${says}
sys.stdin.readline()
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
`;
  const peer = python(program, server.getsockname()[1] as number);
  return [peer, await net.accept(server)];
}

testThreads("a call is sent after the records of a full ring", async (net) => {
  const size = 200_000;
  const pairs = await Promise.all([1, 2, 3, 4, 5, 6, 7].map(() => net.pair()));
  const [told, next] = listen();
  const conns = pairs.map(([, conn]) => conn);
  const at = steps();
  start_new_thread(states.fillAndAsk, [conns, size, at, told], null, here);
  await taken(at, 1);
  const received = await Promise.all(pairs.map(async ([client]) => {
    client.settimeout(1);
    let sum = 0;
    for (;;) {
      const { length } = await client.recv(64 * 1024);
      if (length === 0) return sum;
      sum += length;
    }
  }));
  assertEquals(received, pairs.map(() => size));
  assertEquals(await next(), 0);
});

for (const way of states.ways) {
  testThreads(
    `a share that only writes takes no bytes (${way})`,
    async (net) => {
      const [client, conn] = await net.pair();
      const share = conn.dup();
      const at = steps();
      start_new_thread(states.writes, [share, way, at], null, here);
      await taken(at, 1);
      try {
        for (const each of ["first", "second"]) {
          await client.sendall(each);
          await net.tick();
          conn.settimeout(1);
          assertEquals(text(await conn.recv(100)), each);
        }
        client.settimeout(1);
        assertEquals(text(await client.recv(6)), "onetwo");
      } finally {
        step(at, 2);
      }
    },
  );
}

testThreads("a share that waits for room takes no bytes", async (net) => {
  const [client, conn] = await net.pair();
  const [told, next] = listen();
  const at = steps();
  const args = [conn.dup(), at, told] as const;
  start_new_thread(states.waitsForRoom, args, null, here);
  await taken(at, 1);
  await net.tick();
  await client.sendall("not for the thread");
  await net.tick();
  conn.settimeout(1);
  assertEquals(text(await conn.recv(100)), "not for the thread");
  conn.close();
  client.settimeout(PATIENCE);
  const received = (await receiveAll(client)).length;
  assertEquals(await next(), received);
});

testWithPeer("sending raises after a reset, as it does here", async (net) => {
  const [told, next] = listen();
  const seen: unknown[] = [];
  for (const inThread of [false, true]) {
    const [peer, conn] = await resetter(net, "s.sendall(b'x' * 8192)");
    await using _ = peer;
    await peer.say();
    await peer.rest();
    await net.tick();
    const args = [conn, 8192, told] as const;
    if (inThread) start_new_thread(states.sendAfterReset, args, null, here);
    else await states.sendAfterReset(...args);
    seen.push(await next());
  }
  const expected = {
    seen: 8192,
    sent: errno.ECONNRESET,
    received: 8192,
    end: "the end",
  };
  assertEquals(seen, [expected, expected]);
});

testWithPeer(
  "poll() reports an error of data that could not be sent",
  async (net) => {
    const [told, next] = listen();
    const seen: unknown[] = [];
    for (const inThread of [false, true]) {
      const [peer, conn] = await resetter(net, "s.shutdown(socket.SHUT_WR)");
      await using _ = peer;
      const gone = steps();
      const args = [conn, gone, told] as const;
      if (inThread) start_new_thread(states.sendInVain, args, null, here);
      else void states.sendInVain(...args);
      assertEquals(await next(), "at the end");
      await peer.say();
      await peer.rest();
      await net.tick();
      step(gone, 1);
      seen.push(await next());
    }
    const events = select.POLLERR | select.POLLHUP;
    const expected = { end: 0, sent: 1, events, error: errno.EPIPE };
    assertEquals(seen, [expected, expected]);
  },
);

testThreads("a share gets datagrams after it failed to send one", async () => {
  using udp = new Udp();
  const s = udp.bound();
  const from = udp.bound();
  const [told, next] = listen();
  const args = [s.dup(), 3, told] as const;
  start_new_thread(states.receiveAfterFailure, args, null, here);
  assertEquals(await next(), "ready");
  for (const each of ["one", "two", "three"]) {
    await from.sendto(each, s.getsockname());
    assertEquals(await next(), each);
  }
});

testThreads("IP_MULTICAST_IF goes along with an unused socket", async () => {
  const s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  const [level, name] = [socket.IPPROTO_IP, socket.IP_MULTICAST_IF];
  s.setsockopt(level, name, socket.inet_aton("127.0.0.1"));
  const value = s.getsockopt(level, name);
  const [told, next] = listen();
  start_new_thread(states.option, [s, level, name, told], null, here);
  assertEquals(await next(), value);
});

testThreads("a membership goes along with an unused socket", async () => {
  using udp = new Udp();
  const [group, loopback] = ["239.77.1.9", socket.inet_aton("127.0.0.1")];
  const from = udp.bound();
  from.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, loopback);
  const s = udp.unbound();
  s.setsockopt(
    socket.IPPROTO_IP,
    socket.IP_ADD_MEMBERSHIP,
    Uint8Array.of(...socket.inet_aton(group), ...loopback),
  );
  const [told, next] = listen();
  start_new_thread(states.receiveAnywhere, [s, told], null, here);
  const to: Inet = [group, await next() as number];
  await from.sendto("to the group", to);
  assertEquals(await next(), "to the group");
});

test("a listener goes on after it had no descriptor left", async () => {
  const program = new URL("programs/descriptors.ts", import.meta.url).pathname;
  await using peer = new Peer("sh", [
    ...["-c", 'ulimit -n 64 && exec "$@"', "sh", Deno.execPath(), "run"],
    ...["--quiet", "--no-prompt", "--allow-net=127.0.0.1", "--allow-read"],
    program,
  ]);
  const port = Number(await peer.line());
  using client = await socket.create_connection(["127.0.0.1", port]);
  assertEquals(await peer.line(), "[Errno 24] Too many open files");
  assertEquals(text(await client.recv(100)), "accepted");
  assertEquals(await peer.rest(), "");
});

testThreads("a listener whose owner died keeps failing", async (net) => {
  const given = new thread.SimpleQueue<socket.Socket>();
  const at = steps();
  start_new_thread(states.listenAndDie, [given, at], null, here);
  const server = net.track(await given.get());
  server.settimeout(1);
  const accepting = rejects(errno.ECONNRESET, server.accept());
  step(at, 1);
  await accepting;
  await rejects(errno.ECONNRESET, server.accept());
  await rejects(errno.ECONNRESET, server.accept());
});

testThreads(
  "a connecting socket fails when its owner dies",
  async (net) => {
    // The backlog is full.
    await using peer = python(`
full = socket.create_server(("127.0.0.1", 0), backlog=0)
waiting = [socket.socket() for _ in range(3)]
for s in waiting:
    s.setblocking(False)
    s.connect_ex(full.getsockname())
say(full.getsockname()[1])
sys.stdin.readline()
`);
    const address: Inet = ["127.0.0.1", Number(await peer.line())];
    const given = new thread.SimpleQueue<socket.Socket>();
    const at = steps();
    start_new_thread(states.connectAndDie, [given, at, address], null, here);
    const s = net.track(await given.get());
    const p = select.poll<socket.Socket>();
    p.register(s, select.POLLOUT);
    assertEquals(await p.poll(0), []);
    const polling = p.poll(1000);
    step(at, 1);
    const [event] = await polling;
    assert(event, "poll() timed out");
    assert(event[1] & select.POLLERR, String(event[1]));
    const error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR);
    assertEquals(error, errno.ECONNRESET);
  },
  // Elsewhere a listener that has no room refuses.
  isGnuLinux,
);
