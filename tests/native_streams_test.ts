/**
 * Streams of the kernel whose reads stop before the end of what has arrived, and
 * the order of calls at the same time.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { errno, socket } from "../mod.ts";
import { endpointOf } from "../socket/descriptors.ts";
import type { Socket } from "../socket/mod.ts";
import { bytes } from "./calls.ts";
import { testIf } from "./cases.ts";
import { rejects } from "./raises.ts";
import { pattern, receivePattern, text } from "./traffic.ts";
import { native, testEach } from "./transports.ts";

const { MSG_DONTWAIT, MSG_OOB, SCM_RIGHTS, SOL_SOCKET } = socket;

/** Has a call of a socket wait, so that it is known to the poller. */
async function wait(from: Socket, to: Socket): Promise<void> {
  const waiting = to.recv(1);
  await from.send("x");
  assertEquals(await waiting, bytes("x"));
}

testIf(native, "bytes behind descriptors are received (AF_UNIX)", async () => {
  const [a, b] = await socket.socketpair();
  using from = a;
  using to = b;
  await wait(from, to);
  const fds = new Uint8Array(Int32Array.of(from.fileno()).buffer);
  await from.sendmsg(["one"], [[SOL_SOCKET, SCM_RIGHTS, fds]]);
  await from.send("two");
  // The kernel doesn't join what came with descriptors and what came behind it.
  assertEquals(await to.recv(10), bytes("one"));
  assertEquals(await to.recv(10), bytes("two"));
});

testIf(native, "bytes behind urgent data are received (TCP)", async () => {
  using server = socket.create_server(["127.0.0.1", 0]);
  using from = await socket.create_connection(server.getsockname());
  const [conn] = await server.accept();
  using to = conn;
  await wait(from, to);
  await from.send("one!", MSG_OOB);
  await from.send("two");
  // A read ends at the urgent byte.
  assertEquals(await to.recv(10), bytes("one"));
  assertEquals(await to.recv(10), bytes("two"));
});

testIf(native, "a full way out says nothing of the way in", async () => {
  const [a, b] = await socket.socketpair();
  using from = a;
  using to = b;
  await wait(from, to);
  await from.send("onetwo");
  // Asking for no more than there is leaves open whether there is more.
  assertEquals(await to.recv_into(new Uint8Array(3)), 3);
  to.setblocking(false);
  const large = new Uint8Array(1_000_000);
  await assertRejects(async () => {
    for (;;) await to.send(large);
  }, socket.BlockingIOError);
  to.setblocking(true);
  const rest = new Uint8Array(3);
  assertEquals([await to.recv_into(rest), rest], [3, bytes("two")]);
});

// Calls with a time-out wait apart from those without.
testEach("a time-out leaves calls in their order", async (net) => {
  const [a, b] = await net.pair();
  const size = 4 * 1024 * 1024 + 251 - 4 * 1024 * 1024 % 251;
  for (const [first, second] of [[20, null], [null, 20], [20, 20]] as const) {
    const sent: Promise<void>[] = [];
    for (const timeout of [first, second, first]) {
      a.settimeout(timeout);
      sent.push(a.sendall(pattern(size)));
    }
    await Promise.all([...sent, receivePattern(b, 3 * size)]);
    const received: Promise<Uint8Array>[] = [];
    for (const timeout of [first, second, first]) {
      b.settimeout(timeout);
      received.push(b.recv(1));
    }
    await net.tick();
    await a.sendall("abc");
    assertEquals((await Promise.all(received)).map(text).join(""), "abc");
    b.settimeout(null);
  }
}, { ignore: !native });

testEach("a call that doesn't wait sends nothing amid another", async (net) => {
  const [a, b] = await net.pair();
  const size = 4 * 1024 * 1024 + 251 - 4 * 1024 * 1024 % 251;
  a.settimeout(20);
  const sent = a.sendall(pattern(size));
  const refused = rejects(errno.EAGAIN, a.send("x", MSG_DONTWAIT));
  await Promise.all([sent, refused, receivePattern(b, size)]);
}, { ignore: !native });

testEach("bytes that are put back reach every descriptor", async (net) => {
  const [, b] = await net.pair();
  const twin = net.track(b.dup());
  const received = twin.recv(10);
  await net.tick();
  endpointOf(b.fileno()).putBack!(bytes("abc"));
  assertEquals(text(await received), "abc");
  // Whichever descriptor has them is closed.
  endpointOf(b.fileno()).putBack!(bytes("def"));
  b.close();
  assertEquals(text(await twin.recv(10)), "def");
}, { ignore: !native });

testEach("a copy has the bytes that were put back before", async (net) => {
  const [, b] = await net.pair();
  endpointOf(b.fileno()).putBack!(bytes("abc"));
  const twin = net.track(b.dup());
  b.close();
  twin.setblocking(false);
  const buffer = new Uint8Array(10);
  assertEquals(await twin.recv_into(buffer), 3);
  assertEquals(text(buffer.subarray(0, 3)), "abc");
}, { ignore: !native });
