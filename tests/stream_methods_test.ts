import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import fc from "fast-check";
import { errno, select, socket } from "../mod.ts";
import { test } from "./cases.ts";
import { hasPython } from "./oracle.ts";
import { python } from "./peer.ts";
import { rejects } from "./raises.ts";
import { fill, pattern, receiveAll, receivePattern, text } from "./traffic.ts";
import { native, type Net, testEach, testTcp } from "./transports.ts";

/** A size of a receive buffer, and far more than fits there, in bytes. */
const [room, much] = native
  // With less than some segments the kernel waits for a timer before each part.
  ? [64 * 1024, 1_000_000]
  : [1024, 100_000];

testEach("read() waits for all that it is asked for", async (net) => {
  const [a, b] = await net.pair();
  for (const timeout of [null, 60]) {
    b.settimeout(timeout);
    const read = b.read(10);
    await a.sendall("abcde");
    assert(await net.waits(read));
    await a.sendall("fghijklm");
    assertEquals(text((await read)!), "abcdefghij");
    assertEquals(text((await b.read(3))!), "klm");
    assertEquals(await b.read(0), new Uint8Array(0));
    // More than the endpoint keeps.
    const size = 1_000_003;
    const sent = a.sendall(pattern(size + 1));
    assertEquals(await b.read(size), pattern(size));
    assertEquals(await b.read(1), pattern(1, size));
    await sent;
  }
});

testEach("read() without a size waits for the end", async (net) => {
  for (const timeout of [null, 60]) {
    const [a, b] = await net.pair();
    b.settimeout(timeout);
    const read = b.read();
    await a.sendall("abc");
    assert(await net.waits(read));
    const size = 1_000_000;
    const sent = a.sendall(pattern(size)).then(() => a.close());
    const all = (await read)!;
    assertEquals(text(all.subarray(0, 3)), "abc");
    assertEquals(all.subarray(3), pattern(size));
    await sent;
    for (const size of [-1, null, 5]) {
      assertEquals(await b.read(size), new Uint8Array(0));
    }
  }
});

testEach("less comes only at the end", async (net) => {
  for (const timeout of [null, 60, 0]) {
    const [a, b] = await net.pair();
    await a.sendall("abcde");
    a.close();
    await net.tick();
    b.settimeout(timeout);
    assertEquals(text((await b.read(3))!), "abc");
    assertEquals(text((await b.read(3))!), "de");
    assertEquals(await b.read(3), new Uint8Array(0));
    assertEquals(await b.readinto(new Uint8Array(3)), 0);
    assertEquals(await b.readline(), new Uint8Array(0));
  }
});

testEach("readinto() fills a buffer, or the front of it", async (net) => {
  const [a, b] = await net.pair();
  for (const timeout of [null, 60]) {
    b.settimeout(timeout);
    const buffer = new Uint16Array(4);
    const read = b.readinto(buffer);
    await a.sendall("abcde");
    assert(await net.waits(read));
    await a.sendall("fghijkl");
    assertEquals(await read, 8);
    assertEquals(text(new Uint8Array(buffer.buffer)), "abcdefgh");
    assertEquals(await b.readinto(buffer, 3), 3);
    assertEquals(text(new Uint8Array(buffer.buffer)), "ijkdefgh");
    assertEquals(await b.readinto(buffer, 0), 0);
    assertEquals(await b.readinto(new Uint8Array(1), 100), 1);
  }
  await assertRejects(() => b.readinto(new Uint8Array(1), -1), RangeError);
  await assertRejects(() => b.readinto(new Uint8Array(1), 0.5), TypeError);
  await assertRejects(() => b.read("1" as unknown as number), TypeError);
});

testEach("readline() takes a line and nothing behind it", async (net) => {
  const [a, b] = await net.pair();
  for (const timeout of [null, 60]) {
    b.settimeout(timeout);
    const line = b.readline();
    await a.sendall("on");
    assert(await net.waits(line));
    await a.sendall("e\n\ntwo\nthree");
    assertEquals(text((await line)!), "one\n");
    assertEquals(text((await b.readline())!), "\n");
    assertEquals(text((await b.readline(2))!), "tw");
    assertEquals(text((await b.readline(9))!), "o\n");
    assertEquals(await b.readline(0), new Uint8Array(0));
    assertEquals(text(await b.recv(3)), "thr");
    assertEquals(text((await b.readline(2))!), "ee");
  }
});

testEach("readline() takes lines of any length", async (net) => {
  const [a, b] = await net.pair();
  // The longest line exceeds the endpoint's buffer.
  b.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 10_000);
  const lengths = [1, 511, 512, 513, 1535, 1536, 9_999, 10_000, 10_001, 70_000];
  for (const timeout of [null, 60]) {
    b.settimeout(timeout);
    const sent = (async () => {
      for (const length of lengths) await a.sendall("x".repeat(length) + "\n");
    })();
    for (const length of lengths) {
      const line = (await b.readline())!;
      assertEquals([line.length, line.indexOf(10)], [length + 1, length]);
    }
    await sent;
  }
});

testEach("a call that runs out of time has taken nothing", async (net) => {
  const [a, b] = await net.pair();
  b.settimeout(0.01);
  const buffer = new Uint8Array(6);
  const calls = [
    () => b.read(6),
    () => b.read(),
    () => b.readline(),
    () => b.readline(6),
    () => b.readinto(buffer),
  ];
  for (const part of ["", "abcde"]) {
    await a.sendall(part);
    for (const call of calls) {
      assertInstanceOf(await rejects(null, call()), socket.TimeoutError);
    }
  }
  assertEquals(buffer, new Uint8Array(6));
  await a.sendall("f");
  b.settimeout(60);
  assertEquals(text((await b.read(6))!), "abcdef");
});

testEach(
  "bytes received before a time-out are there for the next call",
  async (net) => {
    const size = much;
    // Without the end of a line.
    const bytes = pattern(size).map((byte) => byte === 10 ? 251 : byte);
    const buffer = new Uint8Array(2 * size);
    const calls: [string, (s: socket.Socket) => Promise<unknown>][] = [
      ["read with a size", (s) => s.read(2 * size)],
      ["read", (s) => s.read()],
      ["readline", (s) => s.readline()],
      ["readline with a size", (s) => s.readline(2 * size)],
      ["readinto", (s) => s.readinto(buffer)],
      ["a raw file's readline", (s) => rawFile(s, (f) => f.readline())],
      ["a raw file's read", (s) => rawFile(s, (f) => f.read())],
    ];
    for (const [name, call] of calls) {
      const [a, b] = await net.pair();
      b.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room);
      b.settimeout(0.05);
      const failed = rejects(null, call(b));
      await a.sendall(bytes);
      assertInstanceOf(await failed, socket.TimeoutError, name);
      b.settimeout(60);
      assertEquals((await select.select([b], [], [], 5))[0].length, 1, name);
      assertEquals(await b.recv(3), bytes.slice(0, 3), name);
      const rest = b.read();
      await a.sendall("and more");
      a.close();
      const all = (await rest)!;
      assertEquals(all.subarray(0, size - 3), bytes.subarray(3), name);
      assertEquals(text(all.subarray(size - 3)), "and more", name);
      b.close();
    }
  },
);

testEach("the stream methods end with one's own SHUT_RD", async (net) => {
  const buffer = new Uint8Array(10);
  const calls: [string, (s: socket.Socket) => Promise<unknown>][] = [
    ["read", (s) => s.read()],
    ["read with a size", (s) => s.read(10)],
    ["readinto", async (s) => buffer.subarray(0, (await s.readinto(buffer))!)],
    ["readline", (s) => s.readline()],
    ["readline with a size", (s) => s.readline(10)],
    ["recv", (s) => s.recv(10, socket.MSG_WAITALL)],
    ["a file's readline", (s) => bufferedFile(s, (f) => f.readline())],
    ["a file's read", (s) => bufferedFile(s, (f) => f.read())],
    ["a raw file's readline", (s) => rawFile(s, (f) => f.readline())],
    ["a raw file's read", (s) => rawFile(s, (f) => f.read())],
  ];
  for (const timeout of [null, 60]) {
    for (const there of ["abc", ""]) {
      for (const [name, call] of calls) {
        const [a, b] = await net.pair();
        b.settimeout(timeout);
        await a.sendall(there);
        // Bytes not yet read ahead at that moment would be lost.
        if (there !== "") await b.recv(1, socket.MSG_PEEK);
        const pending = call(b) as Promise<Uint8Array>;
        assert(await net.waits(pending), name);
        b.shutdown(socket.SHUT_RD);
        assertEquals(text(await pending), there, `${name}, ${timeout}`);
        assertEquals(await call(b), new Uint8Array(0), `${name}, ${timeout}`);
      }
    }
  }
});

/** Sends three bytes, and resets the connection when it is told to. */
const RESETTING = `
peer = socket.create_connection((args[0], int(args[1])))
peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
peer.sendall(b"abc")
sys.stdin.readline()
peer.close()
`;

testTcp("bytes received before a reset are not lost", async (net) => {
  for (const timeout of [null, 60]) {
    for (const call of ["read", "readline", "recv"] as const) {
      const server = net.listener();
      const [host, port] = server.getsockname() as [string, number];
      await using peer = python(RESETTING, host, port);
      const s = await net.accept(server);
      s.settimeout(timeout);
      // Once the first bytes are there.
      await s.recv(1, socket.MSG_PEEK);
      const pending = call === "recv"
        ? s.recv(10, socket.MSG_WAITALL)
        : s[call](10);
      assert(await net.waits(pending), call);
      await peer.say();
      if (call === "recv") {
        assertEquals(text(await pending as Uint8Array), "abc");
        await rejects(errno.ECONNRESET, s.recv(10));
      } else {
        await rejects(errno.ECONNRESET, pending);
        assertEquals(text(await s.recv(10)), "abc");
      }
      assertEquals(await s.recv(10), new Uint8Array(0));
    }
  }
}, { ignore: !hasPython });

testEach("a file keeps the bytes received before a time-out", async (net) => {
  const size = much;
  const bytes = pattern(size).map((byte) => byte === 10 ? 251 : byte);
  const calls: ((f: socket.BufferedIO) => Promise<unknown>)[] = [
    (file) => file.read(),
    (file) => file.read(2 * size),
    (file) => file.readline(),
    (file) => file.readinto(new Uint8Array(2 * size)),
  ];
  for (const call of calls) {
    const [a, b] = await net.pair();
    b.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room);
    await a.sendall(bytes.subarray(0, 10));
    await b.recv(1, socket.MSG_PEEK);
    b.settimeout(0.05);
    await using file = b.makefile("rb");
    const failed = rejects(null, call(file));
    await a.sendall(bytes.subarray(10));
    assertInstanceOf(await failed, socket.TimeoutError);
    const held = await file.peek();
    assertEquals(await file.read(held.length), held);
    const after = await rejects(null, file.read(1));
    assertEquals(after.message, "cannot read from timed out object");
    // On a busy machine the time may run out before all has come.
    b.settimeout(60);
    const rest = (await b.read(size - held.length))!;
    assertEquals([...held, ...rest], [...bytes]);
  }
});

testEach("the time runs anew when something comes", async (net) => {
  const [a, b] = await net.pair();
  b.settimeout(0.5);
  const start = performance.now();
  const line = b.readline();
  while (performance.now() - start < 700) {
    await a.sendall("x");
    await net.tick();
  }
  await a.sendall("\n");
  assertEquals((await line)!.at(-1), 10);
});

testEach(
  "a non-blocking socket gives the available bytes, or null",
  async (net) => {
    const [a, b] = await net.pair();
    b.setblocking(false);
    const buffer = new Uint8Array(5);
    assertEquals(await b.read(5), null);
    assertEquals(await b.read(), null);
    assertEquals(await b.readline(), null);
    assertEquals(await b.readinto(buffer), null);
    const send = async (words: string) => {
      await a.sendall(words);
      await net.tick();
    };
    await send("abc");
    assertEquals(text((await b.read(5))!), "abc");
    await send("abc");
    assertEquals(text((await b.read())!), "abc");
    await send("abc");
    assertEquals(text((await b.readline())!), "abc");
    await send("abc");
    assertEquals(await b.readinto(buffer), 3);
    await send("a\nbc\nde");
    assertEquals(text((await b.readline())!), "a\n");
    assertEquals(text((await b.readline(5))!), "bc\n");
    assertEquals(text((await b.readline(5))!), "de");
    assertEquals(await b.readline(5), null);
  },
);

testEach("two that read lines at once get whole lines", async (net) => {
  const [a, b] = await net.pair();
  const lines = [b.readline(), b.readline(), b.readline()];
  for (const part of ["hel", "lo\n", "x\nlong", "er\n"]) {
    await a.sendall(part);
    await net.tick();
  }
  const got = (await Promise.all(lines)).map((line) => text(line!));
  assertEquals(got.sort(), ["hello\n", "longer\n", "x\n"]);
});

testEach("write() sends everything", async (net) => {
  const [a, b] = await net.pair();
  assertEquals(await a.write("aß"), 3);
  assertEquals(await a.write(Uint16Array.of(0x4241)), 2);
  assertEquals(await a.write(""), 0);
  assertEquals(text((await b.read(5))!), "aßAB");
  const size = 8 * 1024 * 1024;
  const written = a.write(pattern(size));
  assert(await net.waits(written));
  await receivePattern(b, size);
  assertEquals(await written, size);
  await assertRejects(() => a.write(7 as unknown as string), TypeError);
});

testEach(
  "a non-blocking socket takes as much as fits, or gives null",
  async (net) => {
    const [a, b] = await net.pair();
    a.setblocking(false);
    assertEquals(await a.write(""), 0);
    const size = 32 * 1024 * 1024;
    const count = (await a.write(pattern(size)))!;
    assert(count > 0 && count < size);
    const more = await fill(a);
    assertEquals(await a.write("x"), null);
    a.close();
    const received = await receiveAll(b);
    assertEquals(received.length, count + more);
    assertEquals(received.subarray(0, count), pattern(count));
  },
);

testEach("write() runs out of time", async (net) => {
  const [a] = await net.pair();
  a.settimeout(0.01);
  await rejects(null, a.write(pattern(32 * 1024 * 1024)));
});

testEach(
  "the stream methods raise the errors of recv() and send()",
  async (net) => {
    const [a, b] = await net.pair();
    const line = b.readline();
    await net.tick();
    b.close();
    await rejects(errno.EBADF, line);
    for (
      const call of [
        () => b.read(),
        () => b.read(1),
        () => b.readline(),
        () => b.readinto(new Uint8Array(1)),
        () => b.write("x"),
      ]
    ) await rejects(errno.EBADF, call());
    a.shutdown(socket.SHUT_WR);
    await rejects(errno.EPIPE, a.write("x"));
    const fresh = net.socket();
    const code = net.nativeUnix ? errno.EINVAL : errno.ENOTCONN;
    await rejects(code, fresh.read(1));
    await rejects(code, fresh.read());
    await rejects(code, fresh.readline());
  },
);

test("a datagram is no stream to read", async () => {
  using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  for (
    const call of [
      () => s.read(1),
      () => s.read(),
      () => s.readline(),
      () => s.readinto(new Uint8Array(1)),
    ]
  ) await rejects(errno.EOPNOTSUPP, call());
});

/** The result of a file without a buffer, which is then closed. */
async function rawFile<T>(
  s: socket.Socket,
  use: (file: socket.SocketIO) => Promise<T>,
): Promise<T> {
  await using file = s.makefile("rb", 0);
  return await use(file);
}

/** The result of a file with a buffer. */
async function bufferedFile<T>(
  s: socket.Socket,
  use: (file: socket.BufferedIO) => Promise<T>,
): Promise<T> {
  await using file = s.makefile("rb");
  return await use(file);
}

/** Reads with each call in turn, and sees what comes out. */
async function readAll(
  net: Net,
  parts: string[],
  sizes: number[],
  timeout: number | null,
): Promise<string> {
  const [a, b] = await net.pair();
  b.settimeout(timeout);
  const sent = (async () => {
    for (const part of parts) await a.sendall(part);
    a.close();
  })();
  let all = "";
  for (let i = 0;; i++) {
    const size = sizes[i % sizes.length]!;
    const piece = text((await (i % 2 ? b.read(size) : b.readline(size)))!);
    const whole = i % 2 || !piece.endsWith("\n") ? size : piece.length;
    assert(i % 2 || !piece.slice(0, -1).includes("\n"), "more than a line");
    all += piece;
    // No short read before the end.
    if (piece.length < whole) break;
  }
  all += text((await b.read())!);
  await sent;
  b.close();
  return all;
}

testEach("lines and sizes may be mixed as one likes", async (net) => {
  const words = fc.string({
    unit: fc.constantFrom("\n", "a", "bc"),
    minLength: 1,
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(words, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
      fc.constantFrom(null, 60),
      async (parts, sizes, timeout) => {
        assertEquals(
          await readAll(net, parts, sizes, timeout),
          parts.join(""),
        );
      },
    ),
    { numRuns: 100 },
  );
});
