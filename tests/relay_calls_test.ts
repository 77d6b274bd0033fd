import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { errno, select, socket, thread } from "../mod.ts";
import { AF_INET, SOCK_STREAM } from "../socket/constants.ts";
import { OSError } from "../socket/errors.ts";
import { createEndpoint } from "../socket/transport/deno/mod.ts";
import { ANSWER } from "../socket/link/link.ts";
import {
  answerTo,
  errorOf,
  reportOf,
} from "../socket/transport/relay/protocol.ts";
import { encode } from "../socket/link/json.ts";
import { terminate } from "../thread/pool.ts";
import { test, testRelay } from "./cases.ts";
import { loadInWorker } from "./load_in_worker.ts";
import * as relayed from "./programs/relayed.ts";
import type { Told } from "./programs/states.ts";
import { rejects, throws } from "./raises.ts";
import { pattern, receivePattern, text } from "./traffic.ts";
import { Net, transports } from "./transports.ts";
import { Udp } from "./udp.ts";

const { SHUT_RD, SHUT_RDWR, SHUT_WR } = socket;
const { start_new_thread } = thread;
const here = { module: new URL("programs/relayed.ts", import.meta.url) };
await loadInWorker(here.module);

/** Seconds to wait for a thread's report. */
const PATIENCE = 10;

/** A test whose workers end with it. */
function testThreads(name: string, fn: (net: Net) => Promise<void>): void {
  testRelay(name, async () => {
    await using net = new Net(transports[0]!);
    try {
      await fn(net);
    } finally {
      await terminate();
    }
  });
}

/** A queue for the reports of threads, and the next report. */
function listen(): [told: Told, next: () => Promise<unknown>] {
  const told: Told = new thread.SimpleQueue();
  return [told, () => told.get(true, PATIENCE)];
}

// Sending

for (
  const hows of [[], [SHUT_WR], [SHUT_RDWR], [SHUT_RD], [SHUT_WR, SHUT_WR]]
) {
  testThreads(
    `a thread leaves a peer that reads late, shutdown ${hows}`,
    async (net) => {
      const [client, conn] = await net.pair();
      const [told, next] = listen();
      start_new_thread(relayed.sendAndLeave, [conn, hows, told], null, here);
      const sent = await next() as number;
      assert(sent > 1 << 20);
      client.settimeout(PATIENCE);
      await receivePattern(client, sent);
      // The bytes that the thread left unread would reset the connection.
      assertEquals((await client.recv(1)).length, 0);
    },
  );
}

/** A connection that came back from a thread with this unread. */
async function back(
  net: Net,
  request: string,
  read: number,
): Promise<[client: socket.Socket, conn: socket.Socket]> {
  const [client, conn] = await net.pair();
  await client.sendall(request);
  if (read === Infinity) client.shutdown(SHUT_WR);
  const queue = new thread.SimpleQueue<socket.Socket>();
  start_new_thread(relayed.readSome, [conn, read, queue], null, here);
  return [client, net.track(await queue.get())];
}

for (const read of [3, Infinity]) {
  for (const timeout of [null, PATIENCE]) {
    const name = `what came back sends as much as it is given, ${
      read === 3 ? "something unread" : "at the end"
    }, time-out ${timeout}`;
    testThreads(name, async (net) => {
      const [client, conn] = await back(net, "request", read);
      const size = 3_000_000;
      conn.settimeout(timeout);
      client.settimeout(PATIENCE);
      const sending = conn.sendall(pattern(size)).then(() => conn.close());
      await receivePattern(client, size);
      await sending;
    });
  }
}

testThreads(
  "a socket that came back sends and receives at the same time",
  async (net) => {
    const [client, conn] = await back(net, "request", 3);
    assertEquals(text(await conn.recv(100)), "uest");
    const size = 2_000_000;
    const sending = [
      client.sendall(pattern(size)),
      conn.sendall(pattern(size)),
    ];
    const behind = conn.sendall("behind");
    await Promise.all([
      receivePattern(conn, size),
      receivePattern(client, size),
    ]);
    await Promise.all([...sending, behind]);
    conn.shutdown(SHUT_WR);
    assertEquals(text(await client.recv(100)), "behind");
    assertEquals((await client.recv(100)).length, 0);
  },
);

testThreads("a detached buffer fails its call alone", async (net) => {
  const pool = thread.pool_size(1);
  try {
    const [bystander, answering] = await net.pair();
    start_new_thread(relayed.answerAll, [answering], null, here);
    const [client, conn] = await net.pair();
    const [told, next] = listen();
    start_new_thread(relayed.detach, [conn, 8 << 20, told], null, here);
    for (let round = 0; round < 2; round++) {
      assertEquals(await next(), "detached");
      let tail = "";
      let total = 0;
      client.settimeout(PATIENCE);
      while (!tail.endsWith("next")) {
        const data = await client.recv(64 * 1024);
        assert(data.length > 0, `the end after ${total} bytes`);
        total += data.length;
        tail = text(data.subarray(-4));
      }
      assert(total < 8 << 20);
      assertStringIncludes(String(await next()), "TypeError: the buffer");
      assertEquals(await next(), undefined);
      await client.sendall(".");
    }
    await bystander.sendall("still there");
    assertEquals(text(await bystander.recv(100)), "still there");
  } finally {
    thread.pool_size(pool);
  }
});

testThreads(
  "a share stays open when another one has come back",
  async (net) => {
    const [client, conn] = await net.pair();
    const given = new thread.SimpleQueue<socket.Socket>();
    const back = new thread.SimpleQueue<socket.Socket>();
    const [told, next] = listen();
    const args = [conn, given, back, told] as const;
    start_new_thread(relayed.keepShare, args as never, null, here);
    await back.put(await given.get());
    assertEquals(await next(), undefined);
    assertEquals(text(await client.recv(100)), "still open");
  },
);

// Sizes

testThreads("arguments of any length reach another thread", async () => {
  using unix = socket.socket(socket.AF_UNIX);
  using tcp = socket.socket();
  const [told, next] = listen();
  const shares = [unix.dup(), tcp.dup()] as const;
  start_new_thread(relayed.tooLong, [...shares, told], null, here);
  // The error of a path that is too long has no number.
  const outcomes = [null, null, errno.ENOPROTOOPT, undefined, 1];
  assertEquals(await next(), outcomes);
});

test("an error of any length fits into the answer", () => {
  const endpoint = createEndpoint(AF_INET, SOCK_STREAM, 0);
  for (const words of ["a".repeat(100_000), "\0".repeat(100_000), "short"]) {
    endpoint.getsockopt = () => {
      throw new OSError(errno.EINVAL, words);
    };
    const answer = answerTo(endpoint, encode(["getsockopt", 1, 2, 4]));
    assert(encode(answer).length <= ANSWER);
    const error = errorOf(reportOf(new OSError(errno.EINVAL, words)));
    assertEquals(error.errno, errno.EINVAL);
    assertStringIncludes(words, error.strerror!.slice(0, 5));
  }
  endpoint.close();
});

// Sockets that a thread opened, in the main thread

testThreads(
  "calls that need the owner's thread fail in the main thread",
  async (net) => {
    const listener = net.listener();
    const address = listener.getsockname();
    const given = new thread.Queue<socket.Socket>();
    start_new_thread(relayed.open, [address, given], null, here);
    const take = async () => net.track(await given.get());
    const [stream, udp, newStream, newUdp] = [
      await take(),
      await take(),
      await take(),
      await take(),
    ];
    const conn = await net.accept(listener);
    const { SOL_SOCKET, SO_KEEPALIVE, SO_TYPE, SO_ACCEPTCONN } = socket;
    const all = [stream, udp, newStream, newUdp];
    for (const s of all) {
      for (
        const act of [
          () => s.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1),
          () => s.getsockopt(SOL_SOCKET, SO_KEEPALIVE),
        ]
      ) {
        const error = throws(errno.EOPNOTSUPP, act);
        assertStringIncludes(error.message, "the thread that opened");
      }
      assertEquals(s.getsockopt(SOL_SOCKET, SO_TYPE), s.type);
      assertEquals(s.getsockopt(SOL_SOCKET, SO_ACCEPTCONN), 0);
    }
    throws(errno.EOPNOTSUPP, () => newStream.bind(["127.0.0.1", 0]));
    throws(errno.EOPNOTSUPP, () => newStream.listen());
    throws(errno.EOPNOTSUPP, () => newUdp.bind(["127.0.0.1", 0]));
    // Nothing has become of it.
    assertEquals(newStream.getsockname()[1], 0);
    await rejects(errno.EINVAL, newStream.accept());
    throws(errno.EINVAL, () => stream.listen());

    // Asynchronous methods work.
    await newStream.connect(address);
    const other = await net.accept(listener);
    await newStream.sendall("connected");
    assertEquals(text(await other.recv(100)), "connected");
    assertEquals(newStream.getsockname(), other.getpeername());
    await stream.sendall("bytes");
    assertEquals(text(await conn.recv(100)), "bytes");
    await newUdp.connect(udp.getsockname());
    assertEquals(newUdp.getpeername(), udp.getsockname());
    await newUdp.send("datagram");
    const [data, from] = await udp.recvfrom(100);
    assertEquals(text(data), "datagram");
    assertEquals(newUdp.getsockname(), from);
    for (const _ of all) given.task_done();
  },
);

testThreads("a datagram socket has a port once it has sent", async () => {
  using udp = new Udp();
  const to = udp.bound();
  const s = udp.unbound();
  const [told, next] = listen();
  const args = [s.dup(), to.getsockname(), told] as const;
  start_new_thread(relayed.portAfterSending, args, null, here);
  assertEquals(await next(), ["0.0.0.0", 0]);
  const [, from] = await to.recvfrom(1);
  const [, port] = await next() as socket.Address;
  assertEquals(port, from![1]);
});

testThreads(
  "a refused connect() of a datagram socket raises the owner's error",
  async (net) => {
    // The owner refuses this address.
    const given = new thread.Queue<socket.Socket>();
    const address = net.listener().getsockname();
    start_new_thread(relayed.open, [address, given], null, here);
    const all: socket.Socket[] = [];
    for (let i = 0; i < 4; i++) all.push(net.track(await given.get()));
    const udp = all[3]!;
    await rejects(errno.EACCES, udp.connect(["255.255.255.255", 9]));
    throws(errno.ENOTCONN, () => udp.getpeername());
    const [, writable] = await select.select([], [udp], [], 0);
    assertEquals(writable, [udp]);
    for (const _ of all) given.task_done();
  },
);
