/**
 * Objects that don't come to life everywhere.
 *
 * @module
 */

import { type socket, thread } from "../../mod.ts";

/** An object of a kind that some threads don't know. */
export class Mine implements thread.Movable {
  readonly kind: string;
  readonly number: number;

  constructor(kind: string, number: number) {
    this.kind = kind;
    this.number = number;
  }

  [thread.transfer](): thread.TransferRecord {
    return { kind: this.kind, message: this.number };
  }
}

/** Known wherever this module is loaded. */
export const KNOWN = "tests/known";
/** Known nowhere. */
export const UNKNOWN = "tests/unknown";

thread.onArrival<number>(KNOWN, (number) => {
  if (number === 13) throw new RangeError("13 is no number of mine");
  // It can't go any further.
  if (number === 14) return () => number;
  return new Mine(KNOWN, number);
});

/** Says which number it got. */
export async function take(
  conn: socket.Socket,
  mine: Mine,
  told: thread.SimpleQueue,
): Promise<void> {
  using _ = conn;
  await told.put(mine.number);
}

/** Has another thread say it. */
export async function handOn(
  conn: socket.Socket,
  mine: Mine,
  told: thread.SimpleQueue,
): Promise<void> {
  // The main thread, which it goes through, doesn't know this one.
  const unknown = [conn.dup(), new Mine(UNKNOWN, 1), told];
  await thread.start_joinable_thread(take, unknown as never).join();
  const handle = thread.start_joinable_thread(take, [conn, mine, told]);
  await handle.join();
}

/** Has another thread say it, if the main thread can hand it on. */
export async function handOnOnce(conn: socket.Socket): Promise<void> {
  const told = new thread.SimpleQueue();
  const mine = new Mine(KNOWN, 14);
  await thread.start_joinable_thread(take, [conn, mine, told]).join();
}

/** Answers each message: a bystander that must not be disturbed. */
export async function answer(conn: socket.Socket): Promise<void> {
  using _ = conn;
  for (;;) {
    const data = await conn.recv(100);
    if (data.length === 0) return;
    await conn.sendall(data);
  }
}

/** The outcome of a call: a number, or the name of the error. */
async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    const value = await call;
    return value instanceof Mine ? value.number : value;
  } catch (error) {
    return (error as Error).name;
  }
}

/** Puts objects into a queue, with and without a socket. */
export async function put(
  conn: socket.Socket,
  kind: string,
  number: number,
  queue: thread.Queue,
  told: thread.SimpleQueue,
): Promise<void> {
  const mine = new Mine(kind, number);
  await told.put(await outcome(queue.put([conn, mine])));
  await told.put(await outcome(queue.put(mine)));
}

/** Gets objects out of a queue. */
export async function get(
  count: number,
  queue: thread.Queue,
  told: thread.SimpleQueue,
): Promise<void> {
  for (let i = 0; i < count; i++) await told.put(await outcome(queue.get()));
}
