import { assertEquals, assertRejects } from "@std/assert";
import * as socket from "../socket/mod.ts";
import { readHello } from "../socket/ssl/hello.ts";
import { text } from "./traffic.ts";
import { clientContext, serverContext, tlsPair } from "./tls.ts";
import { test } from "./cases.ts";
import { testEach } from "./transports.ts";

testEach("what came before the peer was gone is received", async (net) => {
  const [client, server] = await tlsPair(net);
  await server.sendall("too large");
  server.close();
  // Until the system knows that the peer is gone, it takes what is sent.
  const error = await assertRejects(async () => {
    for (;;) await client.sendall(new Uint8Array(100_000));
  }, socket.OSError);
  await assertRejects(
    () => client.send("again"),
    socket.OSError,
    error.message,
  );
  assertEquals(text(await client.recv(100)), "too large");
});

test("a first message that comes in pieces is looked at only if that helps", () => {
  const bytes = new Uint8Array(2000);
  bytes.set([22, 3, 1, 3, 232, 1, 0, 7, 0]);
  assertEquals(readHello(bytes.subarray(0, 4)), 5);
  assertEquals(readHello(bytes.subarray(0, 5)), 1005);
  assertEquals(readHello(bytes.subarray(0, 1004)), 1005);
  // The message is longer than its first record.
  assertEquals(readHello(bytes.subarray(0, 1005)), 1010);
  // Nothing that comes could make one of these a first message.
  assertEquals(readHello(Uint8Array.of(22, 3, 1, 3, 232, 2, 0, 1, 0)), null);
  assertEquals(readHello(Uint8Array.of(22, 3, 1, 3, 232, 1, 9, 0, 0)), null);
  const tiny = new Uint8Array(6 * 65);
  for (let at = 0; at < tiny.length; at += 6) tiny.set([22, 3, 1, 0, 1, 1], at);
  assertEquals(readHello(tiny), null);
});

testEach("a handshake may come byte by byte", async (net) => {
  const [a, a2] = await net.pair();
  const [b, b2] = await net.pair();
  const forwards = (async () => {
    for (let byte; (byte = await a2.recv(1)).length > 0;) {
      await b2.sendall(byte);
    }
  })().catch(() => {});
  const back = (async () => {
    for (let some; (some = await b2.recv(9999)).length > 0;) {
      await a2.sendall(some);
    }
  })().catch(() => {});
  const [client, server] = await Promise.all([
    clientContext().wrap_socket(a, { server_hostname: "localhost" }),
    serverContext().wrap_socket(b, { server_side: true }),
  ]);
  await client.sendall("hello");
  assertEquals(text(await server.recv(100)), "hello");
  for (const s of [client, server, a2, b2]) s.close();
  await Promise.all([forwards, back]);
});
