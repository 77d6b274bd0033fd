import { assert, assertEquals } from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { testIf } from "./cases.ts";
import { Fake } from "./fake.ts";
import { hasPython, python as ask } from "./oracle.ts";
import { python } from "./peer.ts";
import { throws } from "./raises.ts";
import { text } from "./traffic.ts";
import { native } from "./transports.ts";

// An epoll object of native sockets is the kernel's.

const {
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
} = select;

type Socket = socket.Socket;

function testNative(name: string, fn: () => Promise<void>): void {
  testIf(native, name, fn);
}

async function pair(): Promise<[Socket, Socket]> {
  return await socket.socketpair();
}

/** The kind of file behind a descriptor, as another process sees it. */
async function kindOf(fd: number): Promise<string> {
  const program = "import json, os, sys; pid, fd = json.load(sys.stdin);" +
    "print(json.dumps(os.readlink(f'/proc/{pid}/fd/{fd}')))";
  return await ask(program, [Deno.pid, fd]);
}

/** Asserts that a descriptor is closed. */
function closed(fd: number): void {
  throws(errno.EBADF, () => socket.close(fd));
}

/** Has a call fail; what came for it is put back, and there for the next one. */
async function lookForMore(sock: Socket): Promise<void> {
  sock.settimeout(0.01);
  try {
    await sock.recv(10, socket.MSG_PEEK | socket.MSG_WAITALL);
  } catch (error) {
    assert(error instanceof socket.TimeoutError, String(error));
  }
}

testNative("fileno() is an epoll descriptor", async () => {
  const ep = select.epoll();
  const fd = ep.fileno();
  if (hasPython) assertEquals(await kindOf(fd), "anon_inode:[eventpoll]");
  const [a, b] = await pair();
  ep.register(a, EPOLLIN);
  const outer = select.epoll<number>();
  // One epoll within another, by its number.
  outer.register(fd, EPOLLIN);
  const waiting = outer.poll(5);
  await b.send("x");
  assertEquals(await waiting, [[fd, EPOLLIN]]);
  throws(errno.EINVAL, () => ep.register(fd as never, EPOLLIN));
  ep.close();
  closed(fd);
  assertEquals(await outer.poll(0), []);
  outer.close();
  a.close();
  b.close();
});

testNative("epoll_ctl(2) has its errors", async () => {
  using ep = select.epoll<Socket | number>();
  const [a, b] = await pair();
  throws(errno.ENOENT, () => ep.modify(a, EPOLLIN));
  throws(errno.ENOENT, () => ep.unregister(a));
  ep.register(a, EPOLLIN);
  throws(errno.EEXIST, () => ep.register(a, EPOLLOUT));
  throws(errno.EEXIST, () => ep.register(a.fileno(), EPOLLOUT));
  throws(errno.EBADF, () => ep.register(100_000, EPOLLIN));
  throws(errno.EBADF, () => ep.register(-1, EPOLLIN));
  throws(errno.EINVAL, () => ep.modify(a, EPOLLIN | EPOLLEXCLUSIVE));
  throws(
    errno.EINVAL,
    () => ep.register(b, EPOLLIN | EPOLLPRI | EPOLLEXCLUSIVE),
  );
  ep.unregister(a.fileno());
  throws(errno.ENOENT, () => ep.unregister(a));
  a.close();
  b.close();
});

testNative("EPOLLEXCLUSIVE is the kernel's", async () => {
  using one = select.epoll<Socket>();
  const [a, b] = await pair();
  one.register(a, EPOLLIN | EPOLLEXCLUSIVE);
  const waiting = one.poll(5);
  await b.send("x");
  assertEquals(await waiting, [[a, EPOLLIN]]);
  a.close();
  b.close();
});

testNative("fromfd() shares what is registered", async () => {
  const ep = select.epoll<Socket>();
  const [a, b] = await pair();
  ep.register(a, EPOLLIN);
  const fd = socket.dup(ep.fileno());
  const other = select.epoll.fromfd<Socket | number>(fd);
  assertEquals(other.fileno(), fd);
  await b.send("x");
  assertEquals(await other.poll(5), [[a.fileno(), EPOLLIN]]);
  other.register(b, EPOLLOUT);
  assertEquals(await ep.poll(5, 1), [[a, EPOLLIN]]);
  const numbers = (await ep.poll(5)).map(([object]) => Number(object));
  assert(numbers.includes(b.fileno()));
  ep.close();
  assertEquals((await other.poll(5)).length, 2);
  other.close();
  closed(fd);
  a.close();
  b.close();
});

testNative("a closed socket with a copy is no longer registered", async () => {
  using ep = select.epoll<Socket>();
  const [a, b] = await pair();
  const copy = a.dup();
  ep.register(a, EPOLLIN | EPOLLHUP);
  a.close();
  await b.send("x");
  assertEquals(await ep.poll(0), []);
  ep.register(copy, EPOLLIN);
  assertEquals(await ep.poll(0), [[copy, EPOLLIN]]);
  copy.close();
  b.close();
});

testNative("bytes that were put back are readable", async () => {
  using ep = select.epoll<Socket>();
  const [a, b] = await pair();
  ep.register(b, EPOLLIN);
  await a.send("early");
  await lookForMore(b);
  for (let i = 0; i < 2; i++) {
    assertEquals(await ep.poll(0), [[b, EPOLLIN]]);
  }
  for (const flag of [EPOLLET, EPOLLONESHOT]) {
    ep.modify(b, EPOLLIN | flag);
    assertEquals(await ep.poll(0), [[b, EPOLLIN]]);
    assertEquals(await ep.poll(0), []);
  }
  assertEquals(text(await b.recv(10)), "early");
  ep.modify(b, EPOLLIN);
  assertEquals(await ep.poll(0), []);
  const waiting = ep.poll(5);
  await a.send("late");
  assertEquals(await waiting, [[b, EPOLLIN]]);
  a.close();
  b.close();
});

testNative("a copy is readable by the bytes put back before it", async () => {
  using ep = select.epoll<Socket>();
  const [a, b] = await pair();
  await a.send("early");
  await lookForMore(b);
  const copy = b.dup();
  b.close();
  ep.register(copy, EPOLLIN);
  assertEquals(await ep.poll(0), [[copy, EPOLLIN]]);
  assertEquals(text(await copy.recv(10)), "early");
  copy.close();
  a.close();
});

testNative(
  "objects without a descriptor are waited for beside sockets",
  async () => {
    using ep = select.epoll<Socket | Fake>();
    const [a, b] = await pair();
    const fake = new Fake();
    ep.register(fake, EPOLLIN);
    ep.register(a, EPOLLIN);
    throws(errno.EEXIST, () => ep.register(fake, EPOLLIN));
    let waiting = ep.poll(5);
    fake.become(EPOLLIN);
    assertEquals(await waiting, [[fake, EPOLLIN]]);
    await b.send("x");
    assertEquals((await ep.poll(0)).length, 2);
    // With room for one event, each has its turn.
    const turns = [];
    for (let i = 0; i < 4; i++) turns.push((await ep.poll(0, 1))[0]![0]);
    assertEquals(new Set(turns).size, 2);
    fake.become(0);
    assertEquals(await ep.poll(0), [[a, EPOLLIN]]);
    ep.unregister(fake);
    await a.recv(1);
    waiting = ep.poll(5);
    await b.send("y");
    assertEquals(await waiting, [[a, EPOLLIN]]);
    a.close();
    b.close();
  },
);

/**
 * Sends the reading end of a pipe and a file, and closes the pipe's other end
 * when told to.
 */
const OTHERS = `
import os
r, w = os.pipe()
s = socket.socket(socket.AF_UNIX)
s.connect("\\0" + args[0])
socket.send_fds(s, [b"x"], [r, os.open(sys.executable, os.O_RDONLY)])
sys.stdin.readline()
# A copy of the other end would stay registered.
os.close(r)
os.close(w)
say("closed")
`;

testIf(native && hasPython, "any descriptor can be registered", async () => {
  using server = socket.socket(socket.AF_UNIX);
  const name = `berkeley-${crypto.randomUUID()}`;
  server.bind(`\0${name}`);
  server.listen();
  await using peer = python(OTHERS, name);
  const [conn] = await server.accept();
  const [, [pipe, file]] = await socket.recv_fds(conn, 1, 2);
  conn.close();
  using ep = select.epoll<number>();
  ep.register(pipe!, EPOLLIN);
  throws(errno.EPERM, () => ep.register(file!, EPOLLIN));
  assertEquals(await ep.poll(0), []);
  const waiting = ep.poll(5);
  await peer.say("end");
  assertEquals(await waiting, [[pipe, EPOLLHUP]]);
  assertEquals(await peer.line(), "closed");
  socket.close(pipe!);
  socket.close(file!);
  assertEquals(await ep.poll(0), []);
  throws(errno.EBADF, () => ep.unregister(pipe!));
});
