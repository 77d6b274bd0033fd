/**
 * Options and flags that only native sockets have, against Python's sockets and
 * the manual pages.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import type { Socket } from "../socket/mod.ts";
import { testIf } from "./cases.ts";
import { linesWithin, testNative } from "./native_programs.ts";
import { hasPython, python } from "./oracle.ts";
import { rejects, throws } from "./raises.ts";
import { text } from "./traffic.ts";
import { native } from "./transports.ts";

const {
  AF_INET,
  AF_UNIX,
  IPPROTO_ICMP,
  IPPROTO_IP,
  IPPROTO_TCP,
  MSG_CONFIRM,
  MSG_DONTROUTE,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_MORE,
  MSG_OOB,
  MSG_PEEK,
  OSError,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_OOBINLINE,
  SO_RCVBUF,
  SO_REUSEPORT,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_SOCKET,
  TCP_CONGESTION,
  TCP_INFO,
  TCP_NODELAY,
} = socket;

/** `ip(7)`: whether errors are queued, and their kind of message. */
const IP_RECVERR = 11;

async function udpPair(): Promise<[Socket, Socket]> {
  const a = socket.socket(AF_INET, SOCK_DGRAM);
  const b = socket.socket(AF_INET, SOCK_DGRAM);
  b.bind(["127.0.0.1", 0]);
  await a.connect(b.getsockname());
  return [a, b];
}

async function tcpPair(): Promise<[Socket, Socket]> {
  using server = socket.create_server(["127.0.0.1", 0]);
  const a = await socket.create_connection(server.getsockname());
  const [b] = await server.accept();
  return [a, b];
}

// Flags

testIf(native, "MSG_MORE makes one datagram of several calls", async () => {
  const [a, b] = await udpPair();
  using _a = a;
  using _b = b;
  await a.send("one ", MSG_MORE);
  await a.sendmsg(["two ", "three "], [], MSG_MORE);
  await a.send("four");
  assertEquals(text(await b.recv(100)), "one two three four");
});

testIf(native, "flags about the route are taken", async () => {
  const [a, b] = await udpPair();
  using _a = a;
  using _b = b;
  for (const flags of [MSG_CONFIRM, MSG_DONTROUTE]) {
    await a.send("x", flags);
    await a.sendto("y", flags, b.getsockname());
    assertEquals(text(await b.recv(9)) + text(await b.recv(9)), "xy");
  }
});

const QUEUED = `
import json, select, socket
gone = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
gone.bind(("127.0.0.1", 0))
address = gone.getsockname()
gone.close()
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, 11, 1)
s.sendto(b"lost", address)
p = select.poll()
p.register(s, 0)
mask = p.poll()[0][1]
data, found, flags, sender = s.recvmsg(100, 100, socket.MSG_ERRQUEUE)
print(json.dumps([mask, data.decode(),
  [[level, type, list(data)] for level, type, data in found],
  flags, sender == address]))
`;

testIf(native && hasPython, "MSG_ERRQUEUE tells what was lost", async () => {
  const gone = socket.socket(AF_INET, SOCK_DGRAM);
  gone.bind(["127.0.0.1", 0]);
  const address = gone.getsockname();
  gone.close();
  using s = socket.socket(AF_INET, SOCK_DGRAM);
  s.setsockopt(IPPROTO_IP, IP_RECVERR, 1);
  await s.sendto("lost", address);
  const p = select.poll();
  p.register(s, 0);
  const [[, mask]] = await p.poll() as [[Socket, number]];
  const [data, found, flags, sender] = await s.recvmsg(100, 100, MSG_ERRQUEUE);
  const ours = [
    mask,
    text(data),
    found.map(([level, type, data]) => [level, type, [...data]]),
    flags,
    JSON.stringify(sender) === JSON.stringify(address),
  ];
  assertEquals(ours as unknown, await python(QUEUED));
  const again = s.recvmsg(1, 0, MSG_ERRQUEUE | MSG_DONTWAIT);
  await rejects(errno.EAGAIN, again);
});

testIf(native, "a peer that is gone raises EPIPE, and no signal", async () => {
  // SIGPIPE would end the process.
  for (const pair of [tcpPair, () => socket.socketpair()]) {
    const [a, b] = await pair();
    using _b = b;
    a.shutdown(socket.SHUT_WR);
    for (
      const call of [
        () => a.send("x"),
        () => a.sendall("x"),
        () => a.send("x", MSG_MORE),
        () => a.sendmsg(["x"]),
        () => a.sendmsg(["x"], [], MSG_DONTWAIT),
      ]
    ) await rejects(errno.EPIPE, call());
    a.close();
  }
});

// Options

testIf(native, "SO_OOBINLINE leaves urgent data in the stream", async () => {
  const [a, b] = await tcpPair();
  using _a = a;
  using _b = b;
  b.setsockopt(SOL_SOCKET, SO_OOBINLINE, 1);
  await a.send("ab!", MSG_OOB);
  await a.send("cd");
  await rejects(errno.EINVAL, b.recv(1, MSG_OOB));
  let all = "";
  while (all.length < 5) all += text(await b.recv(9));
  assertEquals(all, "ab!cd");
});

testIf(native, "SO_REUSEPORT lets sockets share a port", async () => {
  const shared = () => {
    const s = socket.socket();
    s.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
    return s;
  };
  using one = shared();
  one.bind(["127.0.0.1", 0]);
  const address = one.getsockname();
  one.listen();
  using two = shared();
  two.bind(address);
  two.listen();
  using other = socket.socket();
  throws(errno.EADDRINUSE, () => other.bind(address));
  using client = await socket.create_connection(address);
  const ready = await select.select([one, two], [], []);
  assertEquals(ready[0].length, 1);
  const [conn] = await ready[0][0]!.accept();
  assertEquals(conn.getpeername(), client.getsockname());
  conn.close();
});

testIf(native, "an AF_UNIX socket gets a name of the kernel's", async () => {
  for (const type of [socket.SOCK_STREAM, SOCK_DGRAM]) {
    using s = socket.socket(AF_UNIX, type);
    s.bind("");
    const name = s.getsockname();
    const shown = name instanceof Uint8Array ? text(name) : String(name);
    assertMatch(shown, /^\0[0-9a-f]{5}$/);
    if (type !== SOCK_DGRAM) continue;
    using other = socket.socket(AF_UNIX, type);
    await other.sendto("hello", name);
    assertEquals(text(await s.recv(9)), "hello");
  }
});

const INFO = `
import json, socket
server = socket.create_server(("127.0.0.1", 0))
a = socket.create_connection(server.getsockname())
print(json.dumps([list(a.getsockopt(6, 11, size))[:1] +
  [len(a.getsockopt(6, 11, size))] for size in (1, 8, 104, 192)]))
`;

testIf(native && hasPython, "TCP_INFO is a structure", async () => {
  const [a, b] = await tcpPair();
  using _a = a;
  using _b = b;
  const infos = [1, 8, 104, 192].map((size) => {
    const info = a.getsockopt(IPPROTO_TCP, TCP_INFO, size);
    return [info[0], info.length];
  });
  assertEquals(infos as unknown, await python(INFO));
});

/** Values of options, and lengths of the results that are asked for. */
const OPTIONS = [SO_KEEPALIVE, SO_RCVBUF, SO_LINGER, SO_ERROR, 9999]
  .map((name) => [SOL_SOCKET, name])
  .concat([[IPPROTO_TCP, TCP_NODELAY], [IPPROTO_TCP, TCP_CONGESTION]])
  .concat([[IPPROTO_IP, socket.IP_TTL], [IPPROTO_IP, socket.IP_TOS], [77, 1]]);
const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 1024];

const SIZES = `
import json, socket, sys
options, lengths = json.load(sys.stdin)
def tell(act):
    try:
        return act()
    except OSError as error:
        return error.errno
def told(level, name):
    with socket.socket() as s:
        sets = [tell(lambda: s.setsockopt(level, name, bytes(n)))
                for n in lengths]
        gets = [tell(lambda: s.getsockopt(level, name, n)) for n in lengths]
        number = tell(lambda: s.getsockopt(level, name))
    return [sets, [list(g) if isinstance(g, bytes) else g for g in gets],
            number]
print(json.dumps([told(*option) for option in options]))
`;

testIf(native && hasPython, "options of any size are Python's", async () => {
  const tell = (act: () => unknown) => {
    try {
      return act() ?? null;
    } catch (error) {
      assert(error instanceof OSError, String(error));
      return error.errno;
    }
  };
  const ours = OPTIONS.map(([level, name]) => {
    using s = socket.socket();
    const option = [level!, name!] as const;
    return [
      LENGTHS.map((n) =>
        tell(() => s.setsockopt(...option, new Uint8Array(n)))
      ),
      LENGTHS.map((n) => {
        const value = tell(() => s.getsockopt(...option, n));
        return value instanceof Uint8Array ? [...value] : value;
      }),
      tell(() => s.getsockopt(...option)),
    ];
  });
  assertEquals(ours as unknown, await python(SIZES, [OPTIONS, LENGTHS]));
});

// Sizes

testIf(native, "a count beyond C's integers loses nothing", async () => {
  const [c, d] = await socket.socketpair(AF_UNIX, SOCK_DGRAM);
  const [a, b] = await socket.socketpair();
  for (const count of [2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 40]) {
    await c.send("hello");
    assertEquals(text(await d.recv(count, MSG_PEEK)), "hello");
    assertEquals(text((await d.recvmsg(count))[0]), "hello");
    await a.send("hello");
    assertEquals(text(await b.recv(count, MSG_PEEK)), "hello");
    assertEquals(text(await b.recv(count)), "hello");
  }
  for (const s of [a, b, c, d]) s.close();
});

testIf(native, "a buffer beyond C's integers is filled and sent", async () => {
  // Only the pages that are used take memory.
  const large = new Uint8Array(2 ** 32 + 3);
  const [c, d] = await socket.socketpair(AF_UNIX, SOCK_DGRAM);
  await c.send("hello");
  assertEquals(await d.recv_into(large), 5);
  await rejects(errno.EMSGSIZE, c.send(large));
  await rejects(errno.EMSGSIZE, c.sendmsg([large]));
  const [a, b] = await socket.socketpair();
  for (
    const send of [
      () => a.send(large, MSG_DONTWAIT),
      () => a.sendmsg([large], [], MSG_DONTWAIT),
    ]
  ) {
    const count = await send();
    assert(count > 5);
    const received = await b.recv(count, socket.MSG_WAITALL);
    assertEquals(text(received.subarray(0, 6)), "hello\0");
  }
  for (const s of [a, b, c, d]) s.close();
});

testIf(native, "memory of any kind is received into", async () => {
  const [a, b] = await socket.socketpair();
  using _a = a;
  using _b = b;
  const shared = new Uint8Array(new SharedArrayBuffer(100)) as Uint8Array;
  const resizable = new Uint8Array(new ArrayBuffer(9, { maxByteLength: 100 }));
  for (const memory of [shared, resizable] as Uint8Array<ArrayBuffer>[]) {
    await a.send("hello");
    assertEquals(await b.recv_into(memory), 5);
    await a.send(memory.subarray(0, 5));
    assertEquals(text(await b.recv(9)), "hello");
  }
});

// What not every machine lets a program have

const isRoot = Deno.build.os === "linux" && native && mayBeRaw();

function mayBeRaw(): boolean {
  try {
    socket.socket(AF_INET, SOCK_RAW, IPPROTO_ICMP).close();
    return true;
  } catch (error) {
    console.warn(`Ignored: the test of raw sockets: ${error}`);
    return false;
  }
}

testIf(isRoot, "a raw socket sends and receives packets", async () => {
  using s = socket.socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  const mark = crypto.getRandomValues(new Uint8Array(8));
  const ECHO = 8;
  const ECHO_REPLY = 0;
  const packet = Uint8Array.of(ECHO, 0, 0, 0, 0, 0, 0, 0, ...mark);
  const view = new DataView(packet.buffer);
  let sum = 0;
  for (let at = 0; at < packet.length; at += 2) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(2, ~sum & 0xffff);
  await s.sendto(packet, ["127.0.0.1", 0]);
  for (;;) {
    const [data, from] = await s.recvfrom(1000);
    assertEquals(from, ["127.0.0.1", 0]);
    const [head = 0] = data;
    // Before what the protocol has, there is the header of IP.
    const body = data.subarray((head & 15) * 4);
    if (body[0] !== ECHO_REPLY || body.length !== packet.length) continue;
    if (body.subarray(8).toHex() === mark.toHex()) break;
  }
});

testNative("calls that find no free descriptor raise EMFILE", async () => {
  const found = await linesWithin(
    60,
    ["--allow-ffi", "--allow-net"],
    `
    await install();
    const { socket } = mod;
    const server = socket.create_server(["127.0.0.1", 0]);
    // The first wait takes descriptors for the poller.
    const accepted = server.accept();
    const first = await socket.create_connection(server.getsockname());
    const open = [first, (await accepted)[0]];
    const client = socket.socket();
    await client.connect(server.getsockname());
    let code;
    while (code === undefined) {
      try {
        open.push(socket.socket());
      } catch (error) {
        code = error.errno;
      }
    }
    console.log(code);
    await tell(() => server.accept());
    await tell(() => client.dup());
    await tell(() => socket.socketpair());
    // None of them has kept one, and the client still waits.
    open.pop().close();
    const [conn] = await server.accept();
    await tell(() => client.dup());
    await client.send("x");
    await tell(async () => (await conn.recv(9)).length);
    `,
  );
  const EMFILE = "fine OSError 24 [Errno 24] Too many open files";
  assertEquals(found, ["24", EMFILE, EMFILE, EMFILE, EMFILE, "fine 1"]);
});
