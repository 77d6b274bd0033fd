import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { nobody } from "./bound.ts";
import { rejects } from "./raises.ts";
import { fill, pattern, receivePattern, text } from "./traffic.ts";
import { testEach, testOverDeno, testTcp } from "./transports.ts";
import { which } from "./which.ts";

const { SHUT_WR } = socket;

type Socket = socket.Socket;

const NONE = ["", "", ""];

/** Waits until a socket is readable. */
async function readable(s: Socket): Promise<void> {
  assertEquals(which(await select.select([s], [], [], 5), { s })[0], "s");
}

/** Which lists of a `select()` that only looks a socket is in, as "rw". */
async function state(s: Socket): Promise<string> {
  const lists = await select.select([s], [s], [s], 0);
  return lists.map((list, i) => list.length > 0 ? "rwx"[i] : "").join("");
}

// Readiness

testEach("readiness lasts as long as its cause", async (net) => {
  const [a, b] = await net.pair();
  const lasting = async () => {
    for (let i = 0; i < 3; i++) await readable(a);
  };
  await b.sendall("abc");
  await lasting();
  await a.recv(1);
  await lasting();
  await a.recv(2, socket.MSG_PEEK);
  await lasting();
  await a.recv_into(new Uint8Array(2));
  assertEquals(which(await select.select([a], [], [a], 0), { a }), NONE);
  b.shutdown(SHUT_WR);
  await lasting();
  assertEquals((await a.recv(1)).length, 0);
  await lasting();
});

testEach("a listener is readable while connections wait", async (net) => {
  const server = net.listener();
  assertEquals(await state(server), "");
  const clients = [net.socket(), net.socket()];
  for (const client of clients) await client.connect(server.getsockname());
  for (const client of clients) {
    for (let i = 0; i < 3; i++) {
      const lists = await select.select([server], [server], [server], 5);
      assertEquals(which(lists, { server }), ["server", "", ""]);
    }
    const accepted = await net.accept(server);
    assertEquals(accepted.getpeername(), client.getsockname());
  }
  await net.tick();
  assertEquals(await state(server), "");
});

testEach("a full connection is not writable until it drains", async (net) => {
  const [a, b] = await net.pair();
  assertEquals(await state(a), "w");
  a.setblocking(false);
  const sent = await fill(a);
  await net.tick();
  assertEquals(await state(a), "");
  const writable = select.select([], [a], []).then((lists) => lists);
  assert(await net.waits(writable));
  await receivePattern(b, sent);
  assertEquals(which(await writable, { a }), ["", "a", ""]);
  const more = await a.send(pattern(1000, sent));
  assertEquals(more, 1000);
  await receivePattern(b, more, sent);
});

testTcp("a connected socket is writable, a failed one both", async (net) => {
  const server = net.listener();
  const client = net.socket();
  client.setblocking(false);
  await rejects(errno.EINPROGRESS, client.connect(server.getsockname()));
  const done = await select.select([client], [client], [client]);
  assertEquals(which(done, { client }), ["", "client", ""]);
  assertEquals(client.getpeername(), server.getsockname());

  using refusing = await nobody();
  const refused = net.socket();
  refused.setblocking(false);
  await rejects(errno.EINPROGRESS, refused.connect(refusing.address));
  const both = await select.select([refused], [refused], [refused]);
  assertEquals(which(both, { refused }), ["refused", "refused", ""]);
  await rejects(errno.ECONNREFUSED, refused.recv(1));
});

testEach("a socket without a connection is at its end", async (net) => {
  // Linux says so (POLLHUP), and that it could be written to.
  assertEquals(await state(net.socket()), "rw");
});

testEach("several may wait for the same socket", async (net) => {
  const [a, b] = await net.pair();
  const copy = net.track(a.dup());
  const waiting = [
    select.select([a], [], []),
    select.select([a, b], [], []),
    select.select([copy], [], []).finally(() => {}),
  ].map((ready) => ready.then(([readable]) => readable.length));
  assert(await net.waits(Promise.race(waiting)));
  await b.sendall("x");
  assertEquals(await Promise.all(waiting), [1, 1, 1]);
  assertEquals(text(await a.recv(10)), "x");
});

// Where another holder of the descriptor may be faster, select() may see the
// bytes before the call that waits for them has taken them.
testOverDeno(
  "select() leaves the bytes to the call that came first",
  async (net) => {
    const [a, b] = await net.pair();
    const received = a.recv(10);
    const selected = select.select([a], [], []).then((lists) => lists);
    assert(await net.waits(Promise.race([received, selected])));
    await b.sendall("first");
    assertEquals(text(await received), "first");
    assert(await net.waits(selected));
    await b.sendall("second");
    assertEquals(which(await selected, { a }), ["a", "", ""]);
    assertEquals(text(await a.recv(10)), "second");
  },
);

// Fairness

testEach("a socket that is always ready starves no other", async (net) => {
  const [a, b] = await net.pair();
  const [c, d] = await net.pair();
  const server = net.listener();
  const client = net.socket();
  await a.sendall("never read");
  await readable(b);
  let timers = 0;
  const timer = setInterval(() => timers++);
  const seen = new Set<Socket>();
  let rounds = 0;
  for await (const [readable] of select.select([b, d, server], [a], [])) {
    if (++rounds === 1) {
      await c.sendall("x");
      await client.connect(server.getsockname());
    }
    for (const s of readable) seen.add(s);
    assert(seen.has(b));
    if (seen.size === 3 && timers > 1) break;
    assertLess(rounds, 100_000);
  }
  clearInterval(timer);
});

testEach("loops that never have to wait let other tasks run", async (net) => {
  const [a, b] = await net.pair();
  const [c] = await net.pair();
  let over = false;
  const other = (async () => {
    for (let i = 0; i < 10; i++) {
      await a.sendall("x");
      await b.recv(1);
      await new Promise((resolve) => setTimeout(resolve));
    }
    over = true;
  })();
  const calling = async () => {
    let rounds = 0;
    for (; !over; rounds++) {
      await select.select([], [c], []);
      assertLess(rounds, 100_000);
    }
    return rounds;
  };
  const looking = async () => {
    let rounds = 0;
    for (; !over; rounds++) {
      await select.select([c], [], [], 0);
      assertLess(rounds, 100_000);
    }
    return rounds;
  };
  const iterating = async () => {
    let rounds = 0;
    for await (const _ of select.select([], [c], [c])) {
      if (over) break;
      assertLess(rounds++, 100_000);
    }
    return rounds;
  };
  for (const rounds of await Promise.all([calling(), looking(), iterating()])) {
    // How many there are in that time is the scheduler's affair.
    assertGreater(rounds, 1);
  }
  await other;
});

testEach("time-out 0 reports all events so far", async (net) => {
  const looks: ((s: Socket) => Promise<unknown[]>)[] = [
    async (s) => (await select.select([s], [], [], 0))[0],
    async (s) => {
      const p = select.poll<Socket>();
      p.register(s, select.POLLIN);
      return (await p.poll(0)).map(([s]) => s);
    },
    async (s) => {
      using ep = select.epoll<Socket>();
      ep.register(s, select.EPOLLIN | select.EPOLLET);
      return (await ep.poll(0)).map(([s]) => s);
    },
  ];
  for (const look of looks) {
    const [a, b] = await net.pair();
    const server = net.listener();
    await net.socket().connect(server.getsockname());
    await a.sendall("x");
    await net.tick();
    assertEquals(await look(b), [b]);
    assertEquals(await look(server), [server]);
    assertEquals(await look(a), []);
  }
});
