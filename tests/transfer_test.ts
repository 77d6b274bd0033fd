import {
  assert,
  assertEquals,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import fc from "fast-check";
import { errno, socket } from "../mod.ts";
import { persist, rejects } from "./raises.ts";
import { pattern, receiveAll, receivePattern, text } from "./traffic.ts";
import { testEach, testQueued } from "./transports.ts";

const { MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL, SHUT_WR } = socket;

testEach(
  "recv() takes the available bytes, at most bufsize",
  async (net) => {
    const [a, b] = await net.pair();
    await a.sendall("abcdef");
    assertEquals(text(await b.recv(2)), "ab");
    assertEquals(text(await b.recv(100)), "cdef");
    const [c, d] = [b.recv(1), b.recv(1)];
    await a.sendall("xy");
    assertNotStrictEquals((await c).buffer, (await d).buffer);
  },
);

testEach("recv() gives an array of its own", async (net) => {
  const [a, b] = await net.pair();
  await a.sendall("abcdef");
  const first = await b.recv(3);
  assertEquals([first.byteOffset, first.buffer.byteLength], [0, 3]);
  first.fill(0);
  assertEquals(text(await b.recv(3)), "def");
});

testEach("recv(0) takes no bytes", async (net) => {
  const [a, b] = await net.pair();
  assertEquals(await b.recv(0), new Uint8Array(0));
  await a.sendall("a");
  assertEquals(await b.recv(0), new Uint8Array(0));
  assertEquals(await b.recv_into(new Uint8Array(0)), 0);
  assertEquals(text(await b.recv(1)), "a");
  // Python doesn't even look at the connection.
  assertEquals(await net.socket().recv(0), new Uint8Array(0));
  assertEquals(await net.socket().recv_into(new Uint8Array(0)), 0);
});

testEach("the end of the stream is no bytes, again and again", async (net) => {
  const [a, b] = await net.pair();
  await a.sendall("last");
  a.shutdown(SHUT_WR);
  assertEquals(text(await b.recv(10)), "last");
  for (let times = 0; times < 3; times++) {
    assertEquals(await b.recv(10), new Uint8Array(0));
    assertEquals(await b.recv_into(new Uint8Array(10)), 0);
    assertEquals(await b.recv(10, MSG_WAITALL), new Uint8Array(0));
    assertEquals(await b.recv(10, MSG_PEEK), new Uint8Array(0));
    assertEquals(await b.recv(10, MSG_DONTWAIT), new Uint8Array(0));
  }
});

testEach(
  "recv_into() fills any kind of buffer, and only its part",
  async (net) => {
    const [a, b] = await net.pair();
    const memory = new ArrayBuffer(10);
    const whole = new Uint8Array(memory);
    const buffers: [BufferSource, string][] = [
      [memory, "abcdefghij"],
      [new Uint8Array(memory, 3, 4), "\0\0\0abcd\0\0\0"],
      [new DataView(memory, 2, 3), "\0\0abc\0\0\0\0\0"],
      [new Uint16Array(memory, 4, 2), "\0\0\0\0abcd\0\0"],
      [new Float64Array(memory, 0, 1), "abcdefgh\0\0"],
    ];
    for (const [buffer, expected] of buffers) {
      await a.sendall("abcdefghij");
      whole.fill(0);
      assertEquals(await b.recv_into(buffer), buffer.byteLength);
      assertEquals(text(whole), expected);
      if (buffer.byteLength < 10) await b.recv(10 - buffer.byteLength);
    }
  },
);

testEach("recv_into() takes at most nbytes", async (net) => {
  const [a, b] = await net.pair();
  await a.sendall("abcdef");
  const buffer = new Uint8Array(4);
  assertEquals([await b.recv_into(buffer, 3), text(buffer)], [3, "abc\0"]);
  assertEquals([await b.recv_into(buffer, 0), text(buffer)], [3, "def\0"]);
  for (const nbytes of [-1, 5, 2 ** 40]) {
    await assertRejects(() => b.recv_into(buffer, nbytes), RangeError);
  }
  await assertRejects(() => b.recv(-1), RangeError);
});

testEach("wrong arguments are a TypeError", async (net) => {
  const [a] = await net.pair();
  for (const wrong of ["1", null, undefined, 1.5, NaN, {}, 1n]) {
    await assertRejects(() => a.recv(wrong as number), TypeError);
    if (wrong === undefined) continue;
    await assertRejects(() => a.recv(1, wrong as number), TypeError);
    await assertRejects(() => a.send("", wrong as number), TypeError);
    await assertRejects(
      () => a.recv_into(new Uint8Array(1), wrong as number),
      TypeError,
    );
  }
  for (const wrong of [1, null, undefined, [1, 2], {}, new Blob(["a"])]) {
    await assertRejects(() => a.send(wrong as string), TypeError);
    await assertRejects(() => a.sendall(wrong as string), TypeError);
    await assertRejects(
      () => a.recv_into(wrong as Uint8Array<ArrayBuffer>),
      TypeError,
    );
  }
});

// Sending

testEach("text goes out as UTF-8, buffers as their bytes", async (net) => {
  const memory = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(9);
  const data: [string | BufferSource, number[]][] = [
    ["aß€😀", [97, 195, 159, 226, 130, 172, 240, 159, 152, 128]],
    [memory, [1, 2, 3, 4, 5, 6, 7, 8]],
    [memory.buffer, [1, 2, 3, 4, 5, 6, 7, 8]],
    [memory.subarray(2, 5), [3, 4, 5]],
    [new DataView(memory.buffer, 1, 2), [2, 3]],
    [new Uint16Array(memory.buffer, 2, 2), [3, 4, 5, 6]],
    [new Uint8ClampedArray([300, -1]), [255, 0]],
    [shared as unknown as BufferSource, [9, 9]],
  ];
  const [a, b] = await net.pair();
  for (const [value, expected] of data) {
    assertEquals(await a.send(value), expected.length);
    assertEquals([...await b.recv(100)], expected);
    assertStrictEquals(await a.sendall(value), undefined);
    assertEquals([...await b.recv(100)], expected);
  }
  assertEquals(await a.send(""), 0);
  await a.sendall(new Uint8Array(0));
  a.close();
  assertEquals(await b.recv(1), new Uint8Array(0));
});

testEach(
  "the buffer of a non-blocking send() may change afterwards",
  async (net) => {
    const [a, b] = await net.pair();
    a.setblocking(false);
    const data = pattern(1000);
    assertEquals(await a.send(data), 1000);
    data.fill(0);
    await receivePattern(b, 1000);
  },
);

testEach("sendall() sends everything to a slow reader", async (net) => {
  for (const timeout of [null, 60]) {
    const [a, b] = await net.pair();
    a.settimeout(timeout);
    const size = 16 * 1024 * 1024;
    const sent = a.sendall(pattern(size));
    // Slow at first, so that the buffers become full.
    for (let start = 0; start < 64 * 1000; start += 1000) {
      assertEquals(await b.recv(1000, MSG_WAITALL), pattern(1000, start));
      if (start % 16_000 === 0) await net.tick();
    }
    await receivePattern(b, size - 64 * 1000, 64 * 1000);
    await sent;
  }
});

testEach("bytes arrive in order, however they are cut", async (net) => {
  const size = fc.integer({ min: 1, max: 3000 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(size, { minLength: 1, maxLength: 20 }),
      fc.array(
        fc.record({
          size,
          into: fc.boolean(),
          flags: fc.constantFrom(0, 0, MSG_PEEK, MSG_WAITALL),
          timeout: fc.constantFrom(null, 5, 0),
        }),
        { minLength: 1, maxLength: 20 },
      ),
      async (sends, receives) => {
        const [a, b] = await net.pair();
        const total = sends.reduce((sum, count) => sum + count, 0);
        const data = pattern(total);
        const sending = (async () => {
          let start = 0;
          for (const count of sends) {
            await a.sendall(data.subarray(start, start += count));
          }
          a.shutdown(SHUT_WR);
        })();
        let received = 0;
        for (let i = 0;; i++) {
          const { size, into, flags, timeout } = receives[i % receives.length]!;
          b.settimeout(timeout);
          const got = await persist(async () => {
            if (!into) return await b.recv(size, flags);
            const buffer = new Uint8Array(size);
            return buffer.subarray(0, await b.recv_into(buffer, 0, flags));
          });
          assertEquals(got, data.slice(received, received + got.length));
          if (got.length === 0) break;
          if (flags & MSG_PEEK) {
            // So that the loop ends though it only peeks.
            received += (await b.recv(1)).length;
          } else received += got.length;
        }
        assertEquals(received, total);
        await sending;
        a.close();
        b.close();
      },
    ),
    { numRuns: 30 },
  );
});

// Calls at the same time

testEach(
  "calls at the same time receive in the order of the calls",
  async (net) => {
    const [a, b] = await net.pair();
    const into = async () => {
      const buffer = new Uint8Array(1);
      await b.recv_into(buffer);
      return buffer;
    };
    const one = () => b.recv(1);
    for (
      const calls of [[one, one, one], [into, into, into], [one, into, one], [
        into,
        one,
        into,
      ]]
    ) {
      const received = Promise.all(calls.map((call) => call()));
      assert(await net.waits(received));
      await a.sendall("abc");
      assertEquals((await received).map(text).join(""), "abc");
    }
  },
);

testEach(
  "calls at the same time send in the order of the calls",
  async (net) => {
    const [a, b] = await net.pair();
    const size = 4 * 1024 * 1024 + 251 - 4 * 1024 * 1024 % 251;
    // Each one is larger than the buffers.
    await Promise.all([
      a.sendall(pattern(size)),
      a.send(pattern(size)),
      a.sendall(pattern(251)),
      a.sendall(pattern(size)),
      receivePattern(b, 3 * size + 251),
    ]);
  },
);

// Linux refuses it with EAGAIN while another call waits for room, and so does a
// relay; Deno's own sockets queue the bytes behind that call.
testQueued(
  "a call that doesn't wait is sent behind one that does",
  async (net) => {
    const [a, b] = await net.pair();
    const size = 4 * 1024 * 1024 + 251 - 4 * 1024 * 1024 % 251;
    const large = a.sendall(pattern(size));
    assertEquals(await a.send(pattern(251), MSG_DONTWAIT), 251);
    const small = a.sendall(pattern(251));
    await Promise.all([large, small, receivePattern(b, size + 502)]);
    a.close();
    assertEquals(await receiveAll(b), new Uint8Array(0));
  },
);

testEach("both ways at the same time", async (net) => {
  const [a, b] = await net.pair();
  const size = 8 * 1024 * 1024;
  await Promise.all([
    a.sendall(pattern(size)),
    b.sendall(pattern(size)),
    receivePattern(a, size),
    receivePattern(b, size),
  ]);
});

testEach("the mode may change while a call waits", async (net) => {
  const [a, b] = await net.pair();
  const first = b.recv_into(new Uint8Array(1));
  b.settimeout(5);
  const second = b.recv(1);
  b.setblocking(false);
  await rejects(errno.EAGAIN, b.recv(1));
  await a.sendall("ab");
  assertEquals(await first, 1);
  assertEquals(text(await second), "b");
});

// Without a connection

testEach(
  "without a connection, recv() raises ENOTCONN and send() EPIPE",
  async (net) => {
    for (const s of [net.socket(), net.listener()]) {
      // Linux has other errors for AF_UNIX.
      const unix = net.nativeUnix;
      const receiving = unix ? errno.EINVAL : errno.ENOTCONN;
      const sending = unix ? errno.ENOTCONN : errno.EPIPE;
      await rejects(receiving, s.recv(1));
      await rejects(receiving, s.recv_into(new Uint8Array(1)));
      await rejects(sending, s.send("a"));
      await rejects(sending, s.sendall(""));
    }
    await rejects(errno.EINVAL, net.socket().accept());
    const [a] = await net.pair();
    await rejects(errno.EINVAL, a.accept());
  },
);
