/**
 * Threads of a program that has no native sockets, or only from some point on:
 * what these can't hand over by a descriptor is lent. Prints what went over.
 *
 * @module
 */

import { socket, thread } from "../../mod.ts";

const native = "../../socket/transport/native/mod.ts";

type Road = thread.SimpleQueue<socket.Socket>;

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Sends back the first message. */
export async function answer(conn: socket.Socket): Promise<void> {
  using _ = conn;
  await conn.sendall(`${text(await conn.recv(100))}, and back`);
}

/** Gives away a native socket, though the main thread may have none. */
export async function originate(road: Road, late: boolean): Promise<void> {
  if (late) await import(native);
  const [a, b] = await socket.socketpair();
  await road.put(a);
  await b.sendall(text(await b.recv(100)).toUpperCase());
  b.close();
}

/** Gives a socket back of which it has read a part. */
export async function giveBack(conn: socket.Socket, to: Road): Promise<void> {
  await conn.recv(2);
  await to.put(conn);
}

async function pair(): Promise<[socket.Socket, socket.Socket]> {
  using server = socket.create_server(["127.0.0.1", 0]);
  const client = await socket.create_connection(server.getsockname());
  return [client, (await server.accept())[0]];
}

/** Has a thread answer on a connection. */
async function ask(
  [client, conn]: [socket.Socket, socket.Socket],
  what: string,
): Promise<void> {
  using _ = client;
  thread.start_new_thread(answer, [conn]);
  await client.sendall(what);
  console.log(text(await client.recv(100)));
  console.log((await client.recv(1)).length);
}

/** Gets a socket from a thread, and uses it here. */
async function fetch(late: boolean): Promise<void> {
  const road: Road = new thread.SimpleQueue();
  thread.start_new_thread(originate, [road, late]);
  using s = await road.get();
  await s.sendall("from the thread");
  console.log(text(await s.recv(100)));
  console.log((await s.recv(1)).length);
}

if (import.meta.main) {
  thread.pool_size(1);
  // A thread that begins before there are native sockets in the main thread.
  await ask(await pair(), "over Deno");
  await fetch(true);
  const early = await pair();
  await import(native);
  await ask(await pair(), "native, to an early thread");
  const [client, conn] = await pair();
  const back: Road = new thread.SimpleQueue();
  thread.start_new_thread(giveBack, [conn, back]);
  await client.sendall("a part, ");
  using same = await back.get();
  await client.sendall("and the rest");
  client.close();
  let rest = "";
  for (let part = "x"; part !== ""; rest += part) {
    part = text(await same.recv(100));
  }
  console.log(rest);
  await fetch(false);
  // From here on, threads begin with native sockets.
  thread.pool_size(2);
  const options = { dedicated: true };
  const road: Road = new thread.SimpleQueue();
  const first = thread.start_joinable_thread(originate, [road, false]);
  thread.start_new_thread(answer, [early[1]], null, options);
  await early[0].sendall("over Deno, to a native thread");
  console.log(text(await early[0].recv(100)));
  early[0].close();
  using s = await road.get();
  await s.sendall("end");
  console.log(text(await s.recv(3)));
  await first.join();
}
