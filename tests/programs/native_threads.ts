/**
 * Functions of threads with native sockets.
 *
 * @module
 */

import { select, socket, type thread } from "../../mod.ts";
import { transport } from "../../socket/transport/default.ts";
import { text } from "../traffic.ts";
import { step, type Steps } from "./steps.ts";

const { SOL_SOCKET } = socket;
/** The option with what the kernel gives no other socket. */
const SO_COOKIE = 57;

/** What sockets of this module's top level would be. */
const { name } = transport;

/** What of a socket must be the same in another thread. */
export function identity(s: socket.Socket): string {
  return `${s.fileno()} ${s.getsockopt(SOL_SOCKET, SO_COOKIE, 8).join()}`;
}

/** Where sockets, and what was found, are put. */
export type Told = thread.SimpleQueue<string>;
export type Road = thread.SimpleQueue<socket.Socket>;

/** Tells of its socket, and gives it back. */
export async function identify(
  s: socket.Socket,
  told: Told,
  back: Road,
): Promise<void> {
  await told.put(`${identity(s)} ${name}`);
  await back.put(s);
}

/** Opens a socket, and gives it away. */
export async function originate(told: Told, road: Road): Promise<void> {
  const [a, b] = await socket.socketpair();
  await told.put(identity(a));
  await road.put(a);
  await b.sendall("from its peer");
  b.close();
}

/** Sends back so many bytes; takes a step before. */
export async function echo(
  s: socket.Socket,
  count: number,
  ready: Steps,
): Promise<void> {
  using _ = s;
  step(ready, 1);
  for (let left = count; left > 0;) {
    const data = await s.recv(1000);
    await s.sendall(data);
    left -= data.length;
  }
}

/** Sends bytes, and receives them again, between two steps. */
export async function call(
  s: socket.Socket,
  count: number,
  ready: Steps,
): Promise<void> {
  using _ = s;
  step(ready, 1);
  for (let sent = 0; sent < count; sent += 100) {
    await s.sendall(new Uint8Array(100));
    await s.recv(100, socket.MSG_WAITALL);
  }
  step(ready, 2);
}

/** Gets a socket out of one queue, adds to its bytes, and puts it into the next. */
export async function pass(from: Road, to: Road, word: string): Promise<void> {
  const s = await from.get();
  const data = await s.recv(1);
  await s.sendall(`${text(data)}${word}`);
  await to.put(s);
}

/** Tells what it receives to the end. */
export async function read(s: socket.Socket, told: Told): Promise<void> {
  let all = "";
  for (;;) {
    const data = await s.recv(1000);
    if (data.length === 0) break;
    all += text(data);
  }
  s.close();
  await told.put(all);
}

/** Finishes connecting, and tells the error. */
export async function connected(s: socket.Socket, told: Told): Promise<void> {
  await select.select([], [s], []);
  const error = s.getsockopt(SOL_SOCKET, socket.SO_ERROR);
  s.setblocking(true);
  await s.sendall("connected");
  s.close();
  await told.put(String(error));
}

/** Accepts a client, and gives it and the listener away. */
export async function accept(server: socket.Socket, to: Road): Promise<void> {
  const [conn] = await server.accept();
  await to.put(conn);
  await to.put(server);
}

/** How a worker may end. */
export type End = "close" | "throw" | "compute" | "wait";

/** Holds sockets of many kinds, and ends its worker while some are waited for. */
export async function hold(
  given: socket.Socket,
  road: Road,
  steps: Steps,
  end: End,
): Promise<void> {
  const [kept, peer] = await socket.socketpair();
  const server = socket.create_server(["127.0.0.1", 0]);
  const poll = select.epoll();
  const all = [given, kept, server, given.dup(), poll];
  given.recv(1).catch(() => {});
  server.accept().catch(() => {});
  poll.register(kept, select.EPOLLIN);
  await road.put(peer);
  step(steps, 1);
  if (end === "close") self.close();
  else if (end === "throw") queueMicrotask(fail);
  else if (end === "compute") { while (Atomics.load(steps, 0) < 2); }
  await new Promise(() => {});
  console.log(all);
}

function fail(): never {
  throw new Error("on purpose");
}

/** Tells what two descriptors of one socket give up to its end. */
export async function drain(
  s: socket.Socket,
  twin: socket.Socket,
  told: Told,
): Promise<void> {
  let all = "";
  for (const each of [s, twin]) {
    all += text(await each.read() ?? new Uint8Array(0));
    each.close();
  }
  await told.put(all);
}
