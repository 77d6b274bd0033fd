import { assertEquals, assertLessOrEqual } from "@std/assert";
import { select } from "../mod.ts";
import { test } from "./cases.ts";
import { Fake } from "./fake.ts";
import { denoText } from "./peer.ts";
import { testEach } from "./transports.ts";

const { EPOLLIN, POLLIN } = select;

/** The output of a program that can collect its garbage. */
async function printed(program: string): Promise<string> {
  await using child = denoText(
    ["--allow-net=127.0.0.1", "--v8-flags=--expose-gc"],
    `
    import { select, socket } from "./mod.ts";

    /** Collects garbage, and waits until the finalizers have run. */
    async function collect() {
      gc();
      await new Promise((resolve) => setTimeout(resolve));
    }
    ${program}
    `,
  );
  return await child.rest();
}

/** A poll object for one wait, as many programs have it. */
function readable<T extends select.Selectable>(
  object: T,
  ms: number,
): Promise<select.Event<T>[]> {
  const p = select.poll<T>();
  p.register(object, POLLIN);
  return p.poll(ms);
}

test("watches of dropped poll objects end with the next events", async () => {
  const fake = new Fake();
  for (let i = 0; i < 100; i++) {
    fake.become(0);
    const waiting = readable(fake, 60_000);
    fake.become(POLLIN);
    assertEquals(await waiting, [[fake, POLLIN]]);
    assertLessOrEqual(fake.watches.size, 3);
  }
  // Also a wait that timed out.
  fake.become(0);
  for (let i = 0; i < 100; i++) assertEquals(await readable(fake, 0), []);
  for (let i = 0; i < 2; i++) fake.become(POLLIN);
  assertLessOrEqual(fake.watches.size, 3);
});

testEach("a poll object for every wait misses no event", async (net) => {
  const [a, b] = await net.pair();
  for (let i = 0; i < 50; i++) {
    assertEquals(await readable(b, 0), []);
    const waiting = readable(b, 60_000);
    await a.sendall("x");
    assertEquals(await waiting, [[b, POLLIN]]);
    assertEquals((await b.recv(2)).length, 1);
  }
});

test("a poll object that wasn't used for long misses no event", async () => {
  const p = select.poll<Fake>();
  const ep = select.epoll<Fake>();
  const fake = new Fake();
  p.register(fake, POLLIN);
  ep.register(fake, EPOLLIN);
  for (const poll of [() => p.poll(0), () => ep.poll(0)]) {
    fake.become(0);
    assertEquals(await poll(), []);
    for (let i = 0; i < 5; i++) fake.become(POLLIN);
    assertEquals(await poll(), [[fake, POLLIN]]);
    fake.become(0);
    for (let i = 0; i < 5; i++) fake.wakeInVain();
    assertEquals(await poll(), []);
  }
  ep.close();
  const waiting = p.poll().then((events) => events);
  fake.become(POLLIN);
  assertEquals(await waiting, [[fake, POLLIN]]);
});

test("a dropped socket is closed when no poll object waits for it", async () => {
  const output = await printed(`
    class Wrapper {
      constructor(inner, poll) {
        this.inner = inner;
        this.poll = poll;
      }
      get [select.readiness]() {
        return this.inner[select.readiness];
      }
    }
    const uses = {
      "poll registered": (s) => {
        select.poll().register(s, select.POLLIN);
      },
      "poll timed out": async (s) => {
        const p = select.poll();
        p.register(s, select.POLLIN);
        await p.poll(1);
      },
      "poll answered": async (s) => {
        const p = select.poll();
        p.register(s, select.POLLOUT);
        await p.poll();
      },
      "poll that is known by what it knows": (s) => {
        const p = select.poll();
        p.register(new Wrapper(s, p), select.POLLIN);
      },
      "poll of a file": (s) => {
        select.poll().register(s.makefile("rb"), select.POLLIN);
      },
      "epoll registered": (s) => {
        select.epoll().register(s, select.EPOLLIN);
      },
      "epoll edge-triggered": async (s) => {
        const ep = select.epoll();
        ep.register(s, select.EPOLLIN | select.EPOLLET);
        await ep.poll(0);
      },
      "poll iterated": async (s) => {
        const p = select.poll();
        p.register(s, select.POLLOUT);
        await p.poll()[Symbol.asyncIterator]().next();
      },
      "select iterated": async (s) => {
        await select.select([s], [s], [])[Symbol.asyncIterator]().next();
      },
    };
    using server = socket.create_server(["127.0.0.1", 0]);
    for (const [name, use] of Object.entries(uses)) {
      using client = await socket.create_connection(server.getsockname());
      await (async () => {
        const [conn] = await server.accept();
        await use(conn);
      })();
      let closed = false;
      client.recv(1).then(() => closed = true, () => {});
      for (let i = 0; i < 300 && !closed; i++) await collect();
      if (!closed) console.log(name, "keeps it");
    }
    console.log("end");
    Deno.exit();
  `);
  assertEquals(output, "end\n");
});

test("a poll object that is waited for is not collected", async () => {
  const output = await printed(`
    const poll = (s) => {
      const p = select.poll();
      p.register(s, select.POLLIN);
      return p.poll().then(([[, events]]) => events);
    };
    const epoll = (s) => {
      const ep = select.epoll();
      ep.register(s, select.EPOLLIN);
      return ep.poll().then(([[, events]]) => events);
    };
    const iterated = (s) =>
      select.select([s], [], [])[Symbol.asyncIterator]().next()
        .then(({ value: [readable] }) => readable.length);
    using server = socket.create_server(["127.0.0.1", 0]);
    for (const use of [poll, epoll, iterated]) {
      using client = await socket.create_connection(server.getsockname());
      const result = server.accept().then(([conn]) => use(conn));
      for (let i = 0; i < 20; i++) await collect();
      await client.sendall("x");
      console.log(use.name, await result);
    }
  `);
  assertEquals(output, "poll 1\nepoll 1\niterated 1\n");
});

test("the descriptor of an epoll object that was dropped is free", async () => {
  const output = await printed(`
    const fds = new Set();
    for (let i = 0; i < 300 && fds.size === i; i++) {
      fds.add(select.epoll().fileno());
      await collect();
    }
    console.log(fds.size < 300);
  `);
  assertEquals(output, "true\n");
});
