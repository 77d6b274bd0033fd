/**
 * The functions of the threads in the tests.
 *
 * @module
 */

import { type select, socket, thread } from "../mod.ts";
import { some } from "./some.ts";
import { text } from "./traffic.ts";

/** Sends back all that comes. */
export async function echo(conn: socket.Socket): Promise<void> {
  using _ = conn;
  for (;;) {
    const data = await conn.recv(64 * 1024);
    if (data.length === 0) break;
    await conn.sendall(data);
  }
}

/** Prints its arguments as JSON. */
export async function say(
  conn: socket.Socket,
  ...args: unknown[]
): Promise<void> {
  await conn.sendall(JSON.stringify([args, thread.get_ident()]));
  conn.close();
}

/** Prints the properties of its socket. */
export async function describe(conn: socket.Socket): Promise<void> {
  await conn.sendall(JSON.stringify({
    timeout: conn.gettimeout(),
    names: [conn.getsockname(), conn.getpeername()],
    nodelay: conn.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY),
    family: conn.family,
  }));
  conn.close();
}

/** Receives a message, and has another thread do the rest. */
export async function handOn(conn: socket.Socket): Promise<void> {
  const first = text(await conn.recv(3));
  const handle = thread.start_joinable_thread(finish, [{ in: [conn] }, first]);
  await handle.join();
}

/** Prints the first and the last bytes. */
export async function finish(
  { in: [conn] }: { in: [socket.Socket] },
  first: string,
): Promise<void> {
  const rest = text(await conn.recv(100));
  await conn.sendall(`${first}, then ${rest}`);
  conn.close();
}

/** Serves one client of a listener. */
export async function serveOne(server: socket.Socket): Promise<void> {
  const [conn] = await server.accept();
  await conn.sendall("from a thread");
  conn.close();
  server.close();
}

/** Opens a socket of its own, and gives it to another thread. */
export async function dial(address: socket.Address): Promise<void> {
  const conn = await socket.create_connection(address);
  await thread.start_joinable_thread(finish, [{ in: [conn] }, "dialled"])
    .join();
}

/** Binds and listens by itself; says where. */
export async function listen(
  server: socket.Socket,
  conn: socket.Socket,
): Promise<void> {
  server.bind(["127.0.0.1", 0]);
  server.listen();
  await conn.sendall(JSON.stringify(server.getsockname()));
  conn.close();
  await serveOne(server);
}

/** Polls, and prints whether the ready object is the given one. */
export async function poll(
  p: select.Poll<socket.Socket>,
  conns: Map<string, Set<socket.Socket>>,
): Promise<void> {
  const [conn] = some(conns.get("all")!);
  const [[ready, events]] = some(await p.poll());
  const same = ready === conn;
  await conn.sendall(JSON.stringify({
    same,
    events,
    data: text(await ready.recv(10)),
  }));
  conn.close();
}

/** Looks at an epoll object. */
export async function epoll(ep: select.Epoll<socket.Socket>): Promise<void> {
  const [[conn, events]] = some(await ep.poll());
  await conn.sendall(`epoll ${events} ${text(await conn.recv(10))}`);
  conn.close();
  ep.close();
}

/** Answers a datagram. */
export async function answer(s: socket.Socket): Promise<void> {
  const [data, address] = await s.recvfrom(100);
  await s.sendto(`${text(data)}?`, address!);
  s.close();
}

/** Sends while the main thread receives on the same connection. */
export async function write(conn: socket.Socket): Promise<void> {
  await conn.sendall("written in a thread");
  conn.close();
}

/** Never ends by itself. */
export async function forever(conn: socket.Socket): Promise<void> {
  await conn.recv(1);
  await new Promise(() => {});
}

/** Ends the worker. */
export function kill(): Promise<void> {
  close();
  return new Promise(() => {});
}

/** Computes for so many milliseconds. */
export async function compute(milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
  await null;
}

/** Ends quietly. */
export async function leave(): Promise<void> {
  await null;
  thread.exit();
}

/** Listens on a bound socket; prints its address, and that it can't bind again. */
export async function bound(
  server: socket.Socket,
  conn: socket.Socket,
): Promise<void> {
  let code: number | null = 0;
  try {
    server.bind(["127.0.0.1", 0]);
  } catch (error) {
    code = (error as socket.OSError).errno;
  }
  server.listen();
  await conn.sendall(JSON.stringify([server.getsockname(), code]));
  conn.close();
  await serveOne(server);
}

/** Prints the numbers that all threads share. */
export async function numbers(conn: socket.Socket): Promise<void> {
  const sizes = [thread.pool_size(5), thread.stack_size(65536)];
  const before = thread._count();
  const handle = thread.start_joinable_thread(leave);
  const after = thread._count();
  await handle.join();
  await conn.sendall(JSON.stringify([sizes, before, after]));
  conn.close();
}

/** Prints its native id. */
export async function native(conn: socket.Socket): Promise<void> {
  let answer;
  try {
    answer = String(thread.get_native_id());
  } catch (error) {
    answer = String(error);
  }
  await conn.sendall(answer);
  conn.close();
}

const mark = crypto.randomUUID();

/** Says which worker it runs on, and waits. */
export async function where(
  conn: socket.Socket,
  queue: thread.Queue<string>,
): Promise<void> {
  using _ = conn;
  await queue.put(mark);
  await conn.recv(1);
}

/** Prints the contents of an object. */
export async function entries(
  conn: socket.Socket,
  value: object,
): Promise<void> {
  await conn.sendall(JSON.stringify(Object.entries(value)));
  conn.close();
}
