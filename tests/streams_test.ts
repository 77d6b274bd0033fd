import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { errno, socket } from "../mod.ts";
import { rejects } from "./raises.ts";
import { pattern, receiveAll, receivePattern, text } from "./traffic.ts";
import { testEach } from "./transports.ts";

testEach("readable gives the received bytes until the end", async (net) => {
  const [a, b] = await net.pair();
  assertStrictEquals(b.readable, b.readable);
  const read = new Response(b.readable).text();
  await a.sendall("Hello, ");
  await net.tick();
  await a.sendall("world");
  a.shutdown(socket.SHUT_WR);
  assertEquals(await read, "Hello, world");
  // The way out is as it was.
  await b.sendall("back");
  assertEquals(text(await a.recv(10)), "back");
});

testEach("readable gives pieces as they come", async (net) => {
  const [a, b] = await net.pair();
  const reader = b.readable.getReader();
  for (const piece of ["one", "two", "three"]) {
    const next = reader.read();
    assert(await net.waits(next));
    await a.sendall(piece);
    const { value, done } = await next;
    assert(!done);
    assertInstanceOf(value, Uint8Array);
    assertEquals(text(value), piece);
  }
  a.close();
  assertEquals((await reader.read()).done, true);
});

testEach("readable fills a reader's own buffer", async (net) => {
  const [a, b] = await net.pair();
  const reader = b.readable.getReader({ mode: "byob" });
  await a.sendall("abcdef");
  const first = await reader.read(new Uint8Array(4));
  assertEquals(text(first.value!), "abcd");
  const second = await reader.read(new Uint8Array(4));
  assertEquals(text(second.value!), "ef");
  a.close();
  const end = await reader.read(new Uint8Array(4));
  assertEquals([end.done, end.value?.length], [true, 0]);
});

testEach("readable reads only on demand", async (net) => {
  const [a, b] = await net.pair();
  b.readable;
  await a.sendall("mine");
  await net.tick();
  assertEquals(text(await b.recv(10)), "mine");
});

testEach("cancelling readable closes the way in", async (net) => {
  const [a, b] = await net.pair();
  const reader = b.readable.getReader();
  const next = reader.read();
  await net.tick();
  await reader.cancel();
  assertEquals((await next).done, true);
  assertEquals(await b.recv(1), new Uint8Array(0));
  assert(!b.closed);
  await b.sendall("out");
  assertEquals(text(await a.recv(10)), "out");
});

testEach("an error ends readable with it", async (net) => {
  const [, b] = await net.pair();
  const reader = b.readable.getReader();
  const next = reader.read();
  await net.tick();
  b.close();
  await rejects(errno.EBADF, next);
  await rejects(errno.EBADF, reader.closed);
});

testEach(
  "writable sends text and bytes, and ends with SHUT_WR",
  async (net) => {
    const [a, b] = await net.pair();
    assertStrictEquals(a.writable, a.writable);
    const writer = a.writable.getWriter();
    await writer.write("aß");
    await writer.write(Uint8Array.of(0, 1));
    await writer.write(Uint8Array.of(9, 2, 9).subarray(1, 2).slice().buffer);
    await writer.close();
    assertEquals([...await receiveAll(b)], [97, 195, 159, 0, 1, 2]);
    await b.sendall("back");
    assertEquals(text(await a.recv(10)), "back");
    await rejects(errno.EPIPE, a.send("more"));
  },
);

testEach("writable waits for a slow reader", async (net) => {
  const [a, b] = await net.pair();
  const writer = a.writable.getWriter();
  const size = 8 * 1024 * 1024;
  const written = writer.write(pattern(size));
  assert(await net.waits(written));
  await receivePattern(b, size);
  await written;
  writer.releaseLock();
});

testEach("aborting writable closes the socket", async (net) => {
  const [a, b] = await net.pair();
  await a.writable.abort();
  assert(a.closed);
  assertEquals(await b.recv(1), new Uint8Array(0));
});

testEach("wrong chunks are a TypeError", async (net) => {
  const [a] = await net.pair();
  const writer = a.writable.getWriter();
  writer.closed.catch(() => {});
  await assertRejects(() => writer.write(7 as unknown as string), TypeError);
});

testEach("streams can be piped through each other", async (net) => {
  const [a, b] = await net.pair();
  const [c, d] = await net.pair();
  // A proxy between b and c.
  const pipes = Promise.all([
    b.readable.pipeTo(c.writable),
    c.readable.pipeTo(b.writable),
  ]);
  const echo = d.readable.pipeTo(d.writable);
  const size = 4 * 1024 * 1024;
  const sent = a.sendall(pattern(size)).then(() => a.shutdown(socket.SHUT_WR));
  await receivePattern(a, size);
  assertEquals(await a.recv(1), new Uint8Array(0));
  await Promise.all([sent, pipes, echo]);
});
