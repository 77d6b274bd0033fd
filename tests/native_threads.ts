/**
 * The functions of the threads in the tests of native sockets.
 *
 * @module
 */

import { socket, type thread } from "../mod.ts";
import { text } from "./traffic.ts";

/** Tells which error number there is for taking a descriptor over. */
export async function adopt(conn: socket.Socket, fd: number): Promise<void> {
  let code: number | null = 0;
  try {
    socket.socket(-1, -1, -1, fd);
  } catch (error) {
    code = (error as socket.OSError).errno;
  }
  await conn.sendall(String(code));
  conn.close();
}

/** Puts sockets into a queue, with their numbers here. */
export async function forward(
  sockets: socket.Socket[],
  queue: thread.Queue<[socket.Socket[], number[]]>,
): Promise<void> {
  await queue.put([sockets, sockets.map((each) => each.fileno())]);
}

/** Answers each message until the end. */
export async function answer(conn: socket.Socket): Promise<void> {
  using _ = conn;
  for (let data; (data = await conn.recv(64)).length > 0;) {
    await conn.sendall(`${text(data)}!`);
  }
}

/** Holds a socket and opens others; says so, and waits for what never comes. */
export async function hold(conn: socket.Socket): Promise<void> {
  const [a] = await socket.socketpair();
  const server = socket.create_server(["127.0.0.1", 0]);
  const waits = [a.recv(1), server.accept(), conn.recv(1)];
  await conn.sendall(String(server.getsockname()![1]));
  await Promise.all(waits);
}

/** Ends its worker as soon as something comes. */
export async function die(
  conn: socket.Socket,
  how: "close" | "exit" | "throw" | "reject",
): Promise<void> {
  await conn.recv(1);
  if (how === "close") close();
  else if (how === "exit") Deno.exit(0);
  else if (how === "reject") Promise.reject(new Error("on purpose"));
  else {
    setTimeout(() => {
      throw new Error("on purpose");
    });
  }
  await new Promise(() => {});
}
