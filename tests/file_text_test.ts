import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { python, testWithPython } from "./peer.ts";
import { rejects, throws } from "./raises.ts";
import { receiveAll, text } from "./traffic.ts";
import { type Net, testEach } from "./transports.ts";

const { UnsupportedOperation } = socket;

/** The text that a file decodes from bytes that arrive one by one. */
async function decode(
  net: Net,
  bytes: Uint8Array<ArrayBuffer>,
  options: socket.TextOptions,
): Promise<string> {
  const [a, b] = await net.pair();
  await using file = b.makefile("r", 2, options);
  const read = file.read();
  for (const byte of bytes) await a.sendall(Uint8Array.of(byte));
  a.close();
  return await read;
}

/** The bytes that a file sends. */
async function encode(
  net: Net,
  words: string[],
  options: socket.TextOptions,
): Promise<Uint8Array> {
  const [a, b] = await net.pair();
  const file = a.makefile("w", null, options);
  await file.writelines(words);
  await file.close();
  a.close();
  return await receiveAll(b);
}

testEach("a file of text tells how it treats text", async (net) => {
  const [a] = await net.pair();
  const file = a.makefile();
  assertEquals(
    [file.mode, file.encoding, file.errors, file.newlines],
    ["r", "utf-8", "strict", null],
  );
  assertEquals([file.line_buffering, file.readable()], [false, true]);
  assertEquals([file.isatty(), file.seekable()], [false, false]);
  assertEquals([file.name, file.buffer.raw.mode], [file.fileno(), "rb"]);
  assertThrows(() => file.tell(), UnsupportedOperation);
  assertThrows(() => file.seek(0), UnsupportedOperation);
  await assertRejects(() => file.write("x"), UnsupportedOperation);
  await file.close();
  assertEquals([file.closed, file.buffer.closed, file.name], [true, true, -1]);
  await assertRejects(() => file.read(), RangeError, "closed");
  await assertRejects(() => file.readline(), RangeError, "closed");
  await assertRejects(() => file.flush(), RangeError, "closed");
  throws(errno.EBADF, () => file[select.readiness]);

  const options: socket.TextOptions = {
    encoding: "Latin-1",
    errors: "replace",
    newline: "",
  };
  const other = a.makefile("rw", 1, options);
  assertEquals(
    [other.mode, other.encoding, other.errors, other.line_buffering],
    ["rw", "Latin-1", "replace", true],
  );
  // Closed from below.
  await other.buffer.close();
  assert(other.closed);
  await assertRejects(() => other.write("x"), RangeError, "closed");

  await using writer = a.makefile("w", null, { encoding: null, errors: null });
  assertEquals([writer.encoding, writer.errors], ["utf-8", "strict"]);
  await assertRejects(() => writer.read(), UnsupportedOperation);
  await assertRejects(() => writer.readline(), UnsupportedOperation);
  await assertRejects(() => writer.write(7 as unknown as string), TypeError);
});

testEach(
  "makefile() refuses other encodings, errors, newlines",
  async (net) => {
    const [a, b] = await net.pair();
    const wrong: [Record<string, unknown>, ErrorConstructor, string][] = [
      [{ encoding: "nope" }, RangeError, "unknown encoding: nope"],
      [{ encoding: "replacement" }, RangeError, "unknown encoding"],
      [{ encoding: 7 }, TypeError, "encoding must be a string"],
      [{ errors: "nope" }, RangeError, "unknown error handler name 'nope'"],
      [{ errors: 7 }, TypeError, "errors must be a string"],
      [{ newline: "x" }, RangeError, 'illegal newline value: "x"'],
      [{ newline: 7 }, TypeError, "newline must be a string"],
    ];
    for (const [options, kind, message] of wrong) {
      assertThrows(
        () => a.makefile("r", null, options as socket.TextOptions),
        kind,
        message,
      );
    }
    const options = { encoding: "shift_jis" };
    assertThrows(() => a.makefile("rw", null, options), RangeError, "written");
    // Bytes have none of it.
    await a.makefile("rb" as string, null, { encoding: "nope" }).close();
    a.close();
    assertEquals(await b.recv(1), new Uint8Array(0));
  },
);

testEach("lines come as text, with any line end", async (net) => {
  const [a, b] = await net.pair();
  const file = b.makefile();
  const line = file.readline();
  await a.sendall("Grü");
  await a.sendall("ße\r");
  assert(await net.waits(line), "\\n may follow");
  await a.sendall("\nzwei\rdrei\n\nvier");
  assertEquals(await line, "Grüße\n");
  assertEquals(file.newlines, ["\r", "\n", "\r\n"]);
  assertEquals(await file.readline(2), "zw");
  assertEquals(await file.readline(9), "ei\n");
  const rest: string[] = [];
  const reading = (async () => {
    for await (const line of file) rest.push(line);
  })();
  await net.tick();
  a.close();
  await reading;
  assertEquals(rest, ["drei\n", "\n", "vier"]);
  assertEquals([await file.readline(), await file.read(3)], ["", ""]);
  assertEquals(await file.readlines(), []);
  await file.close();
});

testEach("sizes count characters, and cut none in two", async (net) => {
  const [a, b] = await net.pair();
  await using file = b.makefile("r", 3, { newline: "" });
  const read = file.read(3);
  await a.sendall("😀ü");
  assert(await net.waits(read));
  await a.sendall("😀🦕\r\n🦕a\n🦕🦕\n");
  assertEquals(await read, "😀ü😀");
  assertEquals(await file.readline(2), "🦕\r");
  assertEquals(await file.readline(2), "\n");
  assertEquals(await file.readline(2), "🦕a");
  assertEquals(await file.readlines(1), ["\n", "🦕🦕\n"]);
  // The limit is reached, so the call doesn't wait for the end of the line.
  await a.sendall("🦕🦕🦕");
  assertEquals(await file.readline(3), "🦕🦕🦕");
  assertEquals(await file.readline(0), "");
  assertEquals(await file.read(0), "");
});

testEach("write() counts characters, and waits for flush()", async (net) => {
  const [a, b] = await net.pair();
  await using file = a.makefile("w");
  assertEquals(await file.write("a😀ü"), 3);
  assertEquals(await file.write(""), 0);
  const received = b.recv(100);
  assert(await net.waits(received));
  await file.flush();
  assertEquals(text(await received), "a😀ü");
});

testEach("line buffering sends every line", async (net) => {
  const [a, b] = await net.pair();
  for (const end of ["\n", "\r"]) {
    await using file = a.makefile("w", 1);
    await file.write("a line");
    const received = b.recv(100);
    assert(await net.waits(received));
    await file.write(` ends${end}here`);
    assertEquals(text(await received), `a line ends${end}here`);
  }
  // close() also sends a write that wasn't awaited.
  const file = a.makefile("w", 1);
  const written = file.write("last\n");
  await file.close();
  assertEquals(await written, 5);
  assertEquals(text((await b.read(5))!), "last\n");
});

testEach("a newline is written as it was asked for", async (net) => {
  const written: [socket.Newline, string][] = [
    [null, "a\nb\r\nc"],
    ["", "a\nb\r\nc"],
    ["\n", "a\nb\r\nc"],
    ["\r", "a\rb\r\rc"],
    ["\r\n", "a\r\nb\r\r\nc"],
  ];
  for (const [newline, bytes] of written) {
    assertEquals(
      text(await encode(net, ["a\nb\r\nc"], { newline })),
      bytes,
      JSON.stringify(newline),
    );
  }
});

testEach("bytes may come one by one, in any encoding", async (net) => {
  const texts: [string, string, string][] = [
    ["utf-8", "efbbbfe282acf09f9880", "\ufeff€😀"],
    ["utf-8-sig", "efbbbfe282acf09f9880", "€😀"],
    ["utf-16", "fffeac203dd800de", "€😀"],
    ["utf-16", "feff20acd83dde00", "€😀"],
    ["utf-16-le", "fffeac203dd800de", "\ufeff€😀"],
    ["utf-16-be", "20acd83dde00", "€😀"],
    ["latin-1", "80a4e9ff", "\u0080¤éÿ"],
    ["iso-8859-15", "80a4e9ff", "\u0080€éÿ"],
    ["cp1252", "80a4e9ff", "€¤éÿ"],
    ["us-ascii", "0041", "\0A"],
    ["koi8_r", "c1c2", "аб"],
    ["shift_jis", "93fa967b8cea41", "日本語A"],
    ["euc_kr", "b0a1a4a141", "가ㄱA"],
    ["iso-2022-jp", "1b2442467c1b284241", "日A"],
  ];
  for (const [encoding, hex, expected] of texts) {
    const bytes = Uint8Array.fromHex(hex);
    for (const errors of ["strict", "replace", "ignore"] as const) {
      assertEquals(await decode(net, bytes, { encoding, errors }), expected);
    }
  }
});

testEach("undecodable bytes are treated as `errors` says", async (net) => {
  const faults: [string, string, string, string, string][] = [
    ["utf-8", "61ff62", "a\ufffdb", "ab", "invalid start byte"],
    ["utf-8", "e28261", "\ufffda", "a", "invalid continuation byte"],
    ["utf-8", "61f09f98", "a\ufffd", "a", "unexpected end of data"],
    ["utf-8", "eda080", "\ufffd\ufffd\ufffd", "", "invalid continuation"],
    ["utf-16-le", "3dd86100", "\ufffda", "a", "illegal UTF-16 surrogate"],
    ["utf-16-be", "dc000061", "\ufffda", "a", "illegal encoding"],
    ["utf-16-le", "610062", "a\ufffd", "a", "truncated data"],
    ["ascii", "61e9", "a\ufffd", "a", "ordinal not in range(128)"],
    ["cp1252", "6181", "a\ufffd", "a", "character maps to <undefined>"],
    ["shift_jis", "61ff62", "a\ufffdb", "ab", "can't decode bytes"],
  ];
  for (const [encoding, hex, replaced, dropped, reason] of faults) {
    const bytes = Uint8Array.fromHex(hex);
    const how = (errors: socket.Errors) =>
      decode(net, bytes, { encoding, errors });
    assertEquals(await how("replace"), replaced, encoding);
    assertEquals(await how("ignore"), dropped, encoding);
    const error = await assertRejects(() => how("strict"), RangeError);
    assertStringIncludes(error.message, reason);
  }
  await assertRejects(
    () => decode(net, Uint8Array.of(65, 0), { encoding: "utf-16" }),
    RangeError,
    "UTF-16 stream does not start with BOM",
  );
});

testEach("unencodable characters are treated as `errors` says", async (net) => {
  const faults: [string, string, string, string, string][] = [
    ["utf-8", "a\ud800b", "a?b", "ab", "surrogates not allowed"],
    ["utf-16-be", "\udc00b", "\0?\0b", "\0b", "surrogates not allowed"],
    ["ascii", "aéb", "a?b", "ab", "ordinal not in range(128)"],
    ["latin-1", "😀é€", "?\ufffd?", "\ufffd", "ordinal not in range(256)"],
    ["koi8-r", "a€]b", "a?]b", "a]b", "character maps to <undefined>"],
  ];
  for (const [encoding, word, replaced, dropped, reason] of faults) {
    const how = async (errors: socket.Errors) =>
      text(await encode(net, [word], { encoding, errors }));
    assertEquals(await how("replace"), replaced, encoding);
    assertEquals(await how("ignore"), dropped, encoding);
    const [a] = await net.pair();
    await using file = a.makefile("w", null, { encoding });
    await assertRejects(() => file.write(word), RangeError, reason);
  }
});

testEach("a write loses no text that was read", async (net) => {
  const [a, b] = await net.pair();
  await using file = b.makefile("rw", 1);
  await a.sendall("one\ntwo\nthr");
  assertEquals(await file.readline(), "one\n");
  await file.write("answer\n");
  assertEquals(await file.readline(), "two\n");
  assertEquals(text(await a.recv(100)), "answer\n");
  await a.sendall("ee\n");
  assertEquals(await file.readline(), "three\n");
});

testEach("calls that read wait for each other", async (net) => {
  const [a, b] = await net.pair();
  await using file = b.makefile();
  const reads = [file.readline(), file.read(3), file.readline()];
  for (const part of ["on", "e\nt", "wo\nthr", "ee\n"]) await a.sendall(part);
  assertEquals(await Promise.all(reads), ["one\n", "two", "\n"]);
  assertEquals(await file.readline(), "three\n");
});

testEach("text received before a time-out can still be read", async (net) => {
  const [a, b] = await net.pair();
  b.settimeout(0.01);
  for (const size of [-1, 99]) {
    await a.sendall("one\ntwo");
    await using file = b.makefile();
    assertEquals(await file.readline(), "one\n");
    const late = size < 0 ? file.readline() : file.read(size);
    assertInstanceOf(await rejects(null, late), socket.TimeoutError);
    const error = await rejects(null, file.readline());
    assertEquals(error.message, "cannot read from timed out object");
    assertEquals(await file.read(3), "two");
  }
});

testEach("a non-blocking file gives the available data", async (net) => {
  const [a, b] = await net.pair();
  b.setblocking(false);
  await using file = b.makefile();
  assertEquals([await file.readline(), await file.read(5)], ["", ""]);
  await rejects(errno.EAGAIN, file.read());
  await a.sendall(Uint8Array.of(97, 0xc3));
  await net.tick();
  assertEquals(await file.readline(), "a");
  await a.sendall(Uint8Array.of(0xbc, 98));
  await net.tick();
  assertEquals(await file.read(), "üb");
});

testEach("select() counts text that was decoded and not read", async (net) => {
  const [a, b] = await net.pair();
  await using file = b.makefile();
  const ready = async () => (await select.select([file], [], [], 0))[0].length;
  assertEquals(await ready(), 0);
  await a.sendall("one\ntwo\n");
  await net.tick();
  assertEquals(await ready(), 1);
  await file.readline();
  assertEquals(await ready(), 1);
  await file.readline();
  assertEquals(await ready(), 0);
  // A wait ends when another call reads more than it asked for.
  const read = file.read(1);
  const selected = select.select([file], [], []);
  await a.sendall("ab");
  await Promise.all([read, selected]);
  assertEquals(await file.read(1), "b");
});

testWithPython("files of text talk to Python's", async () => {
  using server = socket.create_server(["127.0.0.1", 0]);
  const [, port] = server.getsockname() as [string, number];
  await using peer = python(
    `
with socket.create_connection(("127.0.0.1", int(args[0]))) as s:
    with s.makefile("rw", encoding="utf-16-be", newline="\\r\\n") as f:
        for line in f:
            f.write(line.replace("\\r\\n", "").upper() + "\\n")
            f.flush()
`,
    port,
  );
  const [conn] = await server.accept();
  const file = conn.makefile("rw", 1, {
    encoding: "utf-16-be",
    newline: "\r\n",
  });
  conn.close();
  for (const word of ["straße", "", "😀ж".repeat(9000), "\ud83e\udd95"]) {
    await file.write(`${word}\n`);
    assertEquals(await file.readline(), `${word.toUpperCase()}\r\n`);
  }
  await file.close();
  await peer.rest();
});
