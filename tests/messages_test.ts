import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
} from "@std/assert";
import fc from "fast-check";
import { errno, socket } from "../mod.ts";
import { test } from "./cases.ts";
import { python, testWithPython } from "./peer.ts";
import { persist, rejects } from "./raises.ts";
import { buffer, bytes, type Step, testSteps, zeros } from "./script.ts";
import { pattern, receivePattern, text } from "./traffic.ts";
import { testEach, testOverDeno } from "./transports.ts";
import { type Inet, portOf, Udp } from "./udp.ts";

const { AF_INET, MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, SOCK_DGRAM } = socket;

/** Ways to come by `a` and `b`, of which `a` can send to `b`. */
const CONNECTED: Record<"TCP" | "socketpair" | "UDP", Step[]> = {
  TCP: [
    ["s = socket.create_server", ["127.0.0.1", 0]],
    ["a = socket.create_connection", "$s"],
    ["b, address = s.accept"],
  ],
  socketpair: [["a, b = socket.socketpair"]],
  UDP: [
    ["a = socket.socket", AF_INET, SOCK_DGRAM],
    ["b = socket.socket", AF_INET, SOCK_DGRAM],
    ["b.bind", ["127.0.0.1", 0]],
    ["a.connect", "$b"],
  ],
};

for (const [name, connected] of Object.entries(CONNECTED)) {
  // The rest of a datagram is dropped, the rest of a stream is kept.
  const rest = (count: number): Step[] =>
    name === "UDP" ? [] : [["b.recv", count]];
  testSteps(`messages over ${name} are Python's`, [
    ...connected,
    ["a.sendmsg", [bytes("hello"), bytes(", "), bytes("world")]],
    ["b.recvmsg", 100],
    ["a.sendmsg", [bytes("hello")], [], 0],
    ["b.recvmsg", 3],
    ...rest(2),
    ["a.sendmsg", [bytes("more")]],
    ["b.recvmsg", 2, 0, MSG_PEEK],
    ["b.recvmsg", 2, 100],
    ...rest(2),
    ["a.sendmsg", [bytes("scattered")]],
    ["b.recvmsg_into", [buffer(3), buffer(0), buffer(20)]],
    ["a.sendmsg", [bytes("cut off")]],
    ["b.recvmsg_into", [buffer(1), buffer(2)], 0, 0],
    ...rest(4),
    ["a.sendmsg", [bytes("x")]],
    ["b.recvfrom", 1],
    ["a.sendmsg", [bytes("y")]],
    ["b.recvfrom_into", buffer(1)],
    // Wrong arguments are found before any bytes are taken.
    ["a.sendmsg", [bytes("kept")]],
    ["b.recvmsg", -1],
    ["b.recvmsg", 1, -1],
    ["b.recvmsg", "1"],
    ["b.recvmsg"],
    ["b.recvmsg", 1, "1"],
    ["b.recvmsg_into", [buffer(1)], -1],
    ["b.recvmsg_into", 5],
    ["b.recvmsg_into"],
    ["a.sendmsg"],
    ["a.sendmsg", 5],
    ["a.sendmsg", "text"],
    ["a.sendmsg", [5]],
    ["b.recv", 100],
    ["a.sendmsg", [bytes("last")]],
    ["b.recvmsg", 100],
  ]);
}

testSteps("a datagram's message tells whether it was cut", [
  ...CONNECTED.UDP,
  ["a.sendmsg", []],
  ["b.recvmsg", 10],
  ["a.sendmsg", [bytes(""), bytes("")]],
  ["b.recvmsg_into", [buffer(2)]],
  ["a.send", bytes("abc")],
  ["b.recvmsg", 3],
  ["a.send", bytes("abc")],
  ["b.recvmsg", 2],
  ["a.send", bytes("abc")],
  ["b.recvmsg", 0],
  ["a.send", bytes("abc")],
  ["b.recvmsg_into", []],
  ["a.send", bytes("abc")],
  ["b.recvmsg", 0, 0, MSG_PEEK],
  ["b.recvmsg_into", [buffer(1), buffer(1)], 0, MSG_PEEK],
  ["b.recvmsg_into", [buffer(1), buffer(2)], 0, MSG_PEEK],
  ["b.recvmsg", 5],
  ["a.sendmsg", [zeros(65507), zeros(1)]],
]);

testSteps("sendmsg() takes an address where sendto() does", [
  ["a = socket.socket", AF_INET, SOCK_DGRAM],
  ["b = socket.socket", AF_INET, SOCK_DGRAM],
  ["b.bind", ["127.0.0.1", 0]],
  ["a.bind", ["127.0.0.1", 0]],
  ["a.sendmsg", [bytes("to whom?")]],
  ["a.sendmsg", [bytes("to "), bytes("b")], [], 0, "$b"],
  ["b.recvmsg", 10],
  ["a.sendmsg", [bytes("x")], [], 0, ["127.0.0.1", 0]],
  ["a.sendmsg", [bytes("x")], [], 0, ["nowhere.invalid", 9]],
  ["a.sendmsg", [bytes("x")], [], 0, ["127.0.0.1"]],
  ["a.sendmsg", [bytes("x")], [], 0, ["<broadcast>", 9]],
  ["a.sendmsg", [bytes("x")], [], "0", "$b"],
  // A stream has no other destination.
  ["c, d = socket.socketpair"],
  ["c.sendmsg", [bytes("x")], [], 0, "/nowhere"],
  ["c.sendto", bytes("x"), "/nowhere"],
  ["s = socket.create_server", ["127.0.0.1", 0]],
  ["e = socket.create_connection", "$s"],
  ["f, address = s.accept"],
  ["e.sendto", bytes("x"), "$a"],
  ["f.recvfrom", 10],
  ["e.sendmsg", [bytes("y")], [], 0, "$a"],
  ["f.recvmsg", 10],
]);

for (const name of ["TCP", "socketpair"] as const) {
  testSteps(`the end of the stream over ${name} is an empty message`, [
    ...CONNECTED[name],
    ["a.sendmsg", [bytes("bye")]],
    ["a.close"],
    ["b.recvmsg", 2],
    ["b.recvmsg_into", [buffer(2)]],
    ["b.recvmsg", 2],
    ["b.recvmsg_into", [buffer(2)]],
    ["b.recvfrom", 2],
    ["b.recvfrom_into", buffer(2)],
  ]);
}

testEach("buffers are gathered and scattered as they come", async (net) => {
  const [a, b] = await net.pair();
  const sizes = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 9 });
  await fc.assert(
    fc.asyncProperty(sizes, sizes, async (parts, buffers) => {
      const total = parts.reduce((sum, size) => sum + size, 0);
      let start = 0;
      const sent = await a.sendmsg(parts.map((size) => {
        start += size;
        return pattern(size, start - size);
      }));
      assertEquals(sent, total);
      for (let received = 0; received < total;) {
        const targets = buffers.map((size) => new Uint8Array(size));
        // A buffer between two others stays as it is, whatever is around it.
        const room = new Uint8Array(1002).fill(255);
        targets.push(room.subarray(1, 1001));
        const [count, ancdata, flags, from] = await b.recvmsg_into(targets);
        assertGreater(count, 0);
        assertEquals([ancdata, flags, from], [[], 0, null]);
        const whole = targets.flatMap((target) => [...target]);
        assertEquals(
          Uint8Array.from(whole.slice(0, count)),
          pattern(count, received),
        );
        assertEquals([room[0], room[1001]], [255, 255]);
        received += count;
      }
    }),
    { numRuns: 30 },
  );
});

testEach("a large message is sent as far as there is room", async (net) => {
  const [a, b] = await net.pair();
  const size = 8 * 1024 * 1024;
  a.setblocking(false);
  const data = pattern(size);
  const parts = [data.subarray(0, 1000), data.subarray(1000)];
  const sent = await a.sendmsg(parts);
  assertGreater(sent, 1000);
  assertLess(sent, size);
  await receivePattern(b, sent);
  await rejects(errno.EAGAIN, b.recvmsg(1, 0, MSG_DONTWAIT));
  a.setblocking(true);
  const [all] = await Promise.all([
    a.sendmsg([data.subarray(0, 2_000_000)]),
    receivePattern(b, 2_000_000),
  ]);
  assertEquals(all, 2_000_000);
});

testEach(
  "sendmsg() and recvmsg() follow the mode of the socket",
  async (net) => {
    const [a, b] = await net.pair();
    for (
      const receive of [
        () => b.recvmsg(5),
        () => b.recvmsg_into([new Uint8Array(5)]),
        () => b.recvfrom(5),
        () => b.recvfrom_into(new Uint8Array(5)),
      ]
    ) {
      b.settimeout(0.01);
      const error = await assertRejects(receive, socket.TimeoutError);
      assertEquals(error.errno, null);
      b.setblocking(false);
      await rejects(errno.EAGAIN, receive());
      await a.sendmsg(["hello"]);
      const [first] = await persist<[Uint8Array | number, ...unknown[]]>(
        receive,
      );
      assertEquals(
        typeof first === "number" ? first : text(first),
        typeof first === "number" ? 5 : "hello",
      );
      b.setblocking(true);
      const received = receive();
      assert(await net.waits(received));
      await a.sendmsg(["hello"]);
      await received;
    }
    b.close();
    await rejects(errno.EBADF, b.recvmsg(1));
    await rejects(errno.EBADF, b.recvmsg_into([new Uint8Array(1)]));
    await rejects(errno.EBADF, b.sendmsg(["x"]));
  },
);

testEach("text and buffers of all kinds make a message", async (net) => {
  const [a, b] = await net.pair();
  const view = new DataView(new TextEncoder().encode("-and-").buffer, 1, 3);
  const parts = function* () {
    yield "grün";
    yield view;
    yield new TextEncoder().encode("blau").buffer;
  };
  assertEquals(await a.sendmsg(parts()), 12);
  const buffers = new Set([
    new Uint8Array(5),
    new DataView(new ArrayBuffer(3)),
  ]);
  assertEquals((await b.recvmsg_into(buffers))[0], 8);
  const read = [...buffers].map(({ buffer }) => text(new Uint8Array(buffer)));
  assertEquals(read, ["grün", "and"]);
  assertEquals(text((await b.recvmsg(10))[0]), "blau");
  await assertRejects(
    () => a.sendmsg("text" as unknown as string[]),
    TypeError,
  );
});

// Other transports may support it.
testOverDeno("ancillary data is refused over Deno", async (net) => {
  const [a, b] = await net.pair();
  const rights = [[socket.SOL_SOCKET, socket.SCM_RIGHTS, new Uint8Array(4)]];
  const error = await rejects(
    errno.EOPNOTSUPP,
    a.sendmsg(["x"], rights as Iterable<socket.Ancillary>),
  );
  assert(error.message.includes("ancillary"), error.message);
  // Nothing was sent.
  await a.sendmsg(["y"], []);
  assertEquals(text((await b.recvmsg(10, 1000))[0]), "y");
});

test("the bytes of a received message belong to the caller", async () => {
  using udp = new Udp();
  const [a, b] = await udp.pair();
  await a.send("hello");
  const [peeked] = await b.recvmsg(10, 0, MSG_PEEK);
  peeked.fill(0);
  const [data, , flags, from] = await b.recvmsg(4);
  assertEquals([text(data), flags, from], [
    "hell",
    MSG_TRUNC,
    a.getsockname(),
  ]);
  // An array of its own, so that it can be given away.
  assertEquals(data.buffer.byteLength, 4);
});

testWithPython("messages to and from Python", async () => {
  using udp = new Udp();
  const s = udp.bound();
  await using peer = python(
    `
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
say(s.getsockname()[1])
for line in sys.stdin:
  head, tail = bytearray(3), bytearray(5)
  count, _, flags, address = s.recvmsg_into([head, tail])
  say(count, flags, (head + tail)[:count].decode())
  s.sendmsg([b"echo ", head, tail], [], 0, address)
`,
  );
  const address: Inet = ["127.0.0.1", Number(await peer.line())];
  for (
    const [word, told] of [["12345678", "8 0"], ["123456789", "8 32"]] as const
  ) {
    await s.sendmsg([word.slice(0, 4), word.slice(4)], [], 0, address);
    await peer.say();
    assertEquals(await peer.line(), `${told} 12345678`);
    const targets = [new Uint8Array(7), new Uint8Array(4)];
    const answer = await s.recvmsg_into(targets);
    assertEquals(answer, [11, [], MSG_TRUNC, address]);
    assertEquals(targets.map(text).join(""), "echo 123456");
  }
  assertEquals(portOf(s), s.getsockname()[1]);
});
