import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import process from "node:process";
import { errno, select, socket } from "../mod.ts";
import { test } from "./cases.ts";
import { Fake } from "./fake.ts";
import { rejects } from "./raises.ts";
import { text } from "./traffic.ts";
import { testEach } from "./transports.ts";
import { which } from "./which.ts";

const { POLLIN } = select;
const { SHUT_WR } = socket;

type Socket = socket.Socket;

const NONE = ["", "", ""];

/** Waits until a socket is readable. */
async function readable(s: Socket): Promise<void> {
  assertEquals(which(await select.select([s], [], [], 5), { s })[0], "s");
}

// Lists

testEach("select() returns the given objects", async (net) => {
  const [a, b] = await net.pair();
  const server = net.listener();
  await a.sendall("x");
  await readable(b);
  const lists = await select.select([server, b], [server, a], [server, a, b]);
  assertEquals(which(lists, { server, a, b }), ["b", "a", ""]);
});

testEach("select() keeps the order and duplicates", async (net) => {
  const [a, b] = await net.pair();
  const [c, d] = await net.pair();
  await a.sendall("x");
  await c.sendall("x");
  await readable(b);
  await readable(d);
  const lists = await select.select([d, a, b, d], [b, a, b], []);
  assertEquals(which(lists, { a, b, d }), ["d b d", "b a b", ""]);
});

testEach("a descriptor stands for its socket", async (net) => {
  const [a, b] = await net.pair();
  await a.sendall("x");
  await readable(b);
  const fd = b.fileno();
  const lists = await select.select([fd, b, a.fileno()], [fd], [fd]);
  assertEquals(which(lists, { fd, b }), ["fd b", "fd", ""]);
  b.detach();
  assertEquals((await select.select([fd], [], []))[0], [fd]);
  socket.close(fd);
  await rejects(errno.EBADF, select.select([fd], [], []));
});

testEach("a subclass of Socket can be waited for", async (net) => {
  class Named extends socket.Socket {
    name = "server";
  }
  const server = new Named(net.listener().detach());
  net.track(server);
  const client = net.socket();
  await client.connect(server.getsockname());
  const [[readable]] = await select.select([server], [], []);
  assertEquals(readable?.name, "server");
});

testEach("the lists may be any iterables", async (net) => {
  const [a, b] = await net.pair();
  await a.sendall("x");
  const names = new Map([[b, "b"]]);
  function* generated() {
    yield a;
    yield b;
  }
  for (const list of [[b], new Set([b]), names.keys(), generated()]) {
    const [readable] = await select.select(list, new Set<Socket>(), []);
    assertEquals(readable.length, 1);
    assertStrictEquals(readable[0], b);
  }
});

testEach("an iterated select() reads its lists anew", async (net) => {
  const server = net.listener();
  const names = new Map<Socket, string>();
  const lists: (Iterable<Socket> & { add(s: Socket): unknown })[] = [
    Object.assign([server], {
      add(this: Socket[], s: Socket) {
        this.push(s);
      },
    }),
    new Set([server]),
    {
      add: (s) => names.set(s, "name"),
      [Symbol.iterator]: () => names.keys(),
    },
  ];
  names.set(server, "server");
  for (const list of lists) {
    const client = net.socket();
    await client.connect(server.getsockname());
    await client.sendall("hello");
    const seen: string[] = [];
    for await (const [readable] of select.select(list, [], [])) {
      for (const s of readable) {
        if (s === server) {
          seen.push("accept");
          list.add(await net.accept(server));
        } else {
          seen.push(text(await s.recv(5)));
        }
      }
      if (seen.length === 2) break;
    }
    assertEquals(seen, ["accept", "hello"]);
  }
});

testEach("an iterated select() ends when its lists are empty", async (net) => {
  for await (const _ of select.select([], [], [])) assert(false, "a round");
  for await (const _ of select.select([], new Set<Socket>(), [], 0)) {
    assert(false, "a round");
  }

  const [a, b] = await net.pair();
  await b.sendall("x");
  const [reading, writing, others] = [[a], new Set([a]), [a]];
  let rounds = 0;
  for await (const _ of select.select(reading, writing, others)) {
    rounds++;
    if (rounds === 1) reading.length = 0;
    if (rounds === 2) others.length = 0;
    if (rounds === 3) writing.clear();
  }
  assertEquals(rounds, 3);
});

test("an iterator is refused, as it can't be read anew", async () => {
  const fake = new Fake(POLLIN);
  const ready = new Set([fake]);
  // One answer is no problem.
  assertEquals((await select.select(ready.keys(), [], []))[0], [...ready]);
  await assertRejects(async () => {
    for await (const _ of select.select(ready.keys(), [], [])) break;
  }, TypeError);
  assertEquals(fake.watches.size, 0);
});

// Time-outs

testEach("select() with time-out 0 doesn't wait", async (net) => {
  const [a, b] = await net.pair();
  const server = net.listener();
  const look = async () =>
    which(await select.select([a, server], [server], [a], 0), { a, server });
  // A busy system may take a while to hand things over.
  const seen = async () => {
    for (let looks = 0; looks < 10_000; looks++) {
      const names = await look();
      if (names.join("") !== "") return names;
    }
  };
  assertEquals(await look(), NONE);
  await b.sendall("x");
  assertEquals(await seen(), ["a", "", ""]);
  const client = net.socket();
  await client.connect(server.getsockname());
  await a.recv(1);
  assertEquals(await seen(), ["server", "", ""]);
  await net.accept(server);
  b.shutdown(SHUT_WR);
  assertEquals(await seen(), ["a", "", ""]);
});

testEach("select() gives up after its time-out", async (net) => {
  const [a] = await net.pair();
  for (const lists of [[a], []]) {
    const start = performance.now();
    assertEquals(which(await select.select(lists, [], lists, 0.03), {}), NONE);
    assertGreaterOrEqual(performance.now() - start, 29);
  }
});

testEach("select() without a time-out waits", async (net) => {
  const [a, b] = await net.pair();
  for (const timeout of [undefined, null, 1e10]) {
    const waiting = select.select([a], [], [a], timeout).then((x) => x);
    assert(await net.waits(waiting));
    await b.sendall("x");
    assertEquals(which(await waiting, { a }), ["a", "", ""]);
    await a.recv(1);
  }
});

testEach(
  "a time-out of an iterated select() is one of a round",
  async (net) => {
    const [a, b] = await net.pair();
    const rounds: number[] = [];
    for await (const [readable] of select.select([a], [], [], 0.01)) {
      rounds.push(readable.length);
      if (rounds.length === 2) await b.sendall("x");
      if (rounds.length === 3) break;
    }
    assertEquals(rounds, [0, 0, 1]);
  },
);

test("a time-out must be a number of seconds", () => {
  for (const wrong of [-1, -1e-9, NaN, -Infinity]) {
    assertThrows(() => select.select([], [], [], wrong), RangeError);
  }
  for (const wrong of ["1", {}, 1n]) {
    assertThrows(() => select.select([], [], [], wrong as number), TypeError);
  }
});

// Giving up

testEach("a signal ends select()", async (net) => {
  const [a, b] = await net.pair();
  const abort = new AbortController();
  const { signal } = abort;
  const waiting = select.select([a], [], [], null, { signal })
    .catch((reason) => reason);
  assert(await net.waits(waiting));
  const reason = new Error("enough");
  abort.abort(reason);
  assertStrictEquals(await waiting, reason);

  // Also if a socket is ready, or the time is over.
  await b.sendall("x");
  for (const timeout of [null, 0, 1]) {
    const error = await select.select([a], [], [], timeout, { signal })
      .catch((reason) => reason);
    assertStrictEquals(error, reason);
  }
  assertEquals(text(await a.recv(10)), "x");
});

testEach("a signal ends the iteration without an error", async (net) => {
  const [a] = await net.pair();
  const abort = new AbortController();
  const { signal } = abort;
  const rounds = (async () => {
    let rounds = 0;
    for await (const _ of select.select([a], [], [], null, { signal })) {
      rounds++;
    }
    return rounds;
  })();
  assert(await net.waits(rounds));
  abort.abort();
  assertEquals(await rounds, 0);
  for await (const _ of select.select([], [a], [], null, { signal })) {
    assert(false, "a round");
  }
});

testEach("a closed socket is EBADF", async (net) => {
  const [a, b] = await net.pair();
  a.close();
  await rejects(errno.EBADF, select.select([a], [], []));
  await rejects(errno.EBADF, select.select([], [b, a], [], 0));
  await rejects(errno.EBADF, select.select([], [], [a], 1));
  await rejects(errno.EBADF, select.select([a.fileno()], [], []));
  const iterated = async () => {
    for await (const _ of select.select([b], [], [b, a])) break;
  };
  await rejects(errno.EBADF, iterated());
});

testEach("a socket closed while select() waits is EBADF", async (net) => {
  const [a] = await net.pair();
  const [quiet] = await net.pair();
  for (const s of [a, net.listener()]) {
    const waiting = select.select([s, quiet], [], []).then((lists) => lists);
    const iterated = (async () => {
      for await (const _ of select.select([quiet], [], [s])) break;
    })();
    assert(await net.waits(Promise.race([waiting, iterated])));
    s.close();
    await rejects(errno.EBADF, waiting);
    await rejects(errno.EBADF, iterated);
  }
});

testEach(
  "a socket closed in the loop and left listed is EBADF",
  async (net) => {
    const [a] = await net.pair();
    const rounds = async () => {
      for await (const _ of select.select([], [a], [])) a.close();
    };
    await rejects(errno.EBADF, rounds());
  },
);

test("an object without readiness is a TypeError", async () => {
  const closed = new Fake(POLLIN);
  for (const wrong of ["3", null, undefined, {}, 1n, [], () => 3]) {
    const list = [closed, wrong as Fake];
    await assertRejects(() => select.select(list, [], [], 0), TypeError);
    await assertRejects(() => select.select([], list, [], 0), TypeError);
    await assertRejects(() => select.select([], [], list, 0), TypeError);
  }
  for (const wrong of [1.5, NaN]) {
    await assertRejects(() => select.select([wrong], [], [], 0), TypeError);
  }
  await rejects(errno.EBADF, select.select([-1], [], [], 0));
  for (const wrong of [3, null, {}]) {
    const list = wrong as unknown as Fake[];
    await assertRejects(async () => {
      await select.select(list, [], [], 0);
    }, TypeError);
  }
  assertEquals(closed.watches.size, 0);
});

// The result

test("select() returns a promise", async () => {
  const fake = new Fake(POLLIN);
  const ready = select.select([fake], [], []);
  assertInstanceOf(ready, select.Ready);
  const first = await ready;
  fake.become(0);
  // It has its answer.
  assertStrictEquals(await ready, first);
  assertStrictEquals(await ready.then((lists) => lists), first);
  let done = false;
  assertStrictEquals(await ready.finally(() => done = true), first);
  assert(done);
  const error = await select.select([-1], [], []).catch((error) => error);
  assertInstanceOf(error, socket.OSError);
  assertEquals(
    Object.prototype.toString.call(Promise.resolve(ready)),
    "[object Promise]",
  );
  const never = new Promise<never>(() => {});
  const raced = await Promise.race([select.select([fake], [], [], 0), never]);
  assertEquals(which(raced, {}), NONE);
});

test("select.error is OSError", () => {
  assertStrictEquals(select.error, socket.OSError);
});

test("a very short time-out causes no warning", async () => {
  const warnings: string[] = [];
  const warned = ({ name }: Error) => void warnings.push(name);
  process.on("warning", warned);
  const fake = new Fake();
  const p = select.poll<Fake>();
  const ep = select.epoll<Fake>();
  p.register(fake, POLLIN);
  ep.register(fake, POLLIN);
  for (let i = 0; i < 20; i++) {
    for (const timeout of [1e-7, 1e-9, Number.MIN_VALUE]) {
      await select.select([fake], [], [], timeout);
      await p.poll(timeout);
      await ep.poll(timeout);
    }
  }
  ep.close();
  // Warnings come a turn later.
  await new Promise((resolve) => setTimeout(resolve));
  process.off("warning", warned);
  assertEquals(warnings, []);
});
