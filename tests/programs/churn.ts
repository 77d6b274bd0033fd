/**
 * Native sockets that are opened, closed, dropped and handed over by threads
 * which are killed at any moment. The program takes how many rounds to make and
 * the seed of the first one, and prints what it has counted.
 *
 * Each socket is known by its cookie, which the kernel gives no other one: one
 * that was closed by somebody else, or whose number is another's by now, shows
 * itself at its next check. Each one's peer hears its end, unless it leaks.
 *
 * @module
 */

import "../../socket/transport/native/mod.ts";
import { socket, thread } from "../../mod.ts";
import { endpointOf } from "../../socket/descriptors.ts";
import { turn } from "../../socket/reactor/turn.ts";
import type { NativeEndpoint } from "../../socket/transport/native/endpoint.ts";
import { marks } from "../../socket/transport/native/owners.ts";
import { terminate } from "../../thread/pool.ts";
import { Random } from "../random.ts";
import { readEach } from "./proc.ts";

const { AF_UNIX, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } = socket;
/** The socket option with the cookie. */
const SO_COOKIE = 57;

/** How many sockets a round hands over at least. */
const PARCELS = 24;
/** How many of main's own sockets are in the way of wrong numbers. */
const BYSTANDERS = 8;
/** How many pairs a thread gives to the main thread at once. */
const FLOOD = 10;
/** Milliseconds, and collections of garbage, after which descriptors count as leaked. */
const PATIENCE = 40_000;
const COLLECTIONS = 300;
/** Milliseconds after which a round tells where it is. */
const SLOW = 80_000;

declare const gc: () => void;

/** A socket on its way. */
interface Parcel {
  readonly conn: socket.Socket;
  readonly cookie: string;
}

/** What all threads count, in shared memory. */
type Counts = Int32Array<SharedArrayBuffer>;

const OPENED = 0;
const CHECKED = 1;
const WRONG = 2;
const MOVED = 3;

/** Where parcels go, and what is counted. */
interface Roads {
  readonly main: thread.SimpleQueue<Parcel | null>;
  readonly threads: thread.SimpleQueue<Parcel>;
  readonly counts: Counts;
  readonly seed: number;
}

const module = import.meta.url;

function cookieOf(s: socket.Socket): string {
  return s.getsockopt(SOL_SOCKET, SO_COOKIE, 8).join();
}

function pack(conn: socket.Socket, { counts }: Roads): Parcel {
  Atomics.add(counts, OPENED, 1);
  return { conn, cookie: cookieOf(conn) };
}

/** Counts a socket that isn't the one that it was. */
function check({ conn, cookie }: Parcel, { counts }: Roads): void {
  Atomics.add(counts, CHECKED, 1);
  let found: string;
  try {
    found = cookieOf(conn);
  } catch (error) {
    found = String(error);
  }
  if (found === cookie) return;
  console.error(`fd ${conn.fileno()} has become another: ${found}`);
  Atomics.add(counts, WRONG, 1);
}

function close(parcel: Parcel, roads: Roads): void {
  check(parcel, roads);
  parcel.conn.close();
}

/** Does something with a parcel; the rest are the ways that a thread has. */
async function use(
  parcel: Parcel,
  roads: Roads,
  random: Random,
  kept: Parcel[],
): Promise<void> {
  check(parcel, roads);
  switch (random.below(8)) {
    case 0:
      return close(parcel, roads);
    case 1:
      kept.push(parcel);
      return;
    case 2:
      // Dropped: it is closed when it is collected.
      return;
    case 3: {
      const conn = parcel.conn.dup();
      kept.push({ conn, cookie: parcel.cookie });
      break;
    }
    case 4: {
      const fd = parcel.conn.detach();
      parcel = { ...parcel, conn: socket.socket(-1, -1, -1, fd) };
      break;
    }
    case 5:
      // It has calls that wait, from then on.
      parcel.conn.recv(1).catch(() => {});
      kept.push(parcel);
      return;
    case 6:
      Atomics.add(roads.counts, MOVED, 1);
      thread.start_new_thread(visit, [parcel, roads], null, { module });
      return;
  }
  Atomics.add(roads.counts, MOVED, 1);
  await random.of(roads.main, roads.threads).put(parcel);
}

/** A thread that gets a parcel as its argument. */
export async function visit(parcel: Parcel, roads: Roads): Promise<void> {
  const random = new Random(roads.seed + parcel.conn.fileno());
  const kept: Parcel[] = [];
  await use(parcel, roads, random, kept);
  const last = random.below(3);
  if (last === 0) { for (const each of kept) close(each, roads); }
  else if (last === 1) await forever(kept, roads);
}

/** A thread that gets parcels out of a queue. */
export async function dwell(roads: Roads, seed: number): Promise<void> {
  const random = new Random(seed);
  const kept: Parcel[] = [];
  for (;;) {
    await use(await roads.threads.get(), roads, random, kept);
    if (kept.length > 5) close(kept.splice(random.below(5), 1)[0]!, roads);
    for (const each of kept) check(each, roads);
  }
}

/** A thread that opens and closes, and has many open at a time. */
export async function spin(roads: Roads, seed: number): Promise<void> {
  const random = new Random(seed);
  const kept: Parcel[] = [];
  for (;;) {
    for (let i = 0; i < 200; i++) {
      const family = random.of(AF_UNIX, socket.AF_INET);
      const type = random.of(SOCK_DGRAM, SOCK_STREAM);
      const opened = random.chance(7) || kept.length === 0
        ? socket.socket(family, type)
        : random.of(...kept).conn.dup();
      kept.push(pack(opened, roads));
      while (kept.length > random.below(16)) {
        close(kept.splice(random.below(kept.length), 1)[0]!, roads);
      }
    }
    await turn();
  }
}

/** A thread that gives away what it opens, many at a time. */
export async function flood(roads: Roads, seed: number): Promise<void> {
  const random = new Random(seed);
  for (;;) {
    const puts: Promise<void>[] = [];
    for (let pairs = random.below(FLOOD); pairs >= 0; pairs--) {
      for (const s of await socket.socketpair()) {
        Atomics.add(roads.counts, MOVED, 1);
        puts.push(roads.main.put(pack(s, roads)));
      }
    }
    await Promise.all(puts);
    await turn();
  }
}

/** A thread that ends its worker by itself. */
export async function die(roads: Roads, seed: number): Promise<void> {
  const random = new Random(seed);
  for (let turns = random.below(60); turns > 0; turns--) await turn();
  const parcels = (await socket.socketpair()).map((s) => pack(s, roads));
  // It may be on its way, or not.
  if (random.chance(5)) roads.main.put(parcels[0]!);
  if (random.chance(5)) self.close();
  else queueMicrotask(fail);
  await forever(parcels, roads);
}

function fail(): never {
  throw new Error("on purpose");
}

async function forever(kept: Parcel[], roads: Roads): Promise<void> {
  await new Promise(() => {});
  for (const each of kept) close(each, roads);
}

/** Takes in what comes, up to the end of the stream. */
async function end(peer: socket.Socket): Promise<void> {
  try {
    while ((await peer.recv(100)).length > 0);
  } catch (error) {
    if (!(error instanceof socket.ConnectionError)) throw error;
  } finally {
    peer.close();
  }
}

/** The thread that has a descriptor, and what the main thread has under it. */
function owner(fd: number): string {
  let own = "";
  try {
    const { closed, busy } = endpointOf(fd) as NativeEndpoint;
    own = `, open here${closed ? ", closed" : ""}${busy ? ", busy" : ""}`;
  } catch {
    // Nothing.
  }
  return `(of thread ${marks[fd]}${own})`;
}

/** The sockets, events and event loops that this process has open. */
function open(): [fd: number, target: string][] {
  return readEach("fd", (path, name): [number, string] => {
    return [Number(name), Deno.readLinkSync(path)];
  }).filter(([, target]) => /^(socket:|anon_inode:\[event)/.test(target));
}

/** The same, each with its owner. */
function described(): string[] {
  return open().map(([fd, target]) => `${fd} ${target} ${owner(fd)}`);
}

/** The threads of the process: their names, and what each does in the system. */
function tasks(): string[] {
  return readEach("task", (path, name) => {
    const [comm, wchan] = ["comm", "wchan"].map((file) =>
      Deno.readTextFileSync(`${path}/${file}`).trim()
    );
    return `${name} ${comm} ${wchan}`;
  });
}

/** Sockets and files of the main thread that others must leave alone. */
class Bystanders {
  readonly #parcels: Parcel[] = [];
  readonly #files: [Deno.FsFile, number | null][] = [];

  constructor(readonly roads: Roads) {}

  /** Checks them, and replaces some: others may just have had the numbers. */
  change(random: Random): void {
    for (const each of this.#parcels) check(each, this.roads);
    for (const [file, inode] of this.#files) {
      if (file.statSync().ino === inode) continue;
      console.error("a file has become another");
      Atomics.add(this.roads.counts, WRONG, 1);
    }
    while (this.#parcels.length > random.below(BYSTANDERS)) {
      this.#parcels.shift()!.conn.close();
      this.#files.shift()![0].close();
    }
    while (this.#parcels.length < BYSTANDERS) {
      this.#parcels.push(pack(socket.socket(), this.roads));
      const file = Deno.openSync(new URL(module));
      this.#files.push([file, file.statSync().ino]);
    }
  }

  end(): void {
    for (const each of this.#parcels) close(each, this.roads);
    for (const [file] of this.#files) file.close();
  }
}

/** Resolves once a condition holds, if it does before long. */
async function settled(condition: () => boolean): Promise<boolean> {
  const deadline = performance.now() + PATIENCE;
  for (
    let turns = 0;
    turns < COLLECTIONS || performance.now() < deadline;
    turns++
  ) {
    if (condition()) return true;
    gc();
    await turn();
  }
  return false;
}

/** One round; tells how many sockets' ends their peers haven't heard. */
async function round(seed: number, counts: Counts): Promise<() => number> {
  const random = new Random(seed);
  let stage = "start";
  const slow = setTimeout(() => {
    console.error(stage, ...described(), ...tasks());
  }, SLOW);
  const roads: Roads = {
    main: new thread.SimpleQueue(),
    threads: new thread.SimpleQueue(),
    counts,
    seed,
  };
  thread.pool_size(1 + random.below(3));
  const bystanders = new Bystanders(roads);
  const kept: Parcel[] = [];
  let ends = 0;
  let over = false;
  const passing = (async () => {
    for (;;) {
      const parcel = await roads.main.get();
      if (parcel === null) return;
      if (over) close(parcel, roads);
      else await use(parcel, roads, random, kept);
    }
  })();

  const parts = [dwell, dwell, spin, flood, die];
  const start = () => {
    const part = random.of(...parts);
    const args = [roads, random.below(1e9)] as const;
    const dedicated = random.chance(3);
    thread.start_new_thread(part, args, null, { module, dedicated });
  };
  for (let count = 2 + random.below(4); count > 0; count--) start();
  for (let sent = 0; sent < PARCELS; sent++) {
    stage = `parcel ${sent}`;
    const [peer, conn] = await socket.socketpair();
    const parcel = pack(conn, roads);
    Atomics.add(counts, OPENED, 1);
    end(peer).then(() => ends++);
    await use(parcel, roads, random, kept);
    for (let turns = random.below(30); turns > 0; turns--) await turn();
    bystanders.change(random);
    if (random.chance(1)) gc();
    if (random.chance(1)) start();
    if (sent === PARCELS / 2 && random.chance(5)) await terminate();
  }
  // All that is left is ended, in the middle of what it does.
  over = true;
  // What still arrives may start another thread.
  for (let count = -1; count !== thread._count();) {
    count = thread._count();
    stage = `${count} threads to end`;
    await terminate();
    while (roads.threads.qsize() > 0) close(await roads.threads.get(), roads);
    for (let turns = 0; turns < 10; turns++) await turn();
  }
  stage = "threads have ended";
  await roads.main.put(null);
  await passing;
  while (roads.main.qsize() > 0) close((await roads.main.get())!, roads);
  for (const each of kept.splice(0)) close(each, roads);
  bystanders.end();
  clearTimeout(slow);
  return () => PARCELS - ends;
}

if (import.meta.main) {
  const [rounds = 1, first = 1] = Deno.args.map(Number);
  const counts: Counts = new Int32Array(new SharedArrayBuffer(16));
  await settled(((left) => () => left() === 0)(await round(first - 1, counts)));
  // The first listener has Deno open a pair of sockets, which it keeps.
  const ignore = () => {};
  Deno.addSignalListener("SIGUSR2", ignore);
  Deno.removeSignalListener("SIGUSR2", ignore);
  const before = described();
  let failed: string[] = [];
  for (let seed = first; seed < first + rounds; seed++) {
    const left = await round(seed, counts);
    if (await settled(() => left() === 0 && open().length <= before.length)) {
      continue;
    }
    failed = [`round ${seed} of ${first}: ${left()} unheard`];
    failed.push("before:", ...before, "now:", ...described(), ...tasks());
    break;
  }
  const [opened, checked, wrong, moved] = counts;
  console.log(JSON.stringify({ opened, checked, moved, wrong, failed }));
}
