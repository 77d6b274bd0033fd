import { assertEquals, assertRejects } from "@std/assert";
import * as socket from "../socket/mod.ts";
import { text } from "./traffic.ts";
import { tlsPair } from "./tls.ts";
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
