/**
 * Functions of threads that hand their sockets over.
 *
 * @module
 */

import { select, socket, thread } from "../../mod.ts";
import { receivePattern, text } from "../traffic.ts";
import { block, step, type Steps } from "./steps.ts";

/** Seconds after which missing data counts as lost. */
const PATIENCE = 2;

/** The queue for the outcome of a thread. */
export type Told = thread.SimpleQueue<string>;

/** The outcome of an operation, in words. */
export async function outcome(act: () => unknown): Promise<string> {
  try {
    return String(await act());
  } catch (error) {
    return error instanceof socket.OSError ? error.name : String(error);
  }
}

/** Waits for what comes in vain: from then on the relay brings it. */
async function ask(act: () => Promise<unknown>): Promise<void> {
  await act().catch((error) => {
    if (!(error instanceof socket.TimeoutError)) throw error;
  });
}

/** Hands a socket on while there is something on its way here. */
export async function handOnLate(
  s: socket.Socket,
  count: number,
  steps: Steps,
  told: Told,
): Promise<void> {
  s.settimeout(0.01);
  await ask(() => s.recv(1));
  step(steps, 1);
  block(steps, 2);
  thread.start_new_thread(read, [s, count, told]);
}

/** Reports the received bytes, so many in all. */
export async function read(
  s: socket.Socket,
  count: number,
  told: Told,
): Promise<void> {
  using _ = s;
  s.settimeout(PATIENCE);
  let all = "";
  const end = await outcome(async () => {
    while (all.length < count) all += text(await s.recv(2000));
    return "";
  });
  await told.put(all + end);
}

/** Whether a part of a pattern comes whole. */
function whole(
  conn: socket.Socket,
  count: number,
  start = 0,
): Promise<string> {
  return outcome(async () => {
    await receivePattern(conn, count, start);
    return "whole";
  });
}

/** Reads the front of a pattern, and hands the rest on. */
export async function hop(
  conn: socket.Socket,
  at: number,
  left: number,
  told: Told,
): Promise<void> {
  conn.settimeout(PATIENCE);
  // Sometimes zero bytes, and never exactly the size of a chunk.
  const count = left % 3 * 4001;
  const came = await whole(conn, count, at);
  if (came === "whole" && left > 0) {
    thread.start_new_thread(hop, [conn, at + count, left - 1, told]);
  } else {
    await told.put(came);
    conn.close();
  }
}

/** Gives a connection back that has something to read. */
export async function giveBack(
  conn: socket.Socket,
  back: thread.SimpleQueue<socket.Socket>,
): Promise<void> {
  await conn.recv(1, socket.MSG_PEEK);
  await back.put(conn);
}

/** Says whether a pattern comes whole. */
export async function readPattern(
  conn: socket.Socket,
  count: number,
  told: Told,
): Promise<void> {
  using _ = conn;
  conn.settimeout(PATIENCE);
  await told.put(await whole(conn, count));
}

/** Hands a connection on once so much of a pattern is there to read. */
export async function handOnMuch(
  conn: socket.Socket,
  count: number,
  told: Told,
): Promise<void> {
  conn.settimeout(PATIENCE);
  await conn.recv(count, socket.MSG_PEEK | socket.MSG_WAITALL);
  thread.start_new_thread(readPattern, [conn, count, told]);
}

/** Hands a connection on, and ends the worker before that has come to rest. */
export async function handOnAndDie(
  conn: socket.Socket,
  steps: Steps,
  told: Told,
): Promise<void> {
  conn.settimeout(0.01);
  await ask(() => conn.recv(1));
  step(steps, 1);
  block(steps, 2);
  thread.start_new_thread(readToTheEnd, [conn, steps, told], null, {
    dedicated: true,
  });
  // Sent data leaves at the end of the turn, but nothing is received yet.
  await null;
  await null;
  block(steps, 3);
  close();
}

/** Reports the received bytes, up to the end. */
export async function readToTheEnd(
  conn: socket.Socket,
  steps: Steps,
  told: Told,
): Promise<void> {
  using _ = conn;
  conn.settimeout(PATIENCE);
  step(steps, 3);
  let all = "";
  const end = await outcome(async () => {
    for (;;) {
      const data = await conn.recv(1000);
      if (data.length === 0) return "";
      all += text(data);
    }
  });
  await told.put(all + end);
}

/** Gives a listener back that has a connection to accept. */
export async function giveListenerBack(
  server: socket.Socket,
  back: thread.SimpleQueue<socket.Socket>,
): Promise<void> {
  await select.select([server], [], []);
  await back.put(server);
}

/** Closes a listener while there is a connection on its way here. */
export async function closeLate(
  server: socket.Socket,
  steps: Steps,
): Promise<void> {
  server.settimeout(0.01);
  await ask(() => server.accept());
  step(steps, 1);
  block(steps, 2);
  server.close();
}

/** Accepts one client, and says what it says. */
export async function acceptOne(
  server: socket.Socket,
  told: Told,
): Promise<void> {
  using _ = server;
  server.settimeout(PATIENCE);
  await told.put(
    await outcome(async () => {
      const [conn] = await server.accept();
      using _ = conn;
      conn.settimeout(PATIENCE);
      return text(await conn.recv(100));
    }),
  );
}
