/**
 * A socket that moves between threads, each of which uses it.
 *
 * @module
 */

import { errno, select, socket, thread } from "../../mod.ts";

/** The use of the socket at one stay. */
export type Act =
  | { do: "mode"; timeout: number | null }
  | { do: "limit"; name: number; value: number }
  | { do: "look" }
  | { do: "send"; count: number; all: boolean }
  | { do: "recv"; count: number; flags: number; into: boolean }
  | { do: "both"; send: number; recv: number }
  | { do: "shut" };

/** One stay of a socket, and how it gets there. */
export interface Stay {
  readonly where: "main" | "thread";
  readonly by: "argument" | "queue";
  /** A second socket stays behind until the first one has gone on. */
  readonly share: boolean;
  readonly acts: readonly Act[];
}

/** All stays of a socket, and its state so far. */
export interface Trip {
  readonly name: string;
  readonly stays: readonly Stay[];
  /** How many bytes go each way. */
  readonly out: number;
  readonly in: number;
  at: number;
  sent: number;
  received: number;
  shut: boolean;
}

/** A socket on its trip. */
export interface Traveller {
  readonly conn: socket.Socket;
  readonly trip: Trip;
}

/** Where travellers pass, and where the end of a trip is told. */
export interface Roads {
  readonly main: thread.Queue<Traveller | null>;
  readonly threads: thread.Queue<Traveller | null>;
  readonly ends: thread.Queue<string>;
}

/** The bytes from one place of the stream on: no two parts are alike. */
export function stamps(start: number, count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    bytes[i] = Math.imul(start + i, 2654435761) >>> 13;
  }
  return bytes;
}

/** Raises an error unless these are the bytes from that place on. */
export function checkStamps(bytes: Uint8Array, start: number): void {
  const expected = stamps(start, bytes.length);
  const wrong = bytes.findIndex((byte, i) => byte !== expected[i]);
  if (wrong >= 0) throw new Error(`a wrong byte at ${start + wrong}`);
}

/** `undefined` if the mode of the socket doesn't let the call wait so long. */
async function unlessLate<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof socket.BlockingIOError) return undefined;
    if (error instanceof socket.TimeoutError) return undefined;
    throw error;
  }
}

async function send(
  { conn, trip }: Traveller,
  most: number,
  all: boolean,
): Promise<void> {
  if (trip.shut) {
    const error = await conn.send("x").catch((error) => error);
    if (error.errno === errno.EPIPE) return;
    throw new Error(`sent behind the end: ${error}`);
  }
  const count = Math.min(most, trip.out - trip.sent);
  const bytes = stamps(trip.sent, count);
  if (all && conn.gettimeout() === null) {
    await conn.sendall(bytes);
    trip.sent += count;
  } else trip.sent += await unlessLate(conn.send(bytes)) ?? 0;
  // The bytes taken so far must be unchanged.
  bytes.fill(0);
}

async function recv(
  { conn, trip }: Traveller,
  count: number,
  flags = 0,
  into = false,
): Promise<void> {
  const bytes = await unlessLate(
    into
      ? receiveInto(conn, new Uint8Array(count), flags)
      : conn.recv(count, flags),
  );
  if (bytes === undefined) return;
  checkStamps(bytes, trip.received);
  const left = trip.in - trip.received;
  if (bytes.length === 0 && left > 0) throw new Error(`${left} bytes missing`);
  const whole = flags & socket.MSG_WAITALL && !(flags & socket.MSG_PEEK) &&
    conn.gettimeout() === null;
  if (whole && bytes.length < Math.min(count, left)) {
    throw new Error(`MSG_WAITALL gave ${bytes.length} bytes of ${count}`);
  }
  if (!(flags & socket.MSG_PEEK)) trip.received += bytes.length;
}

async function receiveInto(
  conn: socket.Socket,
  buffer: Uint8Array<ArrayBuffer>,
  flags: number,
): Promise<Uint8Array> {
  return buffer.subarray(0, await conn.recv_into(buffer, 0, flags));
}

async function perform(traveller: Traveller, act: Act): Promise<void> {
  const { conn, trip } = traveller;
  switch (act.do) {
    case "mode":
      return conn.settimeout(act.timeout);
    case "limit":
      try {
        conn.setsockopt(socket.SOL_SOCKET, act.name, act.value);
      } catch (error) {
        // The main thread can't, if a thread has opened it.
        if ((error as socket.OSError).errno !== errno.EOPNOTSUPP) throw error;
      }
      return;
    case "look":
      await select.select([conn], [conn], [conn], 0);
      return;
    case "send":
      return await send(traveller, act.count, act.all);
    case "recv":
      return await recv(traveller, act.count, act.flags, act.into);
    case "both":
      await Promise.all([
        send(traveller, act.send, true),
        recv(traveller, act.recv),
      ]);
      return;
    case "shut":
      if (!trip.shut && trip.sent === trip.out) {
        conn.shutdown(socket.SHUT_WR);
        trip.shut = true;
      }
  }
}

/** Sends and receives all that is left. */
async function finish(traveller: Traveller): Promise<void> {
  const { conn, trip } = traveller;
  conn.settimeout(null);
  const sending = (async () => {
    await send(traveller, Infinity, true);
    await perform(traveller, { do: "shut" });
  })();
  while (trip.received < trip.in) await recv(traveller, 100_000);
  await recv(traveller, 1);
  await sending;
  conn.close();
}

/** Runs the stay of this thread, and sends the traveller on. */
export async function stay(
  traveller: Traveller,
  roads: Roads,
  module: string,
): Promise<void> {
  const { conn, trip } = traveller;
  let step = "arrive";
  try {
    const { acts, share } = trip.stays[trip.at]!;
    for (const act of acts) {
      step = JSON.stringify(act);
      await perform(traveller, act);
    }
    step = "leave";
    using _ = share ? conn.dup() : null;
    const next = trip.stays[++trip.at];
    if (!next) {
      step = "finish";
      await finish(traveller);
      await roads.ends.put("");
    } else if (next.where === "main") await roads.main.put(traveller);
    else if (next.by === "queue") await roads.threads.put(traveller);
    else thread.start_new_thread(visit, [traveller, roads], null, { module });
  } catch (error) {
    conn.close();
    const { stays: _, ...state } = trip;
    await roads.ends.put(
      `${step} of ${JSON.stringify(state)}: ${
        error instanceof Error ? error.stack : error
      }`,
    );
  }
}

/** A thread that gets a traveller as an argument. */
export async function visit(traveller: Traveller, roads: Roads): Promise<void> {
  await stay(traveller, roads, import.meta.url);
}

/** A thread that gets travellers out of a queue, all of them at a time. */
export async function dwell(roads: Roads): Promise<void> {
  const stays: Promise<void>[] = [];
  for (;;) {
    const traveller = await roads.threads.get();
    if (traveller === null) break;
    stays.push(stay(traveller, roads, import.meta.url));
  }
  await Promise.all(stays);
}

/** A thread that opens a connection, with which a trip begins. */
export async function depart(
  address: socket.Address,
  trip: Trip,
  roads: Roads,
): Promise<void> {
  const conn = await socket.create_connection(address);
  await stay({ conn, trip }, roads, import.meta.url);
}
