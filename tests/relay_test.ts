import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { errno, select, socket, thread } from "../mod.ts";
import { Link, linkMemory } from "../socket/link/link.ts";
import { Op } from "../socket/link/records.ts";
import { LONGEST_PAYLOAD, Ring, RING_BYTES } from "../socket/link/ring.ts";
import { turn } from "../socket/reactor/turn.ts";
import { LinkEnd } from "../thread/link_end.ts";
import { test, testRelay } from "./cases.ts";
import { throws } from "./raises.ts";
import { pattern, receiveAll, receivePattern, text } from "./traffic.ts";

const NEVER = () => false;

/** A record as a test writes it down. */
type Record = [op: Op, id: number, a: number, b: number, payload: number[]];

test("a ring returns the written records in order", () => {
  const record = fc.tuple(
    fc.integer({ min: 1, max: Op.Value }),
    fc.integer(),
    fc.integer(),
    fc.integer(),
    fc.oneof(
      fc.constant<number[]>([]),
      fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 }),
      fc.integer({ min: 1, max: LONGEST_PAYLOAD }).map((length) => [
        ...pattern(length),
      ]),
    ),
  );
  const batch = fc.array(record, { maxLength: 30 });
  const ring = new Ring(new SharedArrayBuffer(RING_BYTES), 0);
  fc.assert(
    fc.property(batch, (records: Record[]) => {
      const written: Record[] = [];
      for (const [op, id, a, b, payload] of records) {
        if (!ring.write(op, id, a, b, Uint8Array.from(payload))) break;
        written.push([op, id, a, b, payload]);
      }
      const read: Record[] = [];
      ring.read(
        (op, id, a, b, payload) => read.push([op, id, a, b, [...payload]]),
        NEVER,
      );
      assert(ring.empty);
      assertEquals(read, written);
    }),
    { numRuns: 60 },
  );
});

test("a full ring refuses records, and reports when there is room", () => {
  const ring = new Ring(new SharedArrayBuffer(RING_BYTES), 0);
  const payload = new Uint8Array(LONGEST_PAYLOAD);
  let count = 0;
  while (ring.write(Op.Message, count, 0, 0, payload)) count++;
  assert(count >= 10);
  ring.waitForRoom();
  const ids: number[] = [];
  // One is enough to make room for one.
  const room = ring.read((_op, id) => ids.push(id), () => ids.length === 1);
  assert(room);
  assert(ring.write(Op.Message, count, 0, 0, payload));
  assert(!ring.read((_op, id) => ids.push(id), NEVER));
  assertEquals(ids, Array.from({ length: count + 1 }, (_, i) => i));
});

test("records and messages keep their order, however slow messages are", async () => {
  const memory = linkMemory();
  const slow: (() => void)[] = [];
  const seen: unknown[] = [];
  const receiver = (seen: unknown[]) => ({
    receive: (_op: number, id: number) => void seen.push(id),
    message: (message: unknown) => void seen.push(message),
  });
  const there: Link = new Link(memory, { postMessage() {} }, false);
  const here = new Link(
    memory,
    {
      postMessage(message) {
        slow.push(() => there.arrived(message as [number, unknown]));
      },
    },
    true,
  );
  there.open(receiver(seen));
  here.send(Op.Ended, 1);
  here.post("two");
  here.send(Op.Ended, 3);
  here.post("four");
  here.post("five");
  here.send(Op.Ended, 6);
  there.poll();
  assertEquals(seen, [1]);
  slow[1]!();
  assertEquals(seen, [1]);
  slow[0]!();
  assertEquals(seen, [1, "two", 3, "four"]);
  slow[2]!();
  assertEquals(seen, [1, "two", 3, "four", "five", 6]);
  // Far more than there is room for at once.
  const payload = new Uint8Array(LONGEST_PAYLOAD);
  for (let i = 0; i < 100; i++) here.send(Op.Ended, i, 0, 0, payload);
  seen.length = 0;
  while (seen.length < 100) {
    there.poll();
    here.poll();
  }
  assertEquals(seen, Array.from({ length: 100 }, (_, i) => i));
  here.close();
  there.close();
  await turn();
});

/** Both ends of a way within this thread. */
function ways(): [LinkEnd, LinkEnd] {
  const memory = linkMemory();
  const end = (main: boolean) =>
    new LinkEnd({
      memory,
      main,
      port: {
        postMessage(message) {
          const other = main ? ends[1] : ends[0];
          queueMicrotask(() => other.arrived(structuredClone(message)));
        },
      },
      hold() {},
      notified() {},
    });
  const ends: [LinkEnd, LinkEnd] = [end(true), end(false)];
  ends.forEach((end) => end.open());
  return ends;
}

/** Waits until something was sent one way. */
function next(link: LinkEnd): Promise<unknown> {
  return new Promise((resolve) => link.listen("test", resolve));
}

/** Runs with both ends of a way, while the process stays alive. */
async function withWays(
  body: (here: LinkEnd, there: LinkEnd) => Promise<void>,
): Promise<void> {
  const [here, there] = ways();
  const timer = setInterval(() => {}, 1 << 30);
  try {
    await body(here, there);
  } finally {
    here.lose();
    there.lose();
    clearInterval(timer);
    await turn();
  }
}

async function pair(): Promise<[client: socket.Socket, conn: socket.Socket]> {
  using server = socket.create_server(["127.0.0.1", 0]);
  const client = await socket.create_connection(server.getsockname());
  const [conn] = await server.accept();
  return [client, conn];
}

async function move<T>(value: T, from: LinkEnd, to: LinkEnd): Promise<T> {
  const arrived = next(to);
  from.post("test", value);
  return await arrived as T;
}

testRelay("a socket that comes back brings its unread bytes", async () => {
  await withWays(async (here, there) => {
    for (const wait of [true, false]) {
      const [client, conn] = await pair();
      using _ = client;
      let lent = await move(conn, here, there);
      await client.sendall("abcdef");
      assertEquals(text(await lent.recv(2)), "ab");
      // More may be under way to the other end, which no longer takes it.
      const sent = client.sendall(pattern(100_000));
      if (wait) await sent;
      let back = await move(lent, there, here);
      assert(lent.closed);
      assertEquals(text(await back.recv(4)), "cdef");
      lent = await move(back, here, there);
      back = await move(lent, there, here);
      await receivePattern(back, 100_000);
      await sent;
      await back.sendall("answer");
      back.close();
      const answer = await receiveAll(client);
      assertEquals(text(answer as Uint8Array<ArrayBuffer>), "answer");
    }
  });
});

testRelay(
  "a stream that has ended is still at its end when it comes back",
  async () => {
    await withWays(async (here, there) => {
      const [client, conn] = await pair();
      const lent = await move(conn, here, there);
      await client.sendall("last");
      client.close();
      assertEquals(text(await lent.recv(100)), "last");
      assertEquals((await lent.recv(1)).length, 0);
      const back = await move(lent, there, here);
      assertEquals((await back.recv(1)).length, 0);
      back.close();
    });
  },
);

testRelay("bytes sent before a socket moved on go out first", async () => {
  await withWays(async (here, there) => {
    const [client, conn] = await pair();
    using _ = client;
    const size = 3 * 1024 * 1024;
    let sent = 0;
    let s = await move(conn, here, there);
    const received = receivePattern(client, size);
    for (let i = 0; sent < size; i++) {
      const data = pattern(Math.min(300_000, size - sent), sent);
      await s.sendall(data);
      sent += data.length;
      s = i % 2 === 0 ? await move(s, there, here) : await move(s, here, there);
    }
    await received;
    s.close();
    assertEquals((await client.recv(1)).length, 0);
  });
});

testRelay("a listener comes back with its connections", async () => {
  await withWays(async (here, there) => {
    const server = socket.create_server(["127.0.0.1", 0]);
    const address = server.getsockname();
    const lent = await move(server, here, there);
    // Accepted ahead, but not taken.
    using first = await socket.create_connection(address);
    await select.select([lent], [], []);
    await first.sendall("first");
    using back = await move(lent, there, here);
    const [conn] = await back.accept();
    using _ = conn;
    assertEquals(text(await conn.recv(10)), "first");
    using second = await socket.create_connection(address);
    const [conn2] = await back.accept();
    using __ = conn2;
    await second.sendall("second");
    assertEquals(text(await conn2.recv(10)), "second");
  });
});

testRelay("sockets fail at both ends when a link is lost", async () => {
  const [here, there] = ways();
  const timer = setInterval(() => {}, 1 << 30);
  const [client, conn] = await pair();
  const lent = await move(conn, here, there);
  const [client2, own] = await pair();
  const borrowed = await move(own, there, here);
  const waiting = borrowed.recv(1).catch((error) => error);
  here.lose();
  assert(here.gone.aborted);
  assertEquals((await client.recv(1)).length, 0);
  assert(await waiting instanceof socket.ConnectionResetError);
  there.lose();
  const left = await lent.recv(1).catch((error) => error);
  assert(left instanceof socket.OSError);
  for (const s of [client, client2, lent, borrowed]) s.close();
  clearInterval(timer);
  await turn();
});

test("values arrive equal, and keep the identity of objects", async () => {
  await withWays(async (here, there) => {
    await fc.assert(
      fc.asyncProperty(
        fc.object({ withMap: true, withSet: true, withDate: true }),
        async (value) => {
          const lock = thread.allocate_lock();
          const arrived = await move(
            { value, lock, again: [lock] },
            here,
            there,
          );
          assertEquals(arrived.value, structuredClone(value));
          assert(arrived.lock === arrived.again[0]);
        },
      ),
      { numRuns: 50 },
    );
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const [round] = await move([cycle], here, there);
    assert((round as unknown[])[0] === round);
  });
});

testRelay("a poll object takes its sockets along", async () => {
  await withWays(async (here, there) => {
    const [client, conn] = await pair();
    using _ = client;
    const p = select.poll<socket.Socket>();
    p.register(conn, select.POLLIN);
    assertEquals(await p.poll(0), []);
    const arrived = await move({ conn, p, again: p }, here, there);
    assert(conn.closed && arrived.p === arrived.again);
    await client.sendall("x");
    assertEquals(await arrived.p.poll(), [[arrived.conn, select.POLLIN]]);
    await arrived.conn.recv(1);
    const pending = arrived.p.poll().then((polled) => polled);
    assertThrows(() => there.post("test", arrived.p), TypeError, "in use");
    await client.sendall("y");
    await pending;
    arrived.conn.close();
    throws(errno.EBADF, () => there.post("test", arrived.p));
    const numbers = select.poll();
    numbers.register(client.fileno());
    assertThrows(() => here.post("test", numbers), TypeError, "descriptor");
  });
});
