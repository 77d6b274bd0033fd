/**
 * Ancillary data of the kernel: descriptors, credentials, and what is beside
 * datagrams.
 *
 * @module
 */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { errno, socket, thread } from "../mod.ts";
import type { Socket } from "../socket/mod.ts";
import { terminate } from "../thread/pool.ts";
import { hasIPv6 } from "./bound.ts";
import { bytes as data } from "./calls.ts";
import { testIf } from "./cases.ts";
import { hasPython } from "./oracle.ts";
import { loadInWorker } from "./load_in_worker.ts";
import { python } from "./peer.ts";
import { hold } from "./programs/rights.ts";
import { rejects } from "./raises.ts";
import { buffer, bytes, packed, type Step, testSteps } from "./script.ts";
import { text } from "./traffic.ts";
import { native } from "./transports.ts";

const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_SEQPACKET } = socket;
const { IPPROTO_IP, IPPROTO_IPV6, SOL_SOCKET } = socket;
const { MSG_CMSG_CLOEXEC, MSG_CTRUNC, MSG_PEEK, MSG_TRUNC } = socket;
const { CMSG_LEN, CMSG_SPACE, SCM_CREDENTIALS, SCM_RIGHTS } = socket;
const { recv_fds, send_fds } = socket;

/** Numbers of Linux that Python 3.11 has no names for. */
const SO_TIMESTAMP = 29;
const IP_PKTINFO = 8;
const IP_RECVTTL = 12;
const IP_TTL = 2;

/** A test that needs the native transport. */
function testNative(name: string, fn: () => void | Promise<void>): void {
  testIf(native, name, fn);
}

/** A test that needs Python too. */
function testWithPython(name: string, fn: () => void | Promise<void>): void {
  testIf(native && hasPython, name, fn);
}

/** Two connected sockets that are closed with this. */
class Pair implements Disposable {
  private constructor(readonly near: Socket, readonly far: Socket) {}

  static async make(type?: number): Promise<Pair> {
    return new Pair(...await socket.socketpair(AF_UNIX, type));
  }

  [Symbol.dispose](): void {
    this.near.close();
    this.far.close();
  }
}

/** The bytes of C's `int`s. */
function ints(...numbers: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Int32Array.from(numbers).buffer);
}

/** The numbers of C's `int`s. */
function numbers(bytes: Uint8Array<ArrayBuffer>): number[] {
  return [...new Int32Array(bytes.slice().buffer)];
}

/** The socket of a descriptor. */
function socketOf(fd: number | undefined): Socket {
  return socket.socket(-1, -1, -1, fd!);
}

const NONE = new Uint8Array(0);

testNative("descriptors go from socket to socket", async () => {
  using way = await Pair.make();
  using server = socket.create_server(["127.0.0.1", 0]);
  const address = server.getsockname();
  const fds = [server.fileno(), way.far.fileno(), server.fileno()];
  assertEquals(await send_fds(way.near, ["he", "llo"], fds), 5);
  server.close();
  const [bytes, came, flags, from] = await recv_fds(way.far, 100, 3);
  assertEquals([text(bytes), flags, from], ["hello", 0, null]);
  assertEquals(new Set(came).size, 3);
  const [same, far, again] = came.map(socketOf);
  for (const s of [same, far, again]) {
    assertEquals(s!.get_inheritable(), false);
  }
  assertEquals(same!.getsockname(), address);
  again!.close();
  // It still listens, though the first descriptor is closed.
  using client = await socket.create_connection(address);
  const [conn] = await same!.accept();
  await conn.sendall("served");
  assertEquals(text(await client.recv(100)), "served");
  conn.close();
  same!.close();
  await far!.send("other way");
  assertEquals(text(await way.near.recv(100)), "other way");
  far!.close();
});

testNative("recvmsg() gives an array of ints", async () => {
  using way = await Pair.make();
  const fd = way.far.fileno();
  const rights = [SOL_SOCKET, SCM_RIGHTS, ints(fd, fd)] as const;
  await way.near.sendmsg(["x"], [[...rights]]);
  const room = CMSG_SPACE(8);
  const [, ancdata, flags] = await way.far.recvmsg(1, room);
  assertEquals([ancdata.length, flags], [1, 0]);
  const [level, type, bytes] = ancdata[0]!;
  assertEquals([level, type, bytes.length], [SOL_SOCKET, SCM_RIGHTS, 8]);
  for (const copy of numbers(bytes)) socket.close(copy);
  await way.near.sendmsg(["xy"], [[...rights]]);
  const target = new Uint8Array(5);
  const [count, other] = await way.far.recvmsg_into([target], room);
  assertEquals([count, target], [2, data("xy\0\0\0")]);
  for (const copy of numbers(other[0]![2])) socket.close(copy);
});

/** Sends a socket whose peer then hears when nobody has it any more. */
async function sendWitness(way: Pair, copies = 1): Promise<Socket> {
  using witness = await Pair.make();
  const fds = Array(copies).fill(witness.far.fileno());
  await send_fds(way.near, ["x"], fds);
  return socketOf(witness.near.detach());
}

testNative("descriptors without room are closed", async () => {
  using way = await Pair.make();
  const rooms = [
    [0, 0],
    [1, 0],
    [CMSG_LEN(3), 0],
    [CMSG_LEN(4), 1],
    [CMSG_LEN(8), 2],
    // The kernel fills the padding too.
    [CMSG_SPACE(4), 2],
  ] as const;
  for (const [room, count] of rooms) {
    using witness = await sendWitness(way, 3);
    const [bytes, ancdata, flags] = await way.far.recvmsg(10, room);
    assertEquals([text(bytes), flags], ["x", MSG_CTRUNC]);
    const came = ancdata.flatMap(([, , rights]) => numbers(rights));
    assertEquals(came.length, count, String(room));
    came.forEach((fd) => socket.close(fd));
    // No copy is left.
    assertEquals(await witness.recv(1), NONE);
  }
});

testNative("descriptors that nobody asks for are closed", async () => {
  using way = await Pair.make();
  const ways: (() => Promise<unknown>)[] = [
    () => way.far.recv(10),
    () => way.far.recv_into(new Uint8Array(10)),
    () => way.far.recvfrom(10),
    () => way.far.recvmsg(10),
    () => way.far.read(1),
  ];
  for (const receive of ways) {
    using witness = await sendWitness(way);
    await receive();
    assertEquals(await witness.recv(1), NONE);
  }
  using witness = await sendWitness(way);
  way.far.close();
  assertEquals(await witness.recv(1), NONE);
});

testNative("a look at a message gives descriptors of its own", async () => {
  using way = await Pair.make();
  using witness = await sendWitness(way);
  const [, [first]] = await recv_fds(way.far, 10, 1, MSG_PEEK);
  const [, [second]] = await recv_fds(way.far, 10, 1);
  assert(first !== second);
  socket.close(first!);
  using last = socketOf(second);
  await last.send("still open");
  assertEquals(text(await witness.recv(100)), "still open");
});

testNative("descriptors behind bytes that were put back arrive", async () => {
  using way = await Pair.make();
  way.far.settimeout(0.01);
  await way.near.send("first");
  // What came stays to be received.
  await rejects(null, way.far.read(6));
  using witness = await sendWitness(way);
  const [bytes, none] = await recv_fds(way.far, 100, 1);
  assertEquals([text(bytes), none], ["first", []]);
  const [, [fd]] = await recv_fds(way.far, 100, 1);
  socket.close(fd!);
  assertEquals(await witness.recv(1), NONE);
});

testNative("a call waits for descriptors, in every mode", async () => {
  using way = await Pair.make();
  for (const timeout of [null, 10]) {
    way.far.settimeout(timeout);
    const waiting = recv_fds(way.far, 10, 1);
    using witness = await sendWitness(way);
    const [, [fd]] = await waiting;
    socket.close(fd!);
    assertEquals(await witness.recv(1), NONE);
  }
  way.far.settimeout(0);
  await rejects(errno.EAGAIN, recv_fds(way.far, 10, 1));
  way.near.close();
  assertEquals(await recv_fds(way.far, 10, 1), [NONE, [], 0, null]);
  await rejects(errno.EPIPE, send_fds(way.far, ["x"], [0]));
});

testNative(
  "wrong descriptors and wrong data are the kernel's to refuse",
  async () => {
    using way = await Pair.make();
    const gone = socket.dup(0);
    socket.close(gone);
    await rejects(errno.EBADF, send_fds(way.near, ["x"], [0, gone]));
    await rejects(errno.EBADF, send_fds(way.near, ["x"], [-1]));
    await rejects(errno.EBADF, send_fds(way.near, ["x"], [2 ** 31 - 1]));
    await rejects(errno.EINVAL, send_fds(way.near, ["x"], Array(254).fill(0)));
    const message = (level: number, type: number, size: number) =>
      way.near.sendmsg(["x"], [[level, type, new Uint8Array(size)]]);
    await rejects(errno.ENOBUFS, message(SOL_SOCKET, SCM_RIGHTS, 50_000_000));
    await rejects(errno.EINVAL, message(SOL_SOCKET, SCM_CREDENTIALS, 1));
    await rejects(errno.EINVAL, message(SOL_SOCKET, 999, 1));
    // None of them has sent anything.
    way.near.close();
    assertEquals(await way.far.recv(1), NONE);
  },
);

testNative("as many descriptors go as the kernel takes", async () => {
  using way = await Pair.make();
  using witness = await sendWitness(way, 253);
  const [, fds, flags] = await recv_fds(way.far, 10, 1000);
  assertEquals([new Set(fds).size, flags], [253, 0]);
  fds.forEach((fd) => socket.close(fd));
  assertEquals(await witness.recv(1), NONE);
});

testNative("ancillary data is what it was when it was given", async () => {
  using way = await Pair.make();
  way.near.setsockopt(SOL_SOCKET, socket.SO_SNDBUF, 5000);
  const waiting = way.near.sendall(new Uint8Array(1_000_000));
  const rights = ints(way.far.fileno());
  const sent = way.near.sendmsg(["x"], [[SOL_SOCKET, SCM_RIGHTS, rights]]);
  rights.fill(255);
  structuredClone(rights.buffer, { transfer: [rights.buffer] });
  let left = 1_000_000;
  while (left > 0) left -= (await way.far.recv(left)).length;
  await waiting;
  const [, [fd]] = await recv_fds(way.far, 1, 1);
  assertEquals(await sent, 1);
  socket.close(fd!);
});

testNative(
  "a message may have no bytes but descriptors, if it is a record",
  async () => {
    for (const type of [SOCK_DGRAM, SOCK_SEQPACKET]) {
      using way = await Pair.make(type);
      assertEquals(await send_fds(way.near, [], [0]), 0);
      assertEquals(await way.near.send(""), 0);
      const [bytes, fds, flags] = await recv_fds(way.far, 10, 1);
      assertEquals([bytes, fds.length, flags], [NONE, 1, 0]);
      socket.close(fds[0]!);
      assertEquals((await recv_fds(way.far, 10, 1))[0], NONE);
    }
  },
);

testWithPython("descriptors go to Python and come from it", async () => {
  using way = await Pair.make();
  way.far.set_inheritable(true);
  await using child = python(
    `
import array, os, tempfile
way = socket.socket(fileno=int(args[0]))
way.setblocking(True)
# A server comes, and a connection goes back.
data, fds, flags, address = socket.recv_fds(way, 100, 5)
say(data.decode(), len(fds), flags)
server = socket.socket(fileno=fds[0])
client = socket.create_connection(server.getsockname())
with tempfile.TemporaryFile() as file:
  file.write(b"in a file")
  file.flush()
  socket.send_fds(way, [b"two"], [client.fileno(), file.fileno()])
# The file goes there and back, and is the same.
data, (copy,), flags, address = socket.recv_fds(way, 100, 1)
say(os.pread(copy, 100, 0).decode())
client.sendall(b"bye")
# A process that ends has its descriptors closed.
os._exit(0)
`,
    way.far.fileno(),
  );
  way.far.close();
  using server = socket.create_server(["127.0.0.1", 0]);
  await send_fds(way.near, ["one"], [server.fileno()]);
  assertEquals(await child.line(), "one 1 0");
  const [bytes, [first, second], flags] = await recv_fds(way.near, 100, 5);
  assertEquals([text(bytes), flags], ["two", 0]);
  using client = socketOf(first);
  const [conn] = await server.accept();
  using accepted = conn;
  assertEquals(client.getpeername(), server.getsockname());
  await send_fds(way.near, ["back"], [second!]);
  socket.close(second!);
  assertEquals(await child.line(), "in a file");
  assertEquals(text(await accepted.recv(100)), "bye");
  await child.rest();
  assertEquals(await way.near.recv(1), NONE);
  client.close();
  assertEquals(await accepted.recv(1), NONE);
});

testWithPython("a peer that vanishes leaves what it had sent", async () => {
  using way = await Pair.make();
  using witness = await Pair.make();
  for (const s of [way.far, witness.far]) s.set_inheritable(true);
  await using child = python(
    `
import os, signal
way, witness = (socket.socket(fileno=int(fd)) for fd in args)
socket.send_fds(way, [b"x"], [witness.fileno()])
os.kill(os.getpid(), signal.SIGKILL)
`,
    way.far.fileno(),
    witness.far.fileno(),
  );
  way.far.close();
  witness.far.close();
  const [bytes, [fd]] = await recv_fds(way.near, 10, 1);
  assertEquals(text(bytes), "x");
  // All that is left of it.
  socket.close(fd!);
  assertEquals(await witness.near.recv(1), NONE);
  assert(child.pid > 0);
});

testWithPython("credentials are the sender's", async () => {
  using way = await Pair.make();
  way.far.set_inheritable(true);
  way.near.setsockopt(SOL_SOCKET, socket.SO_PASSCRED, 1);
  await using child = python(
    `
import os
way = socket.socket(fileno=int(args[0]))
way.setblocking(True)
own = struct.pack("iII", os.getpid(), os.getuid(), os.getgid())
way.sendmsg([b"a"], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, own)])
way.sendmsg([b"b"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", 0))])
say(os.getpid(), os.getuid(), os.getgid())
way.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
sys.stdin.readline()
data, ancdata, flags, address = way.recvmsg(10, 100)
say(*struct.unpack("iII", ancdata[0][2]))
`,
    way.far.fileno(),
  );
  const expected = (await child.line()).split(" ").map(Number);
  const [pid, ...ids] = expected;
  assertEquals(pid, child.pid);
  const [, one] = await way.near.recvmsg(1, CMSG_SPACE(12));
  assertEquals(one.map(([, ...rest]) => rest.length), [2]);
  assertEquals(one[0]!.slice(0, 2), [SOL_SOCKET, SCM_CREDENTIALS]);
  assertEquals(numbers(one[0]![2]), expected);
  // Two control messages come beside one byte, or as many as there is room for.
  const [, two, flags] = await way.near.recvmsg(
    1,
    CMSG_SPACE(12) + CMSG_SPACE(4),
  );
  assertEquals(two.map(([, type]) => type), [SCM_CREDENTIALS, SCM_RIGHTS]);
  assertEquals([numbers(two[0]![2]), flags], [expected, 0]);
  socket.close(numbers(two[1]![2])[0]!);
  // The pair was made here, whoever has it now.
  const peer = way.near.getsockopt(SOL_SOCKET, socket.SO_PEERCRED, 12);
  assertEquals(numbers(peer), [Deno.pid, ...ids]);
  await child.say();
  const own = ints(Deno.pid, ...ids);
  await way.near.sendmsg(["x"], [[SOL_SOCKET, SCM_CREDENTIALS, own]]);
  assertEquals(await child.line(), [Deno.pid, ...ids].join(" "));
  await child.rest();
});

testNative("credentials are cut where there is no room", async () => {
  using way = await Pair.make();
  way.far.setsockopt(SOL_SOCKET, socket.SO_PASSCRED, 1);
  for (const room of [0, 15, 16, 20, 27]) {
    await way.near.send("x");
    const [, ancdata, flags] = await way.far.recvmsg(1, room);
    assertEquals(flags, MSG_CTRUNC, String(room));
    const sizes = ancdata.map(([, , bytes]) => bytes.length);
    assertEquals(sizes, room < 16 ? [] : [room - 16]);
  }
});

/** Two datagram sockets, of which one sends to the other. */
function datagrams(family: number, host: string): Pair & {
  send(ancdata?: [number, number, Uint8Array<ArrayBuffer>][]): Promise<number>;
} {
  const near = socket.socket(family, SOCK_DGRAM);
  const far = socket.socket(family, SOCK_DGRAM);
  far.bind([host, 0]);
  far.settimeout(10);
  return {
    near,
    far,
    send: (ancdata = []) => near.sendmsg(["x"], ancdata, 0, far.getsockname()),
    [Symbol.dispose]() {
      near.close();
      far.close();
    },
  };
}

testNative("the kernel tells when a datagram came", async () => {
  using way = datagrams(AF_INET, "127.0.0.1");
  way.far.setsockopt(SOL_SOCKET, SO_TIMESTAMP, 1);
  const before = Date.now();
  await way.send();
  const [, ancdata, flags] = await way.far.recvmsg(10, 100);
  const after = Date.now();
  assertEquals([ancdata.length, flags], [1, 0]);
  const [level, type, bytes] = ancdata[0]!;
  assertEquals([level, type, bytes.length], [SOL_SOCKET, SO_TIMESTAMP, 16]);
  const [seconds, , microseconds] = numbers(bytes);
  const time = seconds! * 1000 + microseconds! / 1000;
  // Clocks of the kernel and of Deno are read one after the other.
  assertGreater(time, before - 2);
  assertLess(time, after + 2);
});

testNative("a datagram's way is told, and can be chosen", async () => {
  using way = datagrams(AF_INET, "0.0.0.0");
  way.far.setsockopt(IPPROTO_IP, IP_PKTINFO, 1);
  way.far.setsockopt(IPPROTO_IP, IP_RECVTTL, 1);
  const to = ["127.0.0.3", way.far.getsockname()[1] as number] as const;
  // struct in_pktinfo: the interface, where from, where to.
  const from = ints(0, 0, 0);
  from.set([127, 0, 0, 2], 4);
  await way.near.sendmsg(
    ["x"],
    [
      [IPPROTO_IP, IP_PKTINFO, from],
      [IPPROTO_IP, IP_TTL, ints(33)],
    ],
    0,
    to,
  );
  const [, ancdata, flags, sender] = await way.far.recvmsg(10, 200);
  assertEquals(flags, 0);
  const [host] = sender as [string, number];
  assertEquals(host, "127.0.0.2");
  const found = new Map(ancdata.map(([, type, bytes]) => [type, bytes]));
  assertEquals([...found.keys()].sort(), [IP_TTL, IP_PKTINFO]);
  assertEquals(numbers(found.get(IP_TTL)!), [33]);
  const info = found.get(IP_PKTINFO)!;
  assertEquals(numbers(info)[0], socket.if_nametoindex("lo"));
  assertEquals([...info.subarray(8)], [127, 0, 0, 3]);
  // What has no room is told to be missing.
  await way.send();
  const [, some, cut] = await way.far.recvmsg(10, CMSG_SPACE(12));
  assertEquals([some.length, cut], [1, MSG_CTRUNC]);
});

testIf(
  native && hasIPv6,
  "hops and classes of IPv6 come beside each other",
  async () => {
    using way = datagrams(AF_INET6, "::1");
    const { IPV6_HOPLIMIT, IPV6_TCLASS } = socket;
    way.far.setsockopt(IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1);
    way.far.setsockopt(IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1);
    await way.send([
      [IPPROTO_IPV6, IPV6_HOPLIMIT, ints(7)],
      [IPPROTO_IPV6, IPV6_TCLASS, ints(4)],
    ]);
    const [, ancdata] = await way.far.recvmsg(10, 2 * CMSG_SPACE(4));
    assertEquals(
      ancdata.map(([level, type, bytes]) => [level, type, numbers(bytes)]),
      [[IPPROTO_IPV6, IPV6_HOPLIMIT, [7]], [IPPROTO_IPV6, IPV6_TCLASS, [4]]],
    );
  },
);

for (const type of [SOCK_DGRAM, SOCK_SEQPACKET, socket.SOCK_STREAM]) {
  const steps: Step[] = [
    ["a, b = socket.socketpair", AF_UNIX, type],
    ["a.sendmsg", [bytes("hello"), bytes(", world")], [], socket.MSG_EOR],
    ["b.recvmsg", 100, 100],
    ["a.sendmsg", [bytes("abcdef")]],
    ["b.recvmsg", 3, 0, MSG_PEEK],
    ["b.recvmsg_into", [buffer(2), buffer(1)], 0, MSG_TRUNC],
    ["a.send", bytes("abcdef")],
    ["b.recvmsg", 3, 100, MSG_TRUNC | MSG_CMSG_CLOEXEC],
    ["a.send", bytes("abcdef")],
    ["b.recvfrom_into", buffer(3), 0, MSG_TRUNC],
    ["a.send", bytes("abcdef")],
    ["b.recv_into", buffer(3), 0, MSG_TRUNC],
    ["a.sendmsg", [bytes("x")], [[SOL_SOCKET, SCM_RIGHTS, packed()]]],
    ["b.recvmsg", 100, 100],
    ["a.sendmsg", [bytes("x")], [[SOL_SOCKET, SCM_RIGHTS, packed(0, 0, 0)]]],
    ["b.recvmsg", 100, 100],
    ["a.sendmsg", [bytes("x")], [[77, 1, packed(0)]]],
    ["b.recvmsg", 100, 100],
    ["a.sendmsg", [bytes("x")], [[SOL_SOCKET, SCM_RIGHTS]]],
    ["a.sendmsg", [bytes("x")], [5]],
    ["a.sendmsg", [bytes("x")], [[SOL_SOCKET, "1", packed(0)]]],
    ["a.sendmsg", [bytes("x")], [[SOL_SOCKET, 2 ** 31, packed(0)]]],
    ["a.sendmsg", [bytes("x")], [[SOL_SOCKET, SCM_RIGHTS, "text"]]],
    ["a.sendmsg", [bytes("last")]],
    ["b.recvmsg", 100, 2 ** 31],
    ["b.recvmsg", 100, 2 ** 20],
  ];
  testSteps(`flags and sizes of messages are Python's (${type})`, steps, {
    ignore: !native,
  });
}

testNative(
  "descriptors that a thread received end with its worker",
  async () => {
    const here = {
      module: new URL("programs/rights.ts", import.meta.url),
      dedicated: true,
    };
    await loadInWorker(here.module);
    try {
      for (const closes of [true, false]) {
        using way = await Pair.make();
        using witness = await Pair.make();
        thread.start_new_thread(hold, [way.far, closes], null, here);
        const fd = witness.far.fileno();
        await send_fds(way.near, ["x"], [fd, fd]);
        witness.far.close();
        assertEquals(text(await way.near.recv(10)), "2");
        await way.near.send("x");
        assertEquals(await witness.near.recv(1), NONE);
      }
    } finally {
      await terminate();
    }
  },
);
