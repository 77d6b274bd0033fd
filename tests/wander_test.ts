import { assertEquals } from "@std/assert";
import { socket, thread } from "../mod.ts";
import { terminate } from "../thread/pool.ts";
import { test } from "./cases.ts";
import { loadInWorker } from "./load_in_worker.ts";
import { Random } from "./random.ts";
import {
  type Act,
  checkStamps,
  depart,
  dwell,
  type Roads,
  stamps,
  type Stay,
  stay,
  type Traveller,
  type Trip,
  visit,
} from "./programs/wander.ts";
import { turn } from "../socket/reactor/turn.ts";
import { native } from "./transports.ts";

// More rounds, and the number of the first one, may follow `--` on the command
// line: `deno test … tests/wander_test.ts -- 200 1000`.
const ROUNDS = Number(Deno.args[0] ?? 8);
const FIRST = Number(Deno.args[1] ?? Math.floor(Math.random() * 1e9));

/** How many rounds make one test, which must end in time. */
const BATCH = 4;
/** How many sockets are on their way at a time. */
const TRIPS = 3;
/** Milliseconds after which a round hangs; it takes a fraction of that. */
const PATIENCE = 20_000;
/**
 * Sizes of buffers. With less, the kernel's TCP takes seconds for what a trip
 * sends over the loopback, whose packets are as long.
 */
const LIMITS = native ? [100_000, 256 * 1024] : [1024, 10_000, 256 * 1024];

const { MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL } = socket;
const module = new URL("programs/wander.ts", import.meta.url).href;
await loadInWorker(new URL(module));

/** How many bytes are sent or received at once. */
function size(random: Random): number {
  return 1 + random.below(random.of(10, 1000, 20_000, 300_000, 1_000_000));
}

function someAct(random: Random): Act {
  switch (random.below(12)) {
    case 0:
    case 1:
      return { do: "mode", timeout: random.of(null, null, 0, 0.002, 1) };
    case 2:
      return {
        do: "limit",
        name: random.of(socket.SO_SNDBUF, socket.SO_RCVBUF),
        value: random.of(...LIMITS),
      };
    case 3:
      return { do: "look" };
    case 4:
      return { do: "shut" };
    case 5:
    case 6:
      return { do: "both", send: size(random), recv: size(random) };
    case 7:
    case 8:
      return { do: "send", count: size(random), all: random.chance(5) };
    default:
      return {
        do: "recv",
        count: size(random),
        flags: random.of(0, 0, 0, MSG_PEEK, MSG_DONTWAIT, MSG_WAITALL),
        into: random.chance(5),
      };
  }
}

function someTrip(random: Random, name: string): Trip {
  const stays = Array.from({ length: 2 + random.below(8) }, (): Stay => ({
    where: random.of("main", "thread", "thread"),
    by: random.of("argument", "queue"),
    share: random.chance(2),
    acts: Array.from({ length: random.below(7) }, () => someAct(random)),
  }));
  const bytes = () => random.below(random.of(1000, 500_000, 4_000_000));
  const [out, in_] = [bytes(), bytes()];
  return {
    name,
    stays,
    out,
    in: in_,
    at: 0,
    sent: 0,
    received: 0,
    shut: false,
  };
}

/** Sends so many bytes, in parts, and no more. */
async function sendAll(peer: socket.Socket, count: number, random: Random) {
  for (let sent = 0; sent < count;) {
    const part = Math.min(size(random), count - sent);
    await peer.sendall(stamps(sent, part));
    sent += part;
    if (random.chance(2)) await turn();
  }
  peer.shutdown(socket.SHUT_WR);
}

/** Receives to the end, now and then slowly; how many bytes. */
async function receiveAll(peer: socket.Socket, random: Random) {
  for (let received = 0;;) {
    if (random.chance(3)) await turn();
    const bytes = await peer.recv(size(random));
    if (bytes.length === 0) return received;
    checkStamps(bytes, received);
    received += bytes.length;
  }
}

/** Has one socket make its trip; returns its peer. */
async function start(trip: Trip, random: Random, roads: Roads) {
  using server = socket.create_server(["127.0.0.1", 0]);
  const address = server.getsockname();
  if (random.chance(4)) {
    thread.start_new_thread(depart, [address, trip, roads], null, { module });
    return (await server.accept())[0];
  }
  const peer = await socket.create_connection(address);
  const [conn] = await server.accept();
  const traveller = { conn, trip };
  const { where, by } = trip.stays[0]!;
  if (where === "main") await roads.main.put(traveller);
  else if (by === "queue") await roads.threads.put(traveller);
  else thread.start_new_thread(visit, [traveller, roads], null, { module });
  return peer;
}

/** A promise that must come to its end in time. */
async function within<T>(promise: Promise<T>, what: () => string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(what())), PATIENCE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The travellers that pass the main thread, all of them at a time. */
async function mainRoad(roads: Roads, seen: Map<string, Trip>) {
  const stays: Promise<void>[] = [];
  for (;;) {
    const traveller: Traveller | null = await roads.main.get();
    if (traveller === null) break;
    seen.set(traveller.trip.name, traveller.trip);
    stays.push(stay(traveller, roads, module));
  }
  await Promise.all(stays);
}

/** Some sockets make their trips at a time; how many bytes went over them. */
async function round(seed: number): Promise<number> {
  const random = new Random(seed);
  const roads: Roads = {
    main: new thread.Queue(),
    threads: new thread.Queue(),
    ends: new thread.Queue(),
  };
  const dwellers = Array.from(
    { length: 1 + random.below(2) },
    () => thread.start_joinable_thread(dwell, [roads], null, { module }),
  );
  const seen = new Map<string, Trip>();
  const passing = mainRoad(roads, seen);
  let bytes = 0;
  const trips = Array.from({ length: TRIPS }, async (_, i) => {
    const trip = someTrip(random, `${seed}/${i}`);
    bytes += trip.out + trip.in;
    const [sends, receives] = [random.below(1e9), random.below(1e9)];
    using peer = await start(trip, random, roads);
    const [, received] = await Promise.all([
      sendAll(peer, trip.in, new Random(sends)),
      receiveAll(peer, new Random(receives)),
    ]);
    assertEquals(received, trip.out, "what the peer received");
  });
  const ends = trips.map(async () => {
    const failure = await roads.ends.get();
    if (failure !== "") throw new Error(failure);
  });
  await within(
    Promise.all([...trips, ...ends]),
    () => `hangs; last seen here: ${JSON.stringify([...seen.values()])}`,
  );
  await roads.main.put(null);
  for (const _ of dwellers) await roads.threads.put(null);
  await within(passing, () => "the main thread goes on");
  for (const dweller of dwellers) {
    await within(dweller.join(), () => "a thread goes on");
  }
  return bytes;
}

for (let done = 0; done < ROUNDS; done += BATCH) {
  const first = FIRST + done;
  const count = Math.min(BATCH, ROUNDS - done);
  test(`sockets move between threads, rounds ${first} to ${first + count - 1}`, async () => {
    try {
      let bytes = 0;
      for (let i = 0; i < count; i++) {
        try {
          bytes += await round(first + i);
        } catch (cause) {
          // It begins the same way as: deno test … -- 1 SEED
          throw new Error(`round ${first + i}`, { cause });
        }
      }
      if (Deno.args.length > 0) console.log(`${bytes} bytes, all right`);
    } finally {
      await terminate();
    }
  });
}
