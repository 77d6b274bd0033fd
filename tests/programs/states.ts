/**
 * Functions of threads with sockets that fail, or that other threads use, too.
 *
 * @module
 */

import { select, socket, type thread } from "../../mod.ts";
import { fill, text } from "../traffic.ts";
import { step, type Steps, taken } from "./steps.ts";

/** Seconds after which missing data counts as lost. */
const PATIENCE = 2;

/** The queue for the outcome of a thread. */
export type Told = thread.SimpleQueue<unknown>;

/** The value of an operation, or the number of its error. */
export async function outcome(act: () => unknown): Promise<unknown> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof socket.TimeoutError) return "timed out";
    return error instanceof socket.OSError ? error.errno : String(error);
  }
}

/** More than a ring holds leaves at once, and before it has a question goes. */
export async function fillAndAsk(
  conns: socket.Socket[],
  size: number,
  steps: Steps,
  told: Told,
): Promise<void> {
  step(steps, 1);
  const sending = conns.map((conn) => conn.sendall(new Uint8Array(size)));
  const [conn] = conns;
  await told.put(conn!.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE));
  await Promise.all(sending);
  for (const conn of conns) conn.close();
}

/** Ways to wait until a socket may be written to. */
const waits = {
  async poll(conn: socket.Socket) {
    const p = select.poll<socket.Socket>();
    p.register(conn, select.POLLOUT);
    await p.poll();
  },
  async select(conn: socket.Socket) {
    await select.select([], [conn], []);
  },
  async "select with exceptions"(conn: socket.Socket) {
    await select.select([], [conn], [conn]);
  },
  async epoll(conn: socket.Socket) {
    using ep = select.epoll<socket.Socket>();
    ep.register(conn, select.EPOLLOUT);
    await ep.poll();
  },
};

/** Their names. */
export const ways = Object.keys(waits) as (keyof typeof waits)[];

/** Only writes, and closes its share when that was read elsewhere. */
export async function writes(
  conn: socket.Socket,
  way: keyof typeof waits,
  steps: Steps,
): Promise<void> {
  using _ = conn;
  for (const each of ["one", "two"]) {
    await waits[way](conn);
    await conn.send(each);
  }
  step(steps, 1);
  await taken(steps, 2);
}

/** Writes until there is no room, and says when there is some again. */
export async function waitsForRoom(
  conn: socket.Socket,
  steps: Steps,
  told: Told,
): Promise<void> {
  using _ = conn;
  conn.setblocking(false);
  const sent = await fill(conn);
  const polling = waits.poll(conn);
  // Once that is under way.
  await null;
  step(steps, 1);
  await polling;
  await told.put(sent);
}

/** Sends to a peer that has reset the connection, and then reads. */
export async function sendAfterReset(
  conn: socket.Socket,
  count: number,
  told: Told,
): Promise<void> {
  using _ = conn;
  conn.settimeout(PATIENCE);
  // It ends early because it is known that no more will come.
  const flags = socket.MSG_PEEK | socket.MSG_WAITALL;
  const { length: seen } = await conn.recv(2 * count, flags);
  const sent = await outcome(() => conn.sendall("too late"));
  let received = 0;
  const end = await outcome(async () => {
    for (;;) {
      const { length } = await conn.recv(3000);
      if (length === 0) return "the end";
      received += length;
    }
  });
  await told.put({ seen, sent, received, end });
}

/** Reads to the end, and sends to a peer that has gone since. */
export async function sendInVain(
  conn: socket.Socket,
  gone: Steps,
  told: Told,
): Promise<void> {
  using _ = conn;
  conn.settimeout(PATIENCE);
  const end = (await conn.recv(10)).length;
  await told.put("at the end");
  await taken(gone, 1);
  const p = select.poll<socket.Socket>();
  p.register(conn, 0);
  const sent = await outcome(() => conn.send("x"));
  const [event] = await p.poll(1000);
  const error = conn.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR);
  await told.put({ end, sent, events: event?.[1], error });
}

/** Sends to an unreachable address, and then waits for datagrams. */
export async function receiveAfterFailure(
  s: socket.Socket,
  count: number,
  told: Told,
): Promise<void> {
  using _ = s;
  // Where there is no waiting, it may be told of the failure later.
  await outcome(() => s.sendto("x", socket.MSG_DONTWAIT, ["127.0.0.1", 0]));
  const p = select.poll<socket.Socket>();
  p.register(s, select.POLLIN);
  await told.put("ready");
  while (count > 0) {
    const polled = await p.poll(PATIENCE * 1000);
    if (!polled[0]) return await told.put("nothing");
    const [, events] = polled[0];
    if (events & select.POLLERR) {
      s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR);
    }
    if (!(events & select.POLLIN)) continue;
    const [data] = await s.recvfrom(100);
    await told.put(text(data));
    count--;
  }
}

/** Says what an option is. */
export async function option(
  s: socket.Socket,
  level: number,
  name: number,
  told: Told,
): Promise<void> {
  using _ = s;
  await told.put(s.getsockopt(level, name));
}

/** Gets itself a port, says which, and says what comes there. */
export async function receiveAnywhere(
  s: socket.Socket,
  told: Told,
): Promise<void> {
  using _ = s;
  s.bind(["", 0]);
  await told.put(s.getsockname()[1]);
  s.settimeout(PATIENCE);
  await told.put(await outcome(async () => text(await s.recv(100))));
}

/** Opens a listener for others, and ends the worker. */
export async function listenAndDie(
  given: thread.SimpleQueue<socket.Socket>,
  steps: Steps,
): Promise<void> {
  await given.put(socket.create_server(["127.0.0.1", 0]));
  await taken(steps, 1);
  close();
}

/** Begins to connect a socket for others, and ends the worker. */
export async function connectAndDie(
  given: thread.SimpleQueue<socket.Socket>,
  steps: Steps,
  address: socket.Address,
): Promise<void> {
  const s = socket.socket();
  s.setblocking(false);
  await s.connect_ex(address);
  await given.put(s);
  await taken(steps, 1);
  close();
}
