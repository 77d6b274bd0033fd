import { assertEquals } from "@std/assert";
import { socket, type ssl, thread } from "../mod.ts";
import { all, here, pair, testThreads } from "./thread_cases.ts";
import * as threads from "./threads.ts";
import { clientContext, serverContext } from "./tls.ts";
import { pattern, receivePattern, text } from "./traffic.ts";

const { start_new_thread } = thread;

/** Two connected sockets with TLS. */
async function tlsPair(): Promise<[ssl.SSLSocket, ssl.SSLSocket]> {
  const [client, conn] = await pair();
  return await Promise.all([
    clientContext().wrap_socket(client, { server_hostname: "localhost" }),
    serverContext().wrap_socket(conn, { server_side: true }),
  ]);
}

testThreads("a socket with TLS goes to a thread", async () => {
  const [client, conn] = await tlsPair();
  using _ = client;
  start_new_thread(threads.echo, [conn], null, here);
  await client.sendall("Hello");
  assertEquals(text(await client.recv(100)), "Hello");
  const size = 1024 * 1024;
  await Promise.all([
    client.sendall(pattern(size)),
    receivePattern(client, size),
  ]);
  client.shutdown(socket.SHUT_WR);
  assertEquals(await all(client), "");
});

testThreads("clients that a thread accepts have TLS", async () => {
  const plain = socket.create_server(["127.0.0.1", 0]);
  const address = plain.getsockname();
  const server = await serverContext().wrap_socket(plain, {
    server_side: true,
  });
  start_new_thread(threads.serveOne, [server], null, here);
  const client = await clientContext().wrap_socket(socket.socket(), {
    server_hostname: "localhost",
  });
  using _ = client;
  await client.connect(address);
  assertEquals(await all(client), "from a thread");
});
