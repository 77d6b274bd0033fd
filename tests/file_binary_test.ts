import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { test } from "./cases.ts";
import { python, testWithPython } from "./peer.ts";
import { rejects, throws } from "./raises.ts";
import { pattern, text } from "./traffic.ts";
import { testEach } from "./transports.ts";

const { BufferedIO, SocketIO, TextIO, UnsupportedOperation } = socket;

testEach("makefile() takes Python's modes, in any order", async (net) => {
  const [a] = await net.pair();
  const modes: [string, number | null, unknown, string][] = [
    ["", null, TextIO, ""],
    ["r", -1, TextIO, "r"],
    ["rr", -7, TextIO, "rr"],
    ["wr", 100, TextIO, "wr"],
    ["w", 1, TextIO, "w"],
    ["b", null, BufferedIO, "rb"],
    ["rb", 1, BufferedIO, "rb"],
    ["bw", -1, BufferedIO, "wb"],
    ["wbr", 8, BufferedIO, "rwb"],
    ["b", 0, SocketIO, "rb"],
    ["wrb", 0, SocketIO, "rwb"],
  ];
  for (const [mode, buffering, kind, name] of modes) {
    await using file = a.makefile(mode, buffering);
    assertInstanceOf(file, kind as typeof TextIO);
    assertEquals(file.mode, name);
    assertEquals(file.writable(), mode.includes("w"));
    assertEquals(file.readable(), mode.includes("r") || !mode.includes("w"));
  }
});

testEach("makefile() refuses everything else", async (net) => {
  const [a, b] = await net.pair();
  for (const mode of ["x", "r+", "rt", "rw ", "a", "R"]) {
    assertThrows(() => a.makefile(mode), RangeError, "only r, w, b allowed");
  }
  assertThrows(() => a.makefile("r", 0), RangeError, "must be binary");
  assertThrows(() => a.makefile(1 as unknown as "r"), TypeError);
  assertThrows(() => a.makefile("r", "1" as unknown as number), TypeError);
  assertThrows(() => new SocketIO(a, "br"), RangeError, "invalid mode");
  assertThrows(() => new SocketIO(a, "toString"), RangeError, "invalid mode");
  // None of them holds the connection.
  a.close();
  assertEquals(await b.recv(1), new Uint8Array(0));
  throws(errno.EBADF, () => a.makefile());
});

testEach("a file has Python's attributes", async (net) => {
  const [a] = await net.pair();
  for (const buffering of [0, -1]) {
    const file = a.makefile("rwb", buffering);
    assert(file.fileno() > 2 && file.fileno() !== a.fileno());
    assertEquals(file.name, file.fileno());
    assertEquals([file.isatty(), file.seekable()], [false, false]);
    assertThrows(() => file.seek(0), UnsupportedOperation);
    assertThrows(() => file.tell(), UnsupportedOperation);
    assertThrows(() => file.truncate(), UnsupportedOperation);
    assertInstanceOf(assertThrows(() => file.tell()), socket.OSError);
    assert(!file.closed);
    await file.close();
    assert(file.closed);
    assertEquals(file.name, -1);
    await file.close();
    file[Symbol.dispose]();
    for (
      const act of [
        () => file.fileno(),
        () => file.isatty(),
        () => file.seekable(),
        () => file.readable(),
        () => file.writable(),
        () => file.tell(),
      ]
    ) assertThrows(act, RangeError, "closed");
    for (
      const act of [
        () => file.read(1),
        () => file.readinto(new Uint8Array(1)),
        () => file.readline(),
        () => file.readlines(),
        () => file.write("x"),
        () => file.writelines([]),
        () => file.flush(),
        () => file[Symbol.asyncIterator]().next(),
      ]
    ) await assertRejects(act, RangeError, "closed");
    throws(errno.EBADF, () => file[select.readiness]);
  }
});

testEach("a file refuses operations that its mode excludes", async (net) => {
  const [a] = await net.pair();
  for (const buffering of [0, -1]) {
    await using reader = a.makefile("rb", buffering);
    await assertRejects(() => reader.write("x"), UnsupportedOperation);
    await reader.flush();
    await using writer = a.makefile("wb", buffering);
    await assertRejects(() => writer.read(1), UnsupportedOperation);
    await assertRejects(
      () => writer.readinto(new Uint8Array(1)),
      UnsupportedOperation,
    );
    await assertRejects(() => writer.readline(), UnsupportedOperation);
    await assertRejects(() => writer.readlines(), UnsupportedOperation);
  }
});

testEach("wrong arguments are a TypeError or a RangeError", async (net) => {
  const [a] = await net.pair();
  await using file = a.makefile("rwb");
  await assertRejects(() => file.read(-2), RangeError);
  await assertRejects(() => file.read(1.5), TypeError);
  await assertRejects(() => file.write(7 as unknown as string), TypeError);
  await assertRejects(() => file.readinto("x" as unknown as ArrayBuffer));
  await using raw = a.makefile("rb", 0);
  assertThrows(() => new BufferedIO(raw, 0), RangeError);
});

testEach("reads wait until they have all that they ask for", async (net) => {
  const [a, b] = await net.pair();
  await using file = b.makefile("rb");
  const read = file.read(10);
  await a.sendall("abcde");
  assert(await net.waits(read));
  await a.sendall("fghijklm\nno\np");
  assertEquals(text((await read)!), "abcdefghij");
  assertEquals(text(await file.readline(2)), "kl");
  assertEquals(text(await file.readline()), "m\n");
  assertEquals(text(await file.peek()), "no\np");
  assertEquals(text(await file.read1(1)), "n");
  assertEquals(text(await file.read1()), "o\np");
  const buffer = new Uint8Array(6);
  const into = file.readinto(buffer.subarray(1, 5));
  await a.sendall("xy");
  assert(await net.waits(into));
  await a.sendall("zwv");
  assertEquals(await into, 4);
  assertEquals(text(buffer), "\0xyzw\0");
  assertEquals(await file.readinto1(new Uint16Array(8)), 1);
  const all = file.read();
  await a.sendall("the rest");
  assert(await net.waits(all));
  a.close();
  assertEquals(text((await all)!), "the rest");
  assertEquals(await file.read(), new Uint8Array(0));
  assertEquals(await file.read(5), new Uint8Array(0));
  assertEquals(await file.readline(), new Uint8Array(0));
  assertEquals(await file.readinto(buffer), 0);
});

testEach("lines can be iterated, and listed", async (net) => {
  const [a, b] = await net.pair();
  await a.sendall("one\n\ntwo\r\nthree");
  a.close();
  await using file = b.makefile("rb");
  for await (const line of file) {
    assertEquals(text(line), "one\n");
    break;
  }
  assertEquals((await file.readlines(1)).map(text), ["\n", "two\r\n"]);
  assertEquals((await file.readlines()).map(text), ["three"]);
  assertEquals(await file.readlines(), []);
});

testEach(
  "written bytes are buffered until flush(), or until the buffer is full",
  async (net) => {
    const [a, b] = await net.pair();
    await using file = a.makefile("wb", 10);
    assertEquals(await file.write("abcd"), 4);
    assertEquals(await file.write(Uint8Array.of(69, 70).buffer), 2);
    const first = b.recv(100);
    assert(await net.waits(first));
    await file.flush();
    assertEquals(text(await first), "abcdEF");
    // More than the buffer holds goes out at once, behind what it held.
    await file.write("12345");
    await file.write("6789abcdefghijklmno");
    await file.writelines(["p", Uint8Array.of(113), "r"]);
    await file.flush();
    assertEquals(text((await b.read(27))!), "123456789abcdefghijklmnopqr");
  },
);

testEach("calls that wait for each other keep their order", async (net) => {
  const [a, b] = await net.pair();
  await using reader = b.makefile("rb", 4);
  const reads = [
    reader.readline(),
    reader.read(3),
    reader.read1(2),
    reader.readline(),
  ];
  const writer = a.makefile("wb", 4);
  const writes = [
    writer.write("first line\n"),
    writer.write("a"),
    writer.write("bcdef"),
    writer.flush(),
    writer.write("gh\n"),
    writer.close(),
  ];
  await assertRejects(() => writer.write("x"), RangeError, "closed");
  a.close();
  const [line, three, some, rest] = (await Promise.all(reads))
    .map((part) => text(part!));
  assertEquals([line, three], ["first line\n", "abc"]);
  // As much as comes at once, but not nothing.
  assert(some === "d" || some === "de", some);
  assertEquals(some + rest!, "defgh\n");
  assertEquals(await Promise.all(writes), [
    11,
    1,
    5,
    undefined,
    3,
    undefined,
  ]);
});

testEach("without a buffer no more is read than asked for", async (net) => {
  const [a, b] = await net.pair();
  await using file = b.makefile("rwb", 0);
  await a.sendall("one\ntwo\nthree");
  assertEquals(text(await file.readline()), "one\n");
  assertEquals(text(await b.recv(2)), "tw");
  assertEquals(text(await file.readline(1)), "o");
  assertEquals(text((await file.read(2))!), "\nt");
  const buffer = new Uint8Array(3);
  assertEquals(await file.readinto(buffer), 3);
  assertEquals(text(buffer), "hre");
  assertEquals(await file.write("back"), 4);
  assertEquals(text(await a.recv(10)), "back");
});

testEach("without a buffer the end is read, too", async (net) => {
  const [a, b] = await net.pair();
  await using file = b.makefile("rb", 0);
  const sent = a.sendall(pattern(200_000)).then(() => a.close());
  assertEquals(await file.read(), pattern(200_000));
  await sent;
  assertEquals(await file.readall(), new Uint8Array(0));
  assertEquals(await file.readline(), new Uint8Array(0));
});

testEach(
  "without a buffer a read that finds no data gives null",
  async (net) => {
    const [, b] = await net.pair();
    b.setblocking(false);
    await using file = b.makefile("rb", 0);
    assertEquals(await file.read(1), null);
    assertEquals(await file.read(), null);
    assertEquals(await file.readinto(new Uint8Array(1)), null);
    await rejects(errno.EAGAIN, file.readline());
  },
);

testEach("select() counts what a file has buffered", async (net) => {
  const [a, b] = await net.pair();
  await using file = b.makefile("rwb");
  const ready = async () => {
    const lists = await select.select([file], [file], [], 0);
    return lists.map((list) => list.length);
  };
  assertEquals(await ready(), [0, 1, 0]);
  await a.sendall("ab");
  await net.tick();
  assertEquals(await ready(), [1, 1, 0]);
  await file.read(1);
  assertEquals(await ready(), [1, 1, 0]);
  assertEquals((await select.select([b], [], [], 0))[0].length, 0);
  await file.read(1);
  assertEquals(await ready(), [0, 1, 0]);
});

testEach("select() is woken when a file reads from its socket", async (net) => {
  const [a, b] = await net.pair();
  await using file = b.makefile("rb");
  // Under way before anybody watches: the socket itself never gets readable.
  const peeked = file.peek();
  const selected = select.select([file], [], []).then(([r]) => r[0] === file);
  await a.sendall("x");
  await peeked;
  assert(await selected);
  assertEquals(text(await file.read1()), "x");
});

testEach("much goes both ways at once", async (net) => {
  const [a, b] = await net.pair();
  const size = 3 * 1024 * 1024 + 17;
  const send = async (s: socket.Socket) => {
    await using file = s.makefile("wb", 1000);
    const bytes = pattern(10_000 + 251);
    for (let sent = 0; sent < size;) {
      const part = bytes.subarray(sent % 251).subarray(
        0,
        Math.min(1 + sent % 9973, size - sent),
      );
      sent += await file.write(part);
    }
  };
  const receive = async (s: socket.Socket) => {
    await using file = s.makefile("rb");
    for (let at = 0; at < size;) {
      const part = (await file.read(Math.min(1 + at % 29_989, size - at)))!;
      assertEquals(part, pattern(part.length, at % 251));
      at += part.length;
    }
  };
  await Promise.all([send(a), send(b), receive(a), receive(b)]);
});

test("files work over every kind of stream", async () => {
  const [a, b] = await socket.socketpair();
  await using writer = a.makefile("wb");
  await using reader = b.makefile("rb");
  await writer.write("over a pair\n");
  await writer.flush();
  assertEquals(text(await reader.readline()), "over a pair\n");
  a.close();
  b.close();
});

testWithPython("files talk to Python's files", async () => {
  using server = socket.create_server(["127.0.0.1", 0]);
  const [, port] = server.getsockname() as [string, number];
  await using peer = python(
    `
with socket.create_connection(("127.0.0.1", int(args[0]))) as s:
    f = s.makefile("rwb")
    for line in f:
        f.write(line[::-1].strip() + b"\\n")
        f.flush()
    f.close()
`,
    port,
  );
  const [conn] = await server.accept();
  const file = conn.makefile("rwb");
  conn.close();
  for (const word of ["abc", "", "0123456789".repeat(5000)]) {
    await file.write(`${word}\n`);
    await file.flush();
    assertEquals(
      text(await file.readline()),
      `${[...word].reverse().join("")}\n`,
    );
  }
  await file.close();
  await peer.rest();
});
