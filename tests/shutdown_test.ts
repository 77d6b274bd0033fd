import {
  assert,
  assertEquals,
  assertFalse,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { errno, socket } from "../mod.ts";
import { rejects, throws } from "./raises.ts";
import { pattern, receiveAll, receivePattern, text } from "./traffic.ts";
import { testEach } from "./transports.ts";

const { SHUT_RD, SHUT_RDWR, SHUT_WR } = socket;

testEach(
  "SHUT_WR ends the peer's stream after the sent bytes",
  async (net) => {
    const size = 8 * 1024 * 1024;
    for (const timeout of [null, 60]) {
      const [a, b] = await net.pair();
      a.settimeout(timeout);
      const received = receivePattern(b, size).then(() => b.recv(1));
      await a.sendall(pattern(size));
      a.shutdown(SHUT_WR);
      await rejects(errno.EPIPE, a.send("a"));
      await rejects(errno.EPIPE, a.sendall("a"));
      assertEquals(await received, new Uint8Array(0));
      // The other way is as it was.
      await b.sendall("still");
      assertEquals(text(await a.recv(10)), "still");
      a.shutdown(SHUT_WR);
    }
  },
);

testEach("SHUT_RD ends this side's stream", async (net) => {
  const [a, b] = await net.pair();
  b.shutdown(SHUT_RD);
  assertEquals(await b.recv(1), new Uint8Array(0));
  assertEquals(await b.recv_into(new Uint8Array(1)), 0);
  await b.sendall("still");
  assertEquals(text(await a.recv(10)), "still");
});

testEach("SHUT_RD keeps the bytes that were read ahead", async (net) => {
  const [a, b] = await net.pair();
  await a.sendall("abc");
  assertEquals(text(await b.recv(1, socket.MSG_PEEK)), "a");
  b.shutdown(SHUT_RD);
  assertEquals(text(await b.recv(10)), "abc");
  assertEquals(await b.recv(10), new Uint8Array(0));
});

testEach("SHUT_RD and SHUT_RDWR wake the calls that wait", async (net) => {
  const calls: [string, (s: socket.Socket) => Promise<number>][] = [
    ["recv", (s) => s.recv(1).then(({ length }) => length)],
    ["recv_into", (s) => s.recv_into(new Uint8Array(1))],
    [
      "recv MSG_WAITALL",
      (s) => s.recv_into(new Uint8Array(9), 0, socket.MSG_WAITALL),
    ],
    [
      "recv MSG_PEEK MSG_WAITALL",
      (s) =>
        s.recv(9, socket.MSG_PEEK | socket.MSG_WAITALL)
          .then(({ length }) => length),
    ],
  ];
  for (const how of [SHUT_RD, SHUT_RDWR]) {
    for (const timeout of [null, 60]) {
      for (const [name, call] of calls) {
        const [, b] = await net.pair();
        b.settimeout(timeout);
        const pending = call(b);
        assert(await net.waits(pending));
        b.shutdown(how);
        assert(await net.ends(pending), `${name}, time-out ${timeout}`);
        assertEquals(await pending, 0);
      }
    }
  }
});

testEach(
  "SHUT_WR and SHUT_RDWR end the calls that send with EPIPE",
  async (net) => {
    const large = pattern(64 * 1024 * 1024);
    for (const how of [SHUT_WR, SHUT_RDWR]) {
      for (const timeout of [null, 60]) {
        const [a, b] = await net.pair();
        a.settimeout(timeout);
        const sent = Array.from(
          { length: timeout === null ? 2 : 1 },
          () => a.sendall(large).catch((error) => error),
        );
        assert(await net.waits(Promise.any(sent)));
        a.shutdown(how);
        for (const each of sent) {
          assert(await net.ends(each), `${how}, time-out ${timeout}`);
          assertEquals((await each as socket.OSError).errno, errno.EPIPE);
        }
        await rejects(errno.EPIPE, a.send("more"));
        // The end comes behind what the system had taken.
        const received = await receiveAll(b);
        assert(received.every((byte, index) => byte === large[index]));
        if (how === SHUT_RDWR) continue;
        await b.sendall("answer");
        assertEquals(text(await a.recv(10)), "answer");
      }
    }
  },
);

testEach("SHUT_RDWR closes both ways", async (net) => {
  const [a, b] = await net.pair();
  await b.sendall("last");
  b.shutdown(SHUT_RDWR);
  assertEquals(await b.recv(1), new Uint8Array(0));
  await rejects(errno.EPIPE, b.send("a"));
  assertEquals(text(await receiveAll(a)), "last");
  b.shutdown(SHUT_RDWR);
  assertFalse(b.closed);
  assertNotEquals(b.fileno(), -1);
});

testEach("shutdown() needs a connection and a direction", async (net) => {
  if (net.nativeUnix) net.socket().shutdown(SHUT_RD);
  else throws(errno.ENOTCONN, () => net.socket().shutdown(SHUT_RD));
  const [a] = await net.pair();
  for (const how of [-1, 3]) throws(errno.EINVAL, () => a.shutdown(how));
  for (const how of ["1", null, 0.5]) {
    assertThrows(() => a.shutdown(how as number), TypeError);
  }
});

testEach("shutdown() of a listener wakes accept() with EINVAL", async (net) => {
  const server = net.listener();
  const accepted = server.accept();
  assert(await net.waits(accepted));
  server.shutdown(SHUT_RD);
  await rejects(errno.EINVAL, accepted);
});
