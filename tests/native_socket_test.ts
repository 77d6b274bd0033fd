// What a socket does over the kernel and couldn't over Deno. CPython on Linux
// does the same, except where a comment says otherwise.

import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { testIf } from "./cases.ts";
import { rejects } from "./raises.ts";
import { text } from "./traffic.ts";
import { native } from "./transports.ts";

const { AF_INET, AF_UNIX, MSG_OOB, MSG_TRUNC, SOCK_DGRAM, SOCK_SEQPACKET } =
  socket;

function abstract(): string {
  return `\0berkeley-${crypto.randomUUID()}`;
}

testIf(native, "a connect() waits for room in an AF_UNIX backlog", async () => {
  using server = socket.socket(AF_UNIX);
  server.bind(abstract());
  server.listen(0);
  const address = server.getsockname();
  using first = socket.socket(AF_UNIX);
  await first.connect(address);
  using other = socket.socket(AF_UNIX);
  other.setblocking(false);
  await rejects(errno.EAGAIN, other.connect(address));
  // CPython would raise EAGAIN here, too.
  other.settimeout(0.02);
  assertInstanceOf(
    await rejects(null, other.connect(address)),
    socket.TimeoutError,
  );
  other.settimeout(null);
  const connected = other.connect(address);
  const [accepted] = await server.accept();
  await connected;
  accepted.close();
  // A call that waits hears of close().
  using third = socket.socket(AF_UNIX);
  const failed = rejects(errno.EBADF, third.connect(address));
  third.close();
  await failed;
});

testIf(native, "a socket is bound before it connects", async () => {
  using server = socket.create_server(["127.0.0.1", 0]);
  using s = socket.socket();
  s.bind(["127.0.0.2", 0]);
  const name = s.getsockname();
  await s.connect(server.getsockname());
  const [accepted, from] = await server.accept();
  assertEquals(from, name);
  accepted.close();
});

testIf(native, "urgent data is received apart", async () => {
  using server = socket.create_server(["127.0.0.1", 0]);
  using a = await socket.create_connection(server.getsockname());
  const [b] = await server.accept();
  using _b = b;
  await a.send("ab");
  await a.send("!", MSG_OOB);
  const p = select.poll();
  p.register(b, select.POLLPRI);
  assertEquals((await p.poll())[0]![1], select.POLLPRI);
  assertEquals(text(await b.recv(1, MSG_OOB)), "!");
  assertEquals(text(await b.recv(9)), "ab");
  await rejects(errno.EINVAL, b.recv(1, MSG_OOB));
});

testIf(native, "records within the machine keep their ends", async () => {
  for (const type of [SOCK_DGRAM, SOCK_SEQPACKET]) {
    const [a, b] = await socket.socketpair(AF_UNIX, type);
    assertEquals(b.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE), type);
    await a.send("hello");
    await a.send("");
    const [data, , flags, from] = await b.recvmsg(3);
    assertEquals([text(data), flags, from], ["hel", MSG_TRUNC, null]);
    assertEquals(await b.recv(3), new Uint8Array(0));
    await rejects(errno.EMSGSIZE, a.send(new Uint8Array(10_000_000)));
    a.close();
    b.close();
  }
});

testIf(native, "a connected UDP socket hears of a refusal", async () => {
  using gone = socket.socket(AF_INET, SOCK_DGRAM);
  gone.bind(["127.0.0.1", 0]);
  using s = socket.socket(AF_INET, SOCK_DGRAM);
  await s.connect(gone.getsockname());
  gone.close();
  const received = rejects(errno.ECONNREFUSED, s.recv(1));
  await s.send("x");
  await received;
});

testIf(native, "an empty datagram is sent, however many are", async () => {
  using a = socket.socket(AF_INET, SOCK_DGRAM);
  using b = socket.socket(AF_INET, SOCK_DGRAM);
  b.bind(["127.0.0.1", 0]);
  await a.connect(b.getsockname());
  for (let count = 0; count < 500; count++) {
    assertEquals(await a.send(""), 0);
    assertEquals(await b.recv(1), new Uint8Array(0));
  }
});

testIf(native, "SO_LINGER of no time resets the connection", async () => {
  using server = socket.create_server(["127.0.0.1", 0]);
  const a = await socket.create_connection(server.getsockname());
  const [b] = await server.accept();
  using _b = b;
  const info = a.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104);
  assert(info.length === 104 && info[0] === 1, "not established");
  a.setsockopt(
    socket.SOL_SOCKET,
    socket.SO_LINGER,
    new Uint8Array(Int32Array.of(1, 0).buffer),
  );
  a.close();
  await rejects(errno.ECONNRESET, b.recv(1));
});
