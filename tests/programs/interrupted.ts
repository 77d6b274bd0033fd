/**
 * Uses native sockets of several kinds, and prints what came of each. A tracer
 * has calls of the system fail meanwhile.
 *
 * @module
 */

import "../../socket/transport/native/mod.ts";
import { select, socket } from "../../mod.ts";
import { pattern, receivePattern, text } from "../traffic.ts";

/** More than any buffer of the system's takes at once, in bytes. */
const SIZE = 8_000_000;
const MESSAGES = 20;

async function stream(): Promise<string> {
  using server = socket.create_server(["127.0.0.1", 0]);
  using client = await socket.create_connection(server.getsockname());
  const [conn] = await server.accept();
  using _ = conn;
  const sent = [client.sendall(pattern(SIZE)), conn.sendall(pattern(SIZE))];
  await Promise.all([
    receivePattern(conn, SIZE),
    receivePattern(client, SIZE),
    ...sent,
  ]);
  conn.shutdown(socket.SHUT_WR);
  return `${(await client.recv(1)).length} behind the end`;
}

async function polled(): Promise<string> {
  const [a, b] = await socket.socketpair();
  a.setblocking(false);
  const p = select.poll<socket.Socket>();
  p.register(a, select.POLLIN);
  let received = "";
  for (let i = 0; i < MESSAGES; i++) {
    await b.send(`${i % 10}`);
    for (const [s] of await p.poll()) received += text(await s.recv(1));
  }
  a.close();
  b.close();
  return received;
}

async function datagrams(): Promise<string> {
  using a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  using b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  for (const s of [a, b]) s.bind(["127.0.0.1", 0]);
  let received = "";
  for (let i = 0; i < MESSAGES; i++) {
    await a.sendto(`${i % 10}`, b.getsockname());
    received += text((await b.recvfrom(10))[0]);
    await b.sendmsg([`${i % 10}`], [], 0, a.getsockname());
    received += text((await a.recvmsg(10))[0]);
  }
  return received;
}

for (const act of [stream, polled, datagrams]) {
  try {
    console.log(act.name, await act());
  } catch (error) {
    console.log(act.name, String(error));
  }
}
