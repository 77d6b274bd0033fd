import { assert, assertEquals } from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { closeDescriptor, openDescriptor } from "../socket/descriptors.ts";
import { install } from "../socket/transport/default.ts";
import { createPair } from "../socket/transport/deno/mod.ts";
import { test } from "./cases.ts";
import { memory } from "./memory_transport.ts";
import { rejects, throws } from "./raises.ts";
import { text } from "./traffic.ts";

// A transport that has what Deno's has not, below the same Socket. It is in
// use from here on, and its descriptors are the system's.
install(memory, import.meta.url);

const {
  AF_UNIX,
  MSG_CTRUNC,
  MSG_PEEK,
  MSG_TRUNC,
  SCM_RIGHTS,
  SHUT_WR,
  SO_LINGER,
  SO_RCVTIMEO,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOL_SOCKET,
} = socket;
const NONE = new Uint8Array(0);

async function pair(type: number = socket.SOCK_STREAM) {
  const [a, b] = await socket.socketpair(AF_UNIX, type);
  return {
    a,
    b,
    [Symbol.dispose]() {
      a.close();
      b.close();
    },
  };
}

test("ancillary data goes both ways", async () => {
  using it = await pair();
  const { a, b } = it;
  const rights: socket.Ancillary = [SOL_SOCKET, SCM_RIGHTS, Int32Array.of(7)];
  assertEquals(await a.sendmsg(["he", "llo"], [rights]), 5);
  await a.send(", world");
  const expected: socket.Ancillary<Uint8Array<ArrayBuffer>>[] = [
    [SOL_SOCKET, SCM_RIGHTS, Uint8Array.of(7, 0, 0, 0)],
  ];
  const [peeked, seen] = await b.recvmsg(10, 100, MSG_PEEK);
  assertEquals([text(peeked).slice(0, 5), seen], ["hello", expected]);
  const [data, ancdata, flags, address] = await b.recvmsg(5, 100);
  assertEquals([text(data), ancdata, flags, address], [
    "hello",
    expected,
    0,
    null,
  ]);
  assertEquals((await b.recvmsg(10, 100))[1], []);

  await a.sendmsg(["more"], [rights, rights]);
  const buffers = [new Uint8Array(1), new Uint8Array(9)];
  const into = await b.recvmsg_into(buffers, 100);
  assertEquals(into, [4, [...expected, ...expected], 0, null]);
  assertEquals(buffers.map((buffer) => buffer[0]), [109, 111]);
});

test("data that doesn't fit is cut, and the flags say so", async () => {
  using it = await pair(SOCK_DGRAM);
  const { a, b } = it;
  await a.sendmsg(["hello"], [[SOL_SOCKET, SCM_RIGHTS, new Uint8Array(4)]]);
  const [data, ancdata, flags] = await b.recvmsg(4);
  assertEquals([text(data), ancdata], ["hell", []]);
  assertEquals(flags, MSG_TRUNC | MSG_CTRUNC);
  for (const wrong of [[1], [[1, 1]], [["1", 1, NONE]], [[1, 1, "x"]]]) {
    const ancillary = wrong as unknown as socket.Ancillary[];
    const error = await a.sendmsg(["x"], ancillary).catch((error) => error);
    assert(error instanceof TypeError, String(error));
  }
});

test("an empty record is a record", async () => {
  for (const type of [SOCK_SEQPACKET, SOCK_DGRAM]) {
    using it = await pair(type);
    const { a, b } = it;
    for (const part of ["one", "", "two"]) {
      assertEquals(await a.send(part), part.length);
    }
    assertEquals(text(await b.recv(100)), "one");
    assertEquals(await b.recv(100), NONE);
    assertEquals(text((await b.recvfrom(100))[0]), "two");
    // Neither filled up nor asked for in vain.
    await a.sendall("abc");
    assertEquals(text(await b.recv(5, socket.MSG_WAITALL)), "abc");
    for (
      const call of [b.read(1), b.readline(), b.readinto(new Uint8Array(1))]
    ) {
      await rejects(errno.EOPNOTSUPP, call);
    }
  }
});

test("a Web stream goes on behind an empty record, up to the end", async () => {
  using it = await pair(SOCK_SEQPACKET);
  const { a, b } = it;
  for (const part of ["one", "", "two"]) await a.send(part);
  a.shutdown(SHUT_WR);
  assertEquals(await new Response(b.readable).text(), "onetwo");
});

test("records that are connected can be listened for", async () => {
  using server = socket.socket(AF_UNIX, SOCK_SEQPACKET);
  server.bind("\0records");
  server.listen();
  using client = socket.socket(AF_UNIX, SOCK_SEQPACKET);
  await client.connect("\0records");
  const [conn] = await server.accept();
  using _conn = conn;
  assertEquals(conn.type, SOCK_SEQPACKET);
  client.settimeout(1);
  await client.sendall("record");
  assertEquals((await select.select([conn], [], [], 1))[0], [conn]);
  assertEquals(text(await conn.recv(100)), "record");
});

test("datagrams between paths tell where they come from", async () => {
  using a = socket.socket(AF_UNIX, SOCK_DGRAM);
  using b = socket.socket(AF_UNIX, SOCK_DGRAM);
  a.bind("\0a");
  b.bind("\0b");
  await a.sendto("hello", "\0b");
  assertEquals(text((await b.recvfrom(9, MSG_PEEK))[0]), "hello");
  assertEquals((await b.recvfrom(9))[1], "\0a");
  await rejects(errno.EDESTADDRREQ, b.send("x"));
});

test("getsockopt() passes the length on, and takes bytes or a number", () => {
  using s = socket.socket();
  const value = Uint8Array.of(1, 0, 0, 0, 5, 0, 0, 0);
  s.setsockopt(SOL_SOCKET, SO_LINGER, value);
  assertEquals(s.getsockopt(SOL_SOCKET, SO_LINGER, 8), value);
  assertEquals(s.getsockopt(SOL_SOCKET, SO_LINGER), 1);
  s.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 258);
  assertEquals(s.getsockopt(SOL_SOCKET, SO_RCVTIMEO, 2), Uint8Array.of(2, 1));
});

test("a descriptor is the system's, and dup() makes another", async () => {
  using it = await pair();
  const { a, b } = it;
  const first = b.fileno();
  assertEquals([a.fileno(), first], [500, 501]);
  using copy = b.dup();
  assertEquals(copy.fileno(), 502);
  using other = socket.fromfd(first, AF_UNIX, socket.SOCK_STREAM);
  const waits = copy.recv(5);
  b.close();
  assertEquals(socket.dup(other.fileno()), first);
  await a.sendall("hello");
  assertEquals(text(await waits), "hello");
  socket.close(first);
  copy.close();
  await a.sendall("still");
  assertEquals(text(await other.recv(5)), "still");
});

test("a descriptor that was opened elsewhere is adopted", async () => {
  const [near, far] = memory.createPair(AF_UNIX, socket.SOCK_STREAM, 0);
  const { fd } = near;
  using copy = socket.fromfd(fd!, AF_UNIX, socket.SOCK_STREAM);
  assert(copy.fileno() !== fd);
  // The one that was copied is not this library's yet.
  using s = socket.socket(-1, -1, -1, fd);
  assertEquals([s.fileno(), s.family], [fd, AF_UNIX]);
  far.send(new TextEncoder().encode("hello"), 0);
  assertEquals(text(await s.recv(3)), "hel");
  assertEquals(text(await copy.recv(3)), "lo");
  socket.close(far.fd!);
  assertEquals(await s.recv(1), NONE);
  for (const act of [socket.close, socket.dup]) {
    throws(errno.EBADF, () => act(far.fd!));
  }
});

test("the library's own descriptors don't collide with the system's", () => {
  const [a, b] = createPair(AF_UNIX, socket.SOCK_STREAM, 0);
  const numbers = [openDescriptor(a), openDescriptor(b)];
  using poll = select.epoll();
  numbers.push(poll.fileno());
  for (const fd of numbers) assert(fd >= 2 ** 30, String(fd));
  assertEquals(new Set(numbers).size, 3);
  using s = socket.socket(-1, -1, -1, numbers[0]!);
  assertEquals([s.fileno(), s.type], [numbers[0], socket.SOCK_STREAM]);
  // Without a descriptor of the system, a copy shares the endpoint.
  using copy = s.dup();
  assert(copy.fileno() >= 2 ** 30);
  closeDescriptor(numbers[1]!);
});
