import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLess,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { FOREIGN, testIPv6 } from "./bound.ts";
import { test, testIf } from "./cases.ts";
import { persist, rejects, throws } from "./raises.ts";
import { buffer, bytes, type Step, testSteps, zeros } from "./script.ts";
import { pattern, text } from "./traffic.ts";
import { native } from "./transports.ts";
import { type Inet, portOf, Udp } from "./udp.ts";
import { events, which } from "./which.ts";

const { AF_INET, AF_INET6, SOCK_DGRAM } = socket;
const { MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, MSG_WAITALL } = socket;
const { SHUT_RD, SHUT_RDWR, SHUT_WR } = socket;
const { POLLIN, POLLNVAL, POLLOUT } = select;

/** Seconds: a time-out that passes. */
const SHORT = 0.02;

/** Two sockets with addresses, as steps. */
const TWO: Step[] = [
  ["a = socket.socket", AF_INET, SOCK_DGRAM],
  ["b = socket.socket", AF_INET, SOCK_DGRAM],
  ["a.bind", ["127.0.0.1", 0]],
  ["b.bind", ["127.0.0.1", 0]],
  ["a.settimeout", 5],
  ["b.settimeout", 5],
];

/** `a` sends these to `b`, as steps. */
function sent(...texts: string[]): Step[] {
  return texts.map((each) => ["a.sendto", bytes(each), "$b"]);
}

// Addresses

testSteps("UDP addresses are Python's", [
  ...TWO,
  ["a.getsockname"],
  ["a.bind", ["127.0.0.1", 0]],
  ["a.getpeername"],
  ["c = socket.socket", AF_INET, SOCK_DGRAM],
  ["c.getsockname"],
  ["c.bind", "$a"],
  ["c.bind", [FOREIGN, 0]],
  ["c.bind", ["nowhere.invalid", 0]],
  ["c.bind", ["::1", 0]],
  ["c.bind", ["127.0.0.1"]],
  ["c.bind", "127.0.0.1:80"],
  ["c.bind", ["127.0.0.1", 65536]],
  ["c.bind", ["127.0.0.1", -1]],
  ["c.getsockname"],
  ["c.bind", ["", 0]],
  ["c.getsockname"],
  ["d = socket.socket", AF_INET, SOCK_DGRAM],
  ["d.bind", ["localhost", 0]],
  ["d.getsockname"],
  ["e = socket.socket", AF_INET, SOCK_DGRAM],
  ["e.bind", ["<broadcast>", 0]],
  ["e.getsockname"],
  // Sending binds.
  ["f = socket.socket", AF_INET, SOCK_DGRAM],
  ["f.sendto", bytes("x"), "$a"],
  ["f.getsockname"],
  ["f.bind", ["127.0.0.1", 0]],
]);

testSteps("a UDP socket doesn't listen", [
  ["a = socket.socket", AF_INET, SOCK_DGRAM],
  ["a.bind", ["127.0.0.1", 0]],
  ["a.listen"],
  ["a.listen", 5],
  ["a.accept"],
  ["c = socket.socket", AF_INET, SOCK_DGRAM],
  ["c.listen"],
]);

test("a UDP socket is one from its making on", () => {
  using udp = new Udp();
  const s = udp.bound();
  assertEquals([s.family, s.type, s.proto], [AF_INET, SOCK_DGRAM, 0]);
  assertEquals([s.timeout, s.getblocking()], [null, true]);
  assert(String(s).includes("type=2, proto=0, laddr="), String(s));
  using copy = s.dup();
  assertEquals(copy.type, SOCK_DGRAM);
  const { SOCK_CLOEXEC, SOCK_NONBLOCK, IPPROTO_UDP } = socket;
  const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  using impatient = socket.socket(AF_INET, type, IPPROTO_UDP);
  assertEquals(
    [impatient.type, impatient.proto, impatient.timeout],
    [SOCK_DGRAM, IPPROTO_UDP, 0],
  );
  throws(
    errno.EPROTONOSUPPORT,
    () => socket.socket(AF_INET, SOCK_DGRAM, socket.IPPROTO_TCP),
  );
});

// Sending and receiving

testSteps("datagrams go where they are sent to", [
  ...TWO,
  ["a.sendto", bytes("hello"), "$b"],
  ["b.recvfrom", 100],
  ["b.sendto", bytes("you"), 0, "$a"],
  ["a.recvfrom", 100],
  ["a.sendto", bytes("by name"), ["localhost", 9]],
  ["a.sendto", bytes("to myself"), "$a"],
  ["a.recv", 100],
  // A socket that only sends needn't be bound.
  ["c = socket.socket", AF_INET, SOCK_DGRAM],
  ["c.sendto", bytes("anonymous"), "$a"],
  ["a.recvfrom", 100],
  ["a.sendto", bytes("answer"), "$c"],
  ["a.sendto", bytes("answer"), ["127.0.0.1", 0]],
  ["a.sendto", bytes("answer"), ["nowhere.invalid", 9]],
  ["a.sendto", bytes("answer"), ["::1", 9]],
  ["a.sendto", bytes("answer")],
  ["a.sendto", bytes("answer"), 0, 0, "$b"],
  ["a.sendto", bytes("answer"), "127.0.0.1:9"],
  ["a.sendto", bytes("answer"), ["127.0.0.1", 65536]],
]);

testSteps("the rest of a datagram that does not fit is dropped", [
  ...TWO,
  ...sent("hello", "world", "", "end"),
  ["b.recvfrom", 3],
  ["b.recvfrom", 5],
  ["b.recvfrom", 5],
  ["b.recv", 2],
  ...sent("hello", "world", "again", "more", "end"),
  ["b.recv_into", buffer(3)],
  ["b.recv_into", buffer(9), 2],
  ["b.recvfrom_into", buffer(3)],
  ["b.recvfrom_into", buffer(9), 2],
  ["b.recvfrom_into", buffer(9)],
]);

testSteps("a datagram may be empty", [
  ...TWO,
  ...sent("", "", "", ""),
  ["b.recv", 10],
  ["b.recvfrom", 10],
  ["b.recv_into", buffer(3)],
  ["b.recvfrom_into", buffer(3)],
  // Asking for no bytes with these takes a datagram, with recv() it doesn't.
  ...sent("one", "two", "three"),
  ["b.recv", 0],
  ["b.recv_into", buffer(0)],
  ["b.recvfrom", 0],
  ["b.recvfrom_into", buffer(0)],
  ["b.recv", 10],
  ["a.connect", "$b"],
  ["a.send", bytes("")],
  ["a.sendall", bytes("")],
  ["b.recv", 10],
  ["b.recv", 10],
]);

testSteps("arguments of the receiving calls are checked", [
  ...TWO,
  ["a.recv", -1],
  ["a.recvfrom", -1],
  ["a.recvfrom"],
  ["a.recvfrom", "1"],
  ["a.recvfrom_into", buffer(3), -1],
  ["a.recvfrom_into", buffer(3), 4],
  ["a.recvfrom_into", "abc"],
  ["a.recv_into", buffer(3), 4],
  ["a.settimeout", 0],
  ["a.recvfrom", 1],
  ["a.recvfrom_into", buffer(3)],
  ["a.recvmsg", 1],
]);

testSteps("a datagram has no more than 65507 bytes", [
  ...TWO,
  ["a.sendto", zeros(65508), "$b"],
  ["a.sendto", zeros(65507), "$b"],
  ["b.recv_into", buffer(65536)],
  ["a.connect", "$b"],
  ["a.send", zeros(65508)],
  ["a.sendall", zeros(100_000)],
  ["a.sendmsg", [zeros(65507), zeros(1)]],
  ["a.send", bytes("still here")],
  ["b.recv", 100],
]);

test("text goes out as UTF-8, and any buffer as its bytes", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair();
  const view = new DataView(new TextEncoder().encode("abcdef").buffer, 2, 3);
  for (
    const [data, expected] of [
      ["grün", "grün"],
      [view, "cde"],
      [view.buffer, "abcdef"],
    ] as const
  ) {
    const { length } = new TextEncoder().encode(expected);
    assertEquals(await a.send(data), length);
    assertEquals(await a.sendto(data, b.getsockname()), length);
    assertEquals(text(await b.recv(100)), expected);
    assertEquals(text(await b.recv(100)), expected);
  }
  await assertRejects(() => a.send(5 as unknown as string), TypeError);
});

test("a name is looked up for every datagram", async () => {
  using udp = new Udp();
  const [a, b] = [udp.unbound(), udp.bound()];
  const address: Inet = ["localhost", portOf(b)];
  assertEquals(await a.sendto("by name", address), 7);
  const [data, from] = await b.recvfrom(100);
  assertEquals([text(data), from], ["by name", ["127.0.0.1", portOf(a)]]);
  await a.connect(address);
  assertEquals(a.getpeername(), b.getsockname());
  await b.sendto("answer", ["localhost", portOf(a)]);
  assertEquals(text(await a.recv(100)), "answer");
});

test("queued datagrams keep their order", async () => {
  // A call that doesn't wait overtakes those that wait for their turn, where
  // nothing is queued.
  const atOnce = native ? 0 : MSG_DONTWAIT;
  using udp = new Udp();
  const [a, b] = [udp.unbound(), udp.bound()];
  const address = b.getsockname();
  const sends = [];
  for (let i = 0; i < 40; i++) {
    sends.push(
      a.sendto(Uint8Array.of(i, 0), address),
      a.sendto(Uint8Array.of(i, 1), atOnce, address),
      a.sendmsg([Uint8Array.of(i, 2)], [], 0, address),
      a.sendmsg([Uint8Array.of(i), Uint8Array.of(3)], [], 0, address),
    );
  }
  for (let i = 0; i < 40; i++) {
    for (let j = 0; j < 4; j++) assertEquals([...await b.recv(10)], [i, j]);
  }
  assertEquals(await Promise.all(sends), sends.map(() => 2));
});

/** Ways to send: a time-out, and flags. The last one doesn't wait for its end. */
const WAYS: [timeout: number | null, flags: number][] = [
  [null, 0],
  [5, 0],
  [0, 0],
  [null, MSG_DONTWAIT],
];

test("data is sent as it was at the time of the call", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair();
  const data = new Uint8Array(1);
  for (const [timeout, flags] of WAYS) {
    a.settimeout(timeout);
    for (let i = 0; i < 50; i++) {
      data[0] = i;
      await a.send(data, flags);
    }
    data[0] = 255;
    for (let i = 0; i < 50; i++) assertEquals([...await b.recv(10)], [i]);
  }
  // A call that doesn't wait has copied the data when it returns.
  const sends = [];
  for (let i = 0; i < 50; i++) {
    data[0] = i;
    sends.push(a.send(data, MSG_DONTWAIT));
  }
  await Promise.all(sends);
  for (let i = 0; i < 50; i++) assertEquals([...await b.recv(10)], [i]);
});

test("an address is free as soon as its socket is closed", async () => {
  const open = () => socket.socket(AF_INET, SOCK_DGRAM);
  const first = open();
  first.bind(["127.0.0.1", 0]);
  const address = first.getsockname();
  for (let round = 0; round < 3; round++) {
    first.close();
    using again = open();
    again.settimeout(10);
    again.bind(address);
    assertEquals(again.getsockname(), address);
    again.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1);
    // Only the first socket that asks for the address gets it.
    using other = open();
    throws(errno.EADDRINUSE, () => other.bind(address));
    // It sends from there, whether it is open by now or not.
    using peer = open();
    peer.bind(["127.0.0.1", 0]);
    peer.settimeout(10);
    await again.sendto("there", peer.getsockname());
    const [there, from] = await peer.recvfrom(10);
    assertEquals([text(there), from], ["there", address]);
    await peer.sendto("back", address);
    assertEquals(text(await again.recv(10)), "back");
    if (round === 1) continue;
    // Nor does one that was closed before it was open keep it.
    again.close();
    using short = open();
    short.bind(address);
  }
});

test("close() still sends the queued datagrams", async () => {
  using udp = new Udp();
  const b = udp.bound();
  const address = b.getsockname();
  for (const [timeout, flags] of WAYS) {
    const a = udp.unbound();
    a.settimeout(timeout);
    for (const each of "abcdef") await a.sendto(each, flags, address);
    a.close();
    for (const each of "abcdef") assertEquals(text(await b.recv(10)), each);
  }
});

test("calls that wait get one datagram each, in their order", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair();
  const received = [b.recv(10), b.recv(10), b.recvfrom(10), b.recvmsg(10)];
  for (const each of "abcd") await a.send(each);
  const [one, two, [three], [four]] = await Promise.all(received) as [
    Uint8Array,
    Uint8Array,
    [Uint8Array],
    [Uint8Array],
  ];
  assertEquals([one, two, three, four].map(text).join(""), "abcd");
});

test("dup() and fromfd() share the datagrams", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair();
  using copy = b.dup();
  using other = socket.fromfd(b.fileno(), AF_INET, SOCK_DGRAM);
  for (const each of "abc") await a.send(each);
  const got = [await b.recv(1), await copy.recv(1), await other.recv(1)];
  assertEquals(got.map(text).join(""), "abc");
  b.close();
  await a.send("d");
  assertEquals(text(await copy.recv(1)), "d");
  const fd = copy.detach();
  using again = socket.socket(-1, -1, -1, fd);
  assertEquals([again.type, again.getsockname()], [
    SOCK_DGRAM,
    a.getpeername(),
  ]);
  await a.send("e");
  assertEquals(text(await again.recv(1)), "e");
});

// Flags

testSteps("MSG_PEEK leaves the datagram where it is", [
  ...TWO,
  ...sent("hello", ""),
  ["b.recv", 3, MSG_PEEK],
  ["b.recvfrom", 10, MSG_PEEK],
  ["b.recv_into", buffer(4), 0, MSG_PEEK],
  ["b.recvfrom_into", buffer(6), 0, MSG_PEEK],
  ["b.recvmsg", 2, 0, MSG_PEEK],
  ["b.recv", 10],
  ["b.recv", 10, MSG_PEEK],
  ["b.recv", 10],
]);

test("the bytes that MSG_PEEK returned belong to the caller", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair();
  await a.send("hello");
  for (const count of [5, 3]) (await b.recv(count, MSG_PEEK)).fill(0);
  assertEquals(text(await b.recv(10)), "hello");
});

testSteps("MSG_WAITALL doesn't wait for more than a datagram", [
  ...TWO,
  ...sent("one", "two", "three", "four"),
  ["b.recv", 10, MSG_WAITALL],
  ["b.recv_into", buffer(10), 0, MSG_WAITALL],
  ["b.recvfrom", 10, MSG_WAITALL],
  ["b.recv", 10, MSG_WAITALL | MSG_PEEK],
  ["b.recv", 2, MSG_WAITALL],
]);

test("MSG_DONTWAIT doesn't wait, whatever the mode is", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair();
  for (const timeout of [null, 5]) {
    b.settimeout(timeout);
    for (
      const receive of [
        () => b.recv(5, MSG_DONTWAIT),
        () => b.recv_into(new Uint8Array(5), 0, MSG_DONTWAIT),
        () => b.recvfrom(5, MSG_DONTWAIT),
        () => b.recvfrom_into(new Uint8Array(5), 0, MSG_DONTWAIT),
        () => b.recvmsg(5, 0, MSG_DONTWAIT),
        () => b.recvmsg_into([new Uint8Array(5)], 0, MSG_DONTWAIT),
      ]
    ) {
      const error = await rejects(errno.EAGAIN, receive());
      assertInstanceOf(error, socket.BlockingIOError);
      assertEquals(await a.send("x", MSG_DONTWAIT), 1);
      await persist<unknown>(receive);
    }
  }
});

// The kernel has all of them.
testIf(!native, "other flags raise EOPNOTSUPP", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair();
  await a.send("x");
  for (const flags of [socket.MSG_OOB, socket.MSG_ERRQUEUE, MSG_TRUNC]) {
    await rejects(errno.EOPNOTSUPP, b.recv(1, flags));
    await rejects(errno.EOPNOTSUPP, b.recvfrom(1, flags));
    await rejects(errno.EOPNOTSUPP, b.recvmsg(1, 0, flags));
  }
  for (const flags of [socket.MSG_OOB, socket.MSG_MORE, MSG_PEEK]) {
    await rejects(errno.EOPNOTSUPP, a.send("x", flags));
    await rejects(errno.EOPNOTSUPP, a.sendto("x", flags, b.getsockname()));
  }
  assertEquals(text(await b.recv(10)), "x");
});

// Peers

testSteps("connect() names the only peer", [
  ...TWO,
  ["c = socket.socket", AF_INET, SOCK_DGRAM],
  ["c.settimeout", 5],
  ["c.send", bytes("to whom?")],
  ["c.sendall", bytes("to whom?")],
  ["c.sendmsg", [bytes("to whom?")]],
  ["c.connect", "$a"],
  ["c.getsockname"],
  ["c.getpeername"],
  ["c.send", bytes("hello")],
  ["a.recvfrom", 10],
  // Datagrams from other senders are ignored, those of the peer aren't.
  ["b.sendto", bytes("stranger"), "$c"],
  ["a.sendto", bytes("peer"), "$c"],
  ["c.recvfrom", 10],
  ["c.sendall", bytes("all")],
  ["a.recv", 10],
  // Sending to others is still possible.
  ["c.sendto", bytes("aside"), "$b"],
  ["b.recvfrom", 10],
  // Another peer takes the place of the first.
  ["c.connect", "$b"],
  ["c.getpeername"],
  ["a.sendto", bytes("stranger"), "$c"],
  ["b.sendto", bytes("peer"), "$c"],
  ["c.recvfrom", 10],
  ["c.connect_ex", "$a"],
  ["c.connect", ["<broadcast>", 9]],
  ["c.connect", ["nowhere.invalid", 9]],
  ["c.connect", ["::1", 9]],
  ["c.getpeername"],
]);

testSteps("connect() without a host means this machine", [
  ...TWO,
  ["a.connect", ["", 9]],
  ["a.getpeername"],
  ["a.getsockname"],
  ["c = socket.socket", AF_INET, SOCK_DGRAM],
  ["c.bind", ["", 0]],
  ["c.connect", ["127.0.0.9", 9]],
  ["c.getpeername"],
  ["c.getsockname"],
]);

testSteps("shutdown() closes one direction, if there is a peer", [
  ["c = socket.socket", AF_INET, SOCK_DGRAM],
  ["c.shutdown", SHUT_RD],
  ["c.shutdown", 7],
  ["a = socket.socket", AF_INET, SOCK_DGRAM],
  ["b = socket.socket", AF_INET, SOCK_DGRAM],
  ["a.bind", ["127.0.0.1", 0]],
  ["b.bind", ["127.0.0.1", 0]],
  ["a.connect", "$b"],
  ["b.connect", "$a"],
  ["b.send", bytes("before")],
  ["a.recv", 10, MSG_PEEK],
  ["a.shutdown", SHUT_RD],
  ["a.recvfrom", 10],
  ["a.recv", 10],
  ["a.recvfrom", 10],
  ["a.recvmsg", 10],
  ["a.recvfrom_into", buffer(3)],
  ["a.send", bytes("still")],
  ["b.recv", 10],
  ["a.shutdown", SHUT_WR],
  ["a.send", bytes("no more")],
  ["a.sendto", bytes("no more"), "$b"],
]);

test("shutdown() wakes a call that waits", async () => {
  using udp = new Udp();
  const [, b] = await udp.pair();
  const waiting = b.recvfrom(10);
  const selecting = select.select([b], [], []);
  b.shutdown(SHUT_RD);
  assertEquals(await waiting, [new Uint8Array(0), null]);
  assertEquals(which(await selecting, { b }), ["b", "", ""]);
});

// Modes

test("a time-out ends a waiting call, and takes no datagram", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair();
  b.settimeout(SHORT);
  for (
    const receive of [
      () => b.recv(5),
      () => b.recv_into(new Uint8Array(5)),
      () => b.recvfrom(5),
      () => b.recvfrom_into(new Uint8Array(5)),
      () => b.recvmsg(5),
      () => b.recvmsg_into([new Uint8Array(5)]),
    ]
  ) {
    const start = performance.now();
    const error = await assertRejects(receive, socket.TimeoutError);
    assertEquals([error.message, error.errno], ["timed out", null]);
    assertGreaterOrEqual(performance.now() - start, SHORT * 1000 - 1);
  }
  await a.send("late");
  b.settimeout(5);
  assertEquals(text(await b.recv(10)), "late");
});

test("a datagram in time ends the waiting", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair();
  b.settimeout(20);
  const received = b.recv(10);
  await a.send("in time");
  assertEquals(text(await received), "in time");
  // The mode of a call that waits is the one it began with.
  const waiting = b.recv(10);
  b.setblocking(false);
  await a.send("as well");
  assertEquals(text(await waiting), "as well");
});

test("a non-blocking socket doesn't wait", async () => {
  using udp = new Udp();
  const [a, b] = [udp.unbound(), udp.bound()];
  const address = b.getsockname();
  a.setblocking(false);
  b.setblocking(false);
  const error = await rejects(errno.EAGAIN, b.recvfrom(10));
  assertInstanceOf(error, socket.BlockingIOError);
  assertEquals(await a.sendto("hello", address), 5);
  await a.connect(address);
  assertEquals(await a.connect_ex(address), 0);
  assertEquals(await a.send("world"), 5);
  const [data, from] = await persist(() => b.recvfrom(10));
  assertEquals([text(data), (from as Inet)[1]], ["hello", portOf(a)]);
  assertEquals(text(await persist(() => b.recv(10))), "world");
  await rejects(errno.EAGAIN, b.recv(10));
});

test("a loop that only tries recv() ends", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair();
  b.setblocking(false);
  for (let round = 0; round < 3; round++) {
    let tries = 0;
    const sending = a.send("x");
    for (let got = false; !got; tries++) {
      assertLess(tries, 10_000);
      got = await b.recv(1).then(() => true, () => false);
    }
    await sending;
  }
});

// The kernel has passed a datagram on, or dropped it, when the call returns.
testIf(!native, "sending without waiting has a bound", async () => {
  using udp = new Udp();
  const [a, b] = [udp.unbound(), udp.bound()];
  a.setblocking(false);
  const data = new Uint8Array(10_000);
  let sent = 0;
  let error: unknown = null;
  // Nothing leaves while the program doesn't pause.
  const sends: Promise<unknown>[] = [];
  for (; sent < 1000; sent++) {
    sends.push(
      a.sendto(data, b.getsockname()).catch((reason) => error ??= reason),
    );
  }
  await Promise.all(sends);
  assertInstanceOf(error, socket.BlockingIOError);
  assertEquals(error.errno, errno.EAGAIN);
  await select.select([], [a], []);
  assertEquals(await a.sendto("room again", b.getsockname()), 10);
});

testSteps("a socket that was never bound receives nothing", [
  ["a = socket.socket", AF_INET, SOCK_DGRAM],
  ["a.settimeout", 0],
  ["a.recv", 10],
  ["a.recvfrom", 10],
  ["a.settimeout", SHORT],
  ["a.recvfrom", 10],
  ["a.getsockname"],
  ["a.bind", ["127.0.0.1", 0]],
]);

test("a call that began before bind() gets later datagrams", async () => {
  using udp = new Udp();
  const [a, b] = [udp.unbound(), udp.unbound()];
  const received = b.recv(10);
  b.bind(["127.0.0.1", 0]);
  await a.sendto("early bird", b.getsockname());
  assertEquals(text(await received), "early bird");
});

// select and poll

test("select() reports datagrams until they are received", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair();
  const fresh = udp.unbound();
  const names = { a, b, fresh };
  const all = [a, b, fresh];
  assertEquals(
    which(await select.select(all, all, all, 0), names),
    ["", "a b fresh", ""],
  );
  const waiting = select.select(all, [], all).then((lists) => lists);
  await a.send("one");
  assertEquals(which(await waiting, names), ["b", "", ""]);
  await a.send("");
  for (const expected of ["one", ""]) {
    for (let i = 0; i < 2; i++) {
      assertEquals(which(await select.select(all, [], []), names), [
        "b",
        "",
        "",
      ]);
    }
    assertEquals(text(await b.recv(10)), expected);
  }
  assertEquals(which(await select.select(all, [], [], 0), names), ["", "", ""]);
  assertEquals(which(await select.select(all, [], [], SHORT), names), [
    "",
    "",
    "",
  ]);
});

test("select() with UDP and TCP together", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair();
  using server = socket.create_server(["127.0.0.1", 0]);
  using client = socket.socket();
  const seen: string[] = [];
  const connected = client.connect(server.getsockname());
  await a.send("datagram");
  const inputs = [server, b];
  for await (const [readable] of select.select(inputs, [], inputs)) {
    for (const s of readable) {
      if (s === b) seen.push(text(await b.recv(100)));
      else {
        const [conn] = await server.accept();
        conn.close();
        seen.push("connection");
      }
      inputs.splice(inputs.indexOf(s), 1);
    }
  }
  await connected;
  assertEquals(seen.sort(), ["connection", "datagram"]);
});

test("poll() and epoll() know datagrams", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair();
  const fresh = udp.unbound();
  const names = { a, b, fresh };
  using epoll = select.epoll();
  for (const p of [select.poll(), epoll]) {
    for (const s of [a, b, fresh]) p.register(s, POLLIN);
    assertEquals(await p.poll(0), []);
    const waiting = p.poll();
    await a.send("x");
    assertEquals(events(await waiting, names), [["b", POLLIN]]);
    p.modify(b, POLLIN | POLLOUT);
    assertEquals(events(await p.poll(0), names), [["b", POLLIN | POLLOUT]]);
    await b.recv(1);
    assertEquals(events(await p.poll(0), names), [["b", POLLOUT]]);
    // A socket without an address isn't hung up, as a stream would be.
    p.modify(fresh, POLLIN | POLLOUT);
    assertEquals(events(await p.poll(0), { b, fresh }), [
      ["b", POLLOUT],
      ["fresh", POLLOUT],
    ]);
  }
});

test("a loop that only polls ends", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair();
  const p = select.poll();
  p.register(b, POLLIN);
  for (
    const look of [
      async () => (await select.select([b], [], [], 0))[0].length,
      async () => (await p.poll(0)).length,
    ]
  ) {
    const sending = a.send("x");
    let tries = 0;
    while (await look() === 0) assertLess(tries++, 10_000);
    await sending;
    await b.recv(1);
  }
});

// The queue

test("a full queue drops new datagrams, and keeps its bound", async () => {
  using udp = new Udp();
  const b = udp.bound();
  const a = udp.unbound();
  b.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024);
  // The system's own buffer has room for half of them at least.
  for (let i = 0; i < 80; i++) {
    await a.sendto(pattern(1000, i), b.getsockname());
  }
  await udp.tick();
  b.setblocking(false);
  const seen: number[] = [];
  await assertRejects(async () => {
    for (;;) {
      const data = await b.recv(2000);
      const [mark = 0] = data;
      assertEquals(data, pattern(1000, mark));
      seen.push(mark);
    }
  }, socket.BlockingIOError);
  // The oldest datagrams are kept, up to the bound.
  assertEquals(seen, seen.map((_, i) => i));
  assertGreater(seen.length, 9);
  assertLess(seen.length, 18);
  // Receiving makes room for new datagrams.
  b.settimeout(5);
  await a.sendto("after", b.getsockname());
  assertEquals(text(await b.recv(10)), "after");
});

test("a datagram that is larger than the queue comes through", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair();
  b.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1);
  for (const size of [60_000, 10, 60_000]) {
    await a.send(pattern(size));
    assertEquals(await b.recv(65_536), pattern(size));
  }
});

// The end

test("close() wakes the calls that wait, with EBADF", async () => {
  using udp = new Udp();
  for (const timeout of [null, 60]) {
    const s = udp.bound();
    s.settimeout(timeout);
    const calls = [s.recv(1), s.recvfrom(1), s.recvmsg(1)];
    const selecting = select.select([s], [], []).then((lists) => lists);
    const p = select.poll();
    p.register(s, POLLIN);
    const polling = p.poll();
    s.close();
    for (const call of calls) await rejects(errno.EBADF, call);
    await rejects(errno.EBADF, selecting);
    assertEquals(events(await polling, { s }), [["s", POLLNVAL]]);
  }
});

test("a closed UDP socket raises EBADF", async () => {
  using udp = new Udp();
  const s = udp.bound();
  const address = s.getsockname();
  s.close();
  s.close();
  const { SOL_SOCKET, SO_BROADCAST, SO_TYPE } = socket;
  for (
    const act of [
      () => s.getsockname(),
      () => s.getpeername(),
      () => s.bind(address),
      () => s.shutdown(SHUT_RDWR),
      () => s.getsockopt(SOL_SOCKET, SO_TYPE),
      () => s.setsockopt(SOL_SOCKET, SO_BROADCAST, 1),
    ]
  ) throws(errno.EBADF, act);
  for (
    const call of [
      s.recv(1),
      s.recvfrom(1),
      s.recvfrom_into(new Uint8Array(1)),
      s.recvmsg(1),
      s.send("x"),
      s.sendto("x", address),
      s.sendmsg(["x"]),
      s.connect(address),
    ]
  ) await rejects(errno.EBADF, call);
  // Soon the address is free.
  await udp.tick();
  const again = udp.bound(...address as Inet);
  assertEquals(again.getsockname(), address);
});

test("a UDP socket isn't a stream", async () => {
  using udp = new Udp();
  const [a] = await udp.pair();
  for (const call of [a.read(1), a.readinto(new Uint8Array(1)), a.readline()]) {
    await rejects(errno.EOPNOTSUPP, call);
  }
});

// IPv6

testIPv6("UDP over IPv6", async () => {
  using udp = new Udp();
  const [a, b] = [udp.bound("::1"), udp.bound("::1")];
  const address = b.getsockname();
  assertEquals(address, ["::1", portOf(b), 0, 0]);
  for (const to of [address, address.slice(0, 2), address.slice(0, 3)]) {
    assertEquals(await a.sendto("six", to as Inet), 3);
    const [data, from] = await b.recvfrom(10);
    assertEquals([text(data), from], ["six", a.getsockname()]);
  }
  await a.connect(address);
  assertEquals(a.getpeername(), address);
  await b.sendto("back", a.getsockname());
  assertEquals(text(await a.recv(10)), "back");
  const any = udp.bound("::");
  await any.sendto("any", address);
  assertEquals((await b.recvfrom(10))[1], ["::1", portOf(any), 0, 0]);
  await assertRejects(() => a.sendto("x", ["127.0.0.1", 9]), socket.gaierror);
  assertThrows(
    () => udp.unbound(AF_INET6).bind(["127.0.0.1", 0]),
    socket.gaierror,
  );
});

testIPv6("an IPv6 peer may be written in many ways", async () => {
  using udp = new Udp();
  const b = udp.bound("::1");
  for (const host of ["0:0:0:0:0:0:0:1", "0::0001", "::0.0.0.1", "::"]) {
    const a = udp.unbound(AF_INET6);
    await a.connect([host, portOf(b)]);
    assertEquals(a.getpeername(), b.getsockname());
    assertEquals(a.getsockname(), ["::1", portOf(a), 0, 0]);
    await a.send("hello");
    await b.sendto("answer", (await b.recvfrom(10))[1]!);
    assertEquals(text(await a.recv(10)), "answer");
  }
});

testIPv6("`localhost` is of the socket's own family", () => {
  using udp = new Udp();
  const [four, six] = [udp.unbound(), udp.unbound(AF_INET6)];
  four.bind(["localhost", 0]);
  assertEquals(four.getsockname()[0], "127.0.0.1");
  // To libc the name has the addresses that the hosts file gives it.
  if (native) return;
  six.bind(["localhost", 0]);
  assertEquals(six.getsockname()[0], "::1");
});

testIPv6(
  "a UDP socket at `::` serves IPv4 too, unless told not to",
  async () => {
    using udp = new Udp();
    const both = udp.bound("::");
    const four = udp.bound();
    await four.sendto("four", ["127.0.0.1", portOf(both)]);
    const [data, from] = await both.recvfrom(10);
    assertEquals([text(data), from], [
      "four",
      ["::ffff:127.0.0.1", portOf(four), 0, 0],
    ]);
    await both.sendto("answer", from!);
    assertEquals(text(await four.recv(10)), "answer");
    await both.connect(from!);
    assertEquals(both.getsockname(), ["::ffff:127.0.0.1", portOf(both), 0, 0]);
    await four.sendto("more", ["127.0.0.1", portOf(both)]);
    assertEquals(text(await both.recv(10)), "more");

    const only = udp.unbound(AF_INET6);
    only.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1);
    only.bind(["::", 0]);
    // IPv4 has the port for itself.
    const same = udp.bound("0.0.0.0", portOf(only));
    assertEquals(portOf(same), portOf(only));
    assertNotEquals(same.getsockname()[0], only.getsockname()[0]);
  },
);

testIPv6("a datagram over IPv6 has no more than 65527 bytes", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair("::1");
  await rejects(errno.EMSGSIZE, a.send(new Uint8Array(65_528)));
  assertEquals(await a.send(pattern(65_527)), 65_527);
  assertEquals(await b.recv(70_000), pattern(65_527));
});
