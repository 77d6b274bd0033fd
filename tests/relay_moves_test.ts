import { assert, assertEquals } from "@std/assert";
import { errno, select, socket, thread } from "../mod.ts";
import { terminate } from "../thread/pool.ts";
import { testRelay } from "./cases.ts";
import { loadInWorker } from "./load_in_worker.ts";
import * as moves from "./programs/moves.ts";
import { step, steps, taken } from "./programs/steps.ts";
import { pattern, text } from "./traffic.ts";
import { Net, transports } from "./transports.ts";
import { Udp } from "./udp.ts";

const { start_new_thread } = thread;
const here = { module: new URL("programs/moves.ts", import.meta.url) };
await loadInWorker(here.module);

/** Seconds to wait for a thread's report; the thread itself waits less. */
const PATIENCE = 5;

/** A test whose workers end with it. */
function testMove(name: string, fn: (net: Net) => Promise<void>): void {
  testRelay(name, async () => {
    await using net = new Net(transports[0]);
    try {
      await fn(net);
    } finally {
      await terminate();
    }
  });
}

/** A queue for the reports of threads, and the next report. */
function listen(): [told: moves.Told, next: () => Promise<string>] {
  const told: moves.Told = new thread.SimpleQueue();
  return [told, () => told.get(true, PATIENCE)];
}

/** A connection that a thread gave back with these bytes unread. */
async function back(
  net: Net,
  bytes: Uint8Array<ArrayBuffer>,
  room?: number,
): Promise<[client: socket.Socket, conn: socket.Socket]> {
  const [client, conn] = await net.pair();
  if (room) conn.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room);
  await client.sendall(bytes);
  const queue = new thread.SimpleQueue<socket.Socket>();
  start_new_thread(moves.giveBack, [conn, queue], null, here);
  return [client, net.track(await queue.get())];
}

testMove("bytes that arrive late keep their order", async (net) => {
  const [client, conn] = await net.pair();
  const [told, next] = listen();
  const at = steps();
  start_new_thread(moves.handOnLate, [conn, 13, at, told], null, here);
  await taken(at, 1);
  for (const each of ["first, ", "second"]) {
    await client.sendall(each);
    // The first was asked for; the second waits where the socket stays.
    await net.tick();
  }
  step(at, 2);
  assertEquals(await next(), "first, second");
});

testMove("datagrams that come late keep their order", async () => {
  using udp = new Udp();
  const [from, to] = await udp.pair();
  // A few of them are on their way, the others wait where the socket stays.
  to.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 3000);
  const [told, next] = listen();
  const at = steps();
  const datagrams = ["a", "b", "c", "d", "e"].map((each) => each.repeat(1000));
  start_new_thread(moves.handOnLate, [to, 5000, at, told], null, here);
  await taken(at, 1);
  for (const each of datagrams) {
    await from.send(each);
    await udp.tick();
  }
  step(at, 2);
  assertEquals(await next(), datagrams.join(""));
});

testMove(
  "a stream goes from thread to thread while more comes",
  async (net) => {
    const [client, conn] = await net.pair();
    const [told, next] = listen();
    start_new_thread(moves.hop, [conn, 0, 100, told], null, here);
    const sending = (async () => {
      const bytes = pattern(3000 + 251);
      for (let sent = 0;; sent += 3000) {
        const from = sent % 251;
        await client.sendall(bytes.subarray(from, from + 3000));
        // Little is under way at a time, and there is room for more.
        await net.tick();
      }
    })().catch((error) => error);
    assertEquals(await next(), "whole");
    // The last thread leaves much unread.
    assert(await sending instanceof socket.OSError);
  },
);

for (const room of [undefined, 4096]) {
  for (const closes of [false, true]) {
    const name = `what came back is read by a share's thread, SO_RCVBUF ${
      room ?? "as it is"
    }, ${closes ? "closed" : "kept"} here`;
    testMove(name, async (net) => {
      const size = 500_000;
      const [client, conn] = await back(net, pattern(20), room);
      const [told, next] = listen();
      start_new_thread(
        moves.readPattern,
        [conn.dup(), size, told],
        null,
        here,
      );
      if (closes) conn.close();
      client.settimeout(PATIENCE);
      const sent = client.sendall(pattern(size - 20, 20)).catch(() => {});
      assertEquals(await next(), "whole");
      await sent;
    });
  }
}

testMove(
  "MSG_PEEK sees bytes that arrive behind returned ones",
  async (net) => {
    const [, conn] = await back(net, pattern(1600), 1024);
    conn.settimeout(1);
    // It came in parts, of which the last one isn't brought yet.
    assertEquals(await conn.recv(500), pattern(500));
    await net.tick();
    const middle = await conn.recv(1024);
    assertEquals(middle, pattern(middle.length, 500));
    await net.tick();
    assertEquals(
      await conn.recv(10, socket.MSG_PEEK),
      pattern(10, 500 + middle.length),
    );
  },
);

testMove("3 MB that were not read go on to another thread", async (net) => {
  const size = 3_000_000;
  const [client, conn] = await net.pair();
  conn.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20);
  const [told, next] = listen();
  start_new_thread(moves.handOnMuch, [conn, size, told], null, here);
  client.settimeout(PATIENCE);
  const sent = client.sendall(pattern(size)).catch(() => {});
  assertEquals(await next(), "whole");
  await sent;
});

testMove(
  "bytes on their way to a worker that dies go to the next",
  async (net) => {
    const [client, conn] = await net.pair();
    const [told, next] = listen();
    const at = steps();
    const options = { ...here, dedicated: true };
    start_new_thread(moves.handOnAndDie, [conn, at, told], null, options);
    await taken(at, 1);
    await client.sendall("late");
    client.shutdown(socket.SHUT_WR);
    await net.tick();
    step(at, 2);
    assertEquals(await next(), "late");
    const [client2, conn2] = await net.pair();
    start_new_thread(moves.read, [conn2, 5, told], null, here);
    await client2.sendall("still");
    assertEquals(await next(), "still");
  },
);

testMove(
  "a listener that came back keeps the accepted connections",
  async (net) => {
    const server = net.listener();
    const client = net.socket();
    await client.connect(server.getsockname());
    await client.sendall("hello");
    const queue = new thread.SimpleQueue<socket.Socket>();
    start_new_thread(moves.giveListenerBack, [server, queue], null, here);
    const back = net.track(await queue.get());
    // Accepted here too, but not taken.
    await select.select([back], [], []);
    const [told, next] = listen();
    start_new_thread(moves.acceptOne, [back, told], null, here);
    assertEquals(await next(), "hello");
  },
);

testMove(
  "a listener closes connections on the way to its thread",
  async (net) => {
    const server = net.listener();
    const client = net.socket();
    const address = server.getsockname();
    const at = steps();
    start_new_thread(moves.closeLate, [server, at], null, here);
    await taken(at, 1);
    await client.connect(address);
    await net.tick();
    step(at, 2);
    client.settimeout(1);
    const end = await client.recv(1).then(text, (error) => error.errno);
    assert(["", errno.ECONNRESET].includes(end), String(end));
  },
);
