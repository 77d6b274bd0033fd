import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { errno, select, socket } from "../mod.ts";
import { rejects } from "./raises.ts";
import { fill, pattern, receiveAll, receivePattern, text } from "./traffic.ts";
import { testEach, testOverDeno } from "./transports.ts";

testEach("close() writes out the buffer", async (net) => {
  const [a, b] = await net.pair();
  const file = a.makefile("wb");
  await file.write("buffered");
  a.close();
  assert(await net.waits(b.recv(1, socket.MSG_PEEK)));
  await file.close();
  assertEquals(text(await receiveAll(b)), "buffered");
});

testEach("close() is done at once if nothing is buffered", async (net) => {
  const [a, b] = await net.pair();
  const file = a.makefile("rwb");
  a.close();
  const closed = file.close();
  assert(file.raw.closed);
  await closed;
  assertEquals(await b.recv(1), new Uint8Array(0));
});

testEach("using closes, and await using waits for it", async (net) => {
  const [a, b] = await net.pair();
  {
    using file = a.makefile("wb");
    await file.write("one ");
  }
  {
    await using file = a.makefile("wb");
    await file.write("two");
  }
  {
    using file = a.makefile("wb");
    await file.write(" three");
    a.close();
  }
  assertEquals(text(await receiveAll(b)), "one two three");
});

testEach(
  "the connection is closed with the last of its files",
  async (net) => {
    const [a, b] = await net.pair();
    const [reader, writer] = [a.makefile("rb"), a.makefile("wb")];
    a.close();
    assertEquals(a.fileno(), -1);
    await b.sendall("in");
    assertEquals(text((await reader.read(2))!), "in");
    await reader.close();
    await writer.write("out");
    await writer.flush();
    assertEquals(text(await b.recv(10)), "out");
    const end = b.recv(1);
    assert(await net.waits(end));
    await writer.close();
    assertEquals(await end, new Uint8Array(0));

    const [c, d] = await net.pair();
    await c.makefile("rwb").close();
    await c.makefile("rwb", 0).close();
    await d.sendall("still open");
    assertEquals(text(await c.recv(100)), "still open");
  },
);

testEach("files follow the mode of the socket", async (net) => {
  const [a, b] = await net.pair();
  await using file = b.makefile("rb");
  b.setblocking(false);
  assertEquals(await file.read(1), null);
  b.settimeout(null);
  const read = file.read(1);
  assert(await net.waits(read));
  await a.sendall("xy");
  assertEquals(text((await read)!), "x");
  b.setblocking(false);
  b.close();
  assertEquals(text((await file.read(1))!), "y");
  assertEquals(await file.read(1), null);
});

testEach("after a time-out a file can't be read any more", async (net) => {
  const [a, b] = await net.pair();
  b.settimeout(0.01);
  for (const buffering of [0, -1]) {
    await using file = b.makefile("rwb", buffering);
    await rejects(null, file.readline());
    for (const read of [file.read(1), file.readline(), file.read()]) {
      const error = await rejects(null, read);
      assertEquals(error.message, "cannot read from timed out object");
      assert(!(error instanceof socket.TimeoutError));
    }
    assertEquals(await file.write("still written"), 13);
  }
  assertEquals(text((await a.read(26))!), "still written".repeat(2));
  // The socket itself can.
  await a.sendall("x");
  assertEquals(text(await b.recv(1)), "x");
});

testEach("bytes received before a time-out stay in the buffer", async (net) => {
  const [a, b] = await net.pair();
  const attempts: ((file: socket.BufferedIO) => Promise<unknown>)[] = [
    (file) => file.read(6),
    (file) => file.read(60),
    (file) => file.read(),
    (file) => file.readline(),
    (file) => file.readinto(new Uint8Array(6)),
    (file) => file.readinto(new Uint8Array(60)),
  ];
  for (const size of [2, 8, 8192] as const) {
    for (const attempt of attempts) {
      await a.sendall("abcde");
      // It must be there before the time begins to run.
      b.settimeout(60);
      assertEquals((await b.recv(5, socket.MSG_PEEK)).length, 5);
      b.settimeout(0.01);
      await using file = b.makefile("rb", size);
      assertInstanceOf(
        await rejects(null, attempt(file)),
        socket.TimeoutError,
      );
      assertEquals(text((await file.read(2))!), "ab");
      assertEquals(text(await file.peek()), "cde");
      assertEquals(text(await file.read1(3)), "cde");
      await rejects(null, file.read1());
    }
  }
});

testEach("a non-blocking file gives the available data", async (net) => {
  const [a, b] = await net.pair();
  b.setblocking(false);
  await using file = b.makefile("rb");
  const buffer = new Uint8Array(9);
  const send = async () => {
    await a.sendall("abc");
    await net.tick();
  };
  for (const part of ["", "abc"]) {
    if (part) await send();
    const read = await file.read(9);
    assertEquals(read && text(read), part || null);
    if (part) await send();
    assertEquals(text(await file.readline()), part);
    if (part) await send();
    assertEquals(await file.readinto(buffer), part.length || null);
    if (part) await send();
    assertEquals(text(await file.peek()), part);
    assertEquals(text(await file.read1()), part);
    if (part) await send();
    const all = await file.read();
    assertEquals(all && text(all), part || null);
  }
  a.close();
  await net.tick();
  assertEquals(await file.read(9), new Uint8Array(0));
});

testEach(
  "a non-blocking file keeps the bytes that it can't write",
  async (net) => {
    const [a, b] = await net.pair();
    a.setblocking(false);
    const sent = await fill(a);
    const file = a.makefile("wb", 100);
    const raw = a.makefile("wb", 0);
    assertEquals(await raw.write("x"), null);
    await raw.close();
    const blocked = async (written: number, write: Promise<unknown>) => {
      const error = await rejects(errno.EAGAIN, write);
      assertInstanceOf(error, socket.BlockingIOError);
      const { characters_written } = error as unknown as Record<
        string,
        unknown
      >;
      assertEquals(characters_written, written);
    };
    assertEquals(await file.write(pattern(60, sent)), 60);
    await blocked(0, file.flush());
    await blocked(40, file.write(pattern(50, sent + 60)));
    await blocked(0, file.write("nothing of this"));
    assertEquals(await file.write(""), 0);
    a.setblocking(true);
    const written = file.write(pattern(300, sent + 100));
    const closed = file.close();
    a.close();
    await receivePattern(b, sent + 400);
    assertEquals(await written, 300);
    await closed;
    assertEquals(await b.recv(1), new Uint8Array(0));
  },
);

// Where dup() makes a descriptor of its own, close() ends the calls on it.
testOverDeno("close() doesn't end a pending read", async (net) => {
  const [a, b] = await net.pair();
  for (const buffering of [0, -1]) {
    const file = b.makefile("rb", buffering);
    const read = file.read(3);
    await file.close();
    await a.sendall("abc");
    assertEquals(text((await read)!), "abc");
  }
  // Unless there is nothing left to read from.
  const last = b.makefile("rb");
  const read = last.read(3);
  await net.tick();
  b.close();
  assert(await net.waits(read));
  await last.close();
  await rejects(errno.EBADF, read);
});

testEach("close() raises once if it can't write", async (net) => {
  const [a, b] = await net.pair();
  const file = a.makefile("wb");
  await file.write("nobody takes this");
  a.shutdown(socket.SHUT_WR);
  await rejects(errno.EPIPE, file.flush());
  await rejects(errno.EPIPE, file.close());
  assert(file.closed);
  await file.close();
  a.close();
  assertEquals(await b.recv(1), new Uint8Array(0));
});

testEach("poll() reports a closed file", async (net) => {
  const [, b] = await net.pair();
  for (const buffering of [0, -1]) {
    const file = b.makefile("rb", buffering);
    const poll = select.poll();
    poll.register(file, select.POLLIN);
    const polled = poll.poll();
    assert(await net.waits(polled));
    await file.close();
    assertEquals((await polled).map(([, mask]) => mask), [select.POLLNVAL]);
  }
});
