import {
  assert,
  assertEquals,
  assertFalse,
  assertGreater,
  assertLess,
} from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { test, testIf } from "./cases.ts";
import { denoText } from "./peer.ts";
import { rejects } from "./raises.ts";
import { bytes, type Step, testSteps } from "./script.ts";
import { some } from "./some.ts";
import { fill, pattern, receiveAll, receivePattern, text } from "./traffic.ts";
import { native } from "./transports.ts";
import { which } from "./which.ts";

const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } = socket;
const { MSG_DONTWAIT, MSG_WAITALL, SHUT_RD, SHUT_RDWR, SHUT_WR } = socket;
const { SO_ACCEPTCONN, SO_DOMAIN, SO_ERROR, SO_PROTOCOL, SO_TYPE } = socket;

type Pair = [a: socket.Socket, b: socket.Socket];

/** A test with a pair, which is closed when it is over. */
function testPair(
  name: string,
  fn: (...pair: Pair) => void | Promise<void>,
): void {
  test(name, async () => {
    const [a, b] = await socket.socketpair();
    using _a = a;
    using _b = b;
    await fn(a, b);
  });
}

const PAIR: Step = ["a, b = socket.socketpair"];

// Properties

testSteps("a pair is of AF_UNIX and has no names", [
  PAIR,
  ...["a", "b"].flatMap((each): Step[] => [
    [`${each}.getsockname`],
    [`${each}.getpeername`],
    [`${each}.gettimeout`],
    ...[SO_ACCEPTCONN, SO_DOMAIN, SO_ERROR, SO_PROTOCOL, SO_TYPE].map((
      name,
    ): Step => [`${each}.getsockopt`, socket.SOL_SOCKET, name]),
  ]),
  ["socket.socketpair", AF_UNIX, SOCK_STREAM, 0],
  ["socket.socketpair", AF_INET],
  ["socket.socketpair", AF_INET6, SOCK_STREAM],
  ["socket.socketpair", 99],
  ["socket.socketpair", AF_UNIX, SOCK_STREAM, 6],
  ["socket.socketpair", "1"],
  ["socket.socketpair", AF_UNIX, "1"],
]);

test("a pair is made in the mode that is asked for", async () => {
  const type = SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC;
  const pair = await socket.socketpair(AF_UNIX, type);
  for (const each of pair) {
    assertEquals([each.type, each.timeout], [SOCK_STREAM, 0]);
  }
  await rejects(errno.EAGAIN, pair[0].recv(1));
  pair.forEach((each) => each.close());
  socket.setdefaulttimeout(7);
  try {
    const pair = await socket.socketpair();
    assertEquals(pair.map(({ timeout }) => timeout), [7, 7]);
    pair.forEach((each) => each.close());
  } finally {
    socket.setdefaulttimeout(null);
  }
});

// The kernel has datagrams within the machine.
testIf(!native, "unsupported kinds of pairs are refused", async () => {
  for (const type of [SOCK_DGRAM, socket.SOCK_RDM]) {
    await rejects(errno.ESOCKTNOSUPPORT, socket.socketpair(AF_UNIX, type));
  }
});

// Transfer

testSteps("a pair talks both ways", [
  PAIR,
  ["a.send", bytes("hello")],
  ["b.send", bytes("world!")],
  ["b.recv", 100],
  ["a.recv", 3],
  ["a.recv", 100],
  ["a.sendall", bytes("one")],
  ["a.sendall", bytes("two")],
  ["b.recv", 6, MSG_WAITALL],
  ["b.recv", 1, MSG_DONTWAIT],
  ["b.recv", 0],
  ["a.send", bytes("")],
  ["b.settimeout", 0],
  ["b.recv", 1],
  ["b.settimeout", 0.01],
  ["b.recv", 1],
]);

testSteps("a pair is connected already, and doesn't listen", [
  PAIR,
  ["a.listen"],
  ["a.accept"],
  ["a.recv", 1, MSG_DONTWAIT],
  ["a.shutdown", 9],
]);

testSteps("each way of a pair ends by itself", [
  PAIR,
  ["a.send", bytes("last words")],
  ["a.shutdown", SHUT_WR],
  ["a.shutdown", SHUT_WR],
  ["b.recv", 4],
  ["b.recv", 100],
  ["b.recv", 100],
  ["b.recv", 100],
  ["a.send", bytes("x")],
  ["a.sendall", bytes("x")],
  // The other one goes on.
  ["b.send", bytes("answer")],
  ["a.recv", 100],
  ["b.shutdown", SHUT_RDWR],
  ["a.recv", 100],
  ["b.send", bytes("x")],
]);

testSteps("closing one end is noticed at the other at once", [
  PAIR,
  ["a.send", bytes("last words")],
  ["a.close"],
  ["b.send", bytes("anybody?")],
  ["b.sendall", bytes("anybody?")],
  ["b.recv", 100],
  ["b.recv", 100],
  ["b.getpeername"],
  ["a.send", bytes("x")],
  ["a.recv", 1],
]);

testPair("SHUT_RD ends receiving, not sending", async (a, b) => {
  const waiting = a.recv(10);
  a.shutdown(SHUT_RD);
  assertEquals(await waiting, new Uint8Array(0));
  assertEquals(await a.recv(10), new Uint8Array(0));
  await a.send("still");
  assertEquals(text(await b.recv(10)), "still");
});

testPair("close() wakes the calls that wait, with EBADF", async (a, b) => {
  const received = a.recv(1);
  const sent = a.sendall(pattern(4 * 1024 * 1024));
  const selecting = select.select([a], [], []).then((lists) => lists);
  a.close();
  await rejects(errno.EBADF, received);
  await rejects(errno.EBADF, sent);
  await rejects(errno.EBADF, selecting);
  // Bytes received before are still there.
  const rest = await receiveAll(b);
  assertGreater(rest.length, 0);
  assertEquals(rest, pattern(rest.length));
});

testPair("a peer that goes ends a send() that waits", async (a, b) => {
  const sent = a.sendall(pattern(4 * 1024 * 1024));
  await b.recv(10);
  b.close();
  await rejects(errno.EPIPE, sent);
  await rejects(errno.EPIPE, a.send("x"));
});

testPair("queued bytes are delivered after close(), too", async (a, b) => {
  a.setblocking(false);
  const sent = await fill(a);
  a.close();
  await receivePattern(b, sent);
  assertEquals(await b.recv(1), new Uint8Array(0));
});

testPair("a peer that doesn't read blocks the writer", async (a, b) => {
  a.setblocking(false);
  const sent = await fill(a);
  assertGreater(sent, 64 * 1024);
  assertLess(sent, 2 * 1024 * 1024);
  await rejects(errno.EAGAIN, a.send("x"));
  assertEquals(await select.select([], [a], [], 0), [[], [], []]);
  a.settimeout(0.01);
  await rejects(null, a.send("x"));
  await rejects(null, a.sendall("x"));
  // Reading makes room, and nothing is lost or out of place.
  a.settimeout(null);
  const more = a.sendall(pattern(300_000, sent));
  let over = false;
  more.then(() => over = true);
  await turns();
  assertFalse(over);
  await receivePattern(b, sent + 300_000);
  await more;
  assertEquals(which(await select.select([b], [a, b], [], 0), { a, b }), [
    "",
    "a b",
    "",
  ]);
});

/** Lets the event loop turn until pending work is done. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await select.select([], [], [], 0);
}

testPair("a pair carries much, both ways at once", async (a, b) => {
  const size = 3_000_000;
  await Promise.all([
    a.sendall(pattern(size)),
    b.sendall(pattern(size, 100)),
    receivePattern(b, size),
    receivePattern(a, size, 100),
  ]);
});

testPair("concurrent sends keep their order", async (a, b) => {
  const sends = Array.from({ length: 200 }, (_, i) => a.sendall(`${i},`));
  await Promise.all(sends);
  a.shutdown(SHUT_WR);
  const expected = Array.from({ length: 200 }, (_, i) => `${i},`).join("");
  assertEquals(text(await receiveAll(b)), expected);
});

testPair("data is sent as it was at the time of the call", async (a, b) => {
  const data = pattern(10);
  for (const timeout of [null, 5, 0]) {
    a.settimeout(timeout);
    await a.sendall(data);
    data.fill(0);
    assertEquals(await b.recv(10), pattern(10));
    data.set(pattern(10));
  }
});

// Together with the rest

testPair("a pair in select() and poll()", async (a, b) => {
  const names = { a, b };
  const both = [a, b];
  assertEquals(which(await select.select(both, both, both, 0), names), [
    "",
    "a b",
    "",
  ]);
  const waiting = select.select(both, [], both).then((lists) => lists);
  await a.send("x");
  assertEquals(which(await waiting, names), ["b", "", ""]);
  const p = select.poll();
  p.register(b, select.POLLIN);
  assertEquals(await p.poll(), [[b, select.POLLIN]]);
  await b.recv(1);
  assertEquals(await p.poll(0), []);
  a.close();
  const [[, mask]] = some(await p.poll());
  assert(mask & select.POLLIN);
  assertEquals(await b.recv(1), new Uint8Array(0));
});

test("a pair wakes a server that waits in select()", async () => {
  // How Python's programs end such a loop.
  const [stop, stopped] = await socket.socketpair();
  using _stop = stop;
  using _stopped = stopped;
  using server = socket.create_server(["127.0.0.1", 0]);
  const serving = (async () => {
    for (;;) {
      const [readable] = await select.select([server, stopped], [], []);
      if (readable.includes(stopped)) return text(await stopped.recv(10));
    }
  })();
  await turns();
  await stop.send("stop");
  assertEquals(await serving, "stop");
});

testPair("a pair lets other tasks run", async (a, b) => {
  const echo = (async () => {
    for (;;) {
      const data = await b.recv(100);
      if (data.length === 0) return;
      await b.sendall(data);
    }
  })();
  let fired = false;
  const timer = setTimeout(() => fired = true, 1);
  let rounds = 0;
  for (; !fired && rounds < 1_000_000; rounds++) {
    await a.sendall("ping");
    assertEquals((await a.recv(100)).length, 4);
  }
  clearTimeout(timer);
  assert(fired, `nothing else happened in ${rounds} rounds`);
  a.close();
  await echo;
});

testPair("select() over a pair lets other tasks run", async (a, b) => {
  let fired = false;
  const timer = setTimeout(() => fired = true, 1);
  let rounds = 0;
  const talk = async (s: socket.Socket) => {
    for (; !fired && rounds < 100_000; rounds++) {
      await select.select([s], [], []);
      await s.recv(100);
      await s.sendall("ping");
    }
  };
  await a.sendall("ping");
  await Promise.race([talk(a), talk(b)]);
  clearTimeout(timer);
  assert(fired, `nothing else happened in ${rounds} rounds`);
});

testPair("dup(), detach() and files", async (a, b) => {
  {
    using copy = a.dup();
    a.close();
    await copy.send("from the copy\n");
    const fd = copy.detach();
    using again = socket.socket(-1, -1, -1, fd);
    assertEquals([again.family, again.type], [AF_UNIX, SOCK_STREAM]);
    await using file = again.makefile("w");
    await file.write("from the file\n");
  }
  const lines = [];
  for await (const line of b.makefile("r")) lines.push(line);
  assertEquals(lines, ["from the copy\n", "from the file\n"]);
});

test("a pair needs no permission", async () => {
  await using child = denoText(
    [],
    `
    import { socket } from "./mod.ts";

    const [a, b] = await socket.socketpair();
    await a.sendall("hello");
    console.log(new TextDecoder().decode(await b.recv(10)));
    `,
  );
  assertEquals(await child.rest(), "hello\n");
});
