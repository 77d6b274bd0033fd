/**
 * Threads that use all that `threading` has to wait for, in a random order, and
 * check what has to hold meanwhile.
 *
 * @module
 */

import { type queue, threading } from "../../mod.ts";
import { Random } from "../random.ts";

/** How many threads are in the semaphore at most. */
export const SEATS = 2;
/** How many items there are at most. */
const ROOM = 2;

// The places of the numbers: those that are in a critical section, the items,
// the arrivals at the barrier, and from there on a mask for each of its rounds.
const LOCK = 0;
const RLOCK = 1;
const SEMAPHORE = 2;
const ITEMS = 3;
const ARRIVED = 4;
const PLACES = 5;

/** What the threads of one schedule share. */
export class Shared {
  readonly lock = new threading.Lock();
  readonly rlock = new threading.RLock();
  readonly semaphore = new threading.BoundedSemaphore(SEATS);
  readonly full: threading.Condition;
  readonly empty: threading.Condition;
  readonly gate = new threading.Event();
  readonly barrier: threading.Barrier;
  readonly words: Int32Array;

  constructor(random: Random, parties: number, rounds: number) {
    const lock = random.of<threading.Lock | threading.RLock>(
      new threading.Lock(),
      new threading.RLock(),
    );
    this.full = new threading.Condition(lock);
    this.empty = new threading.Condition(lock);
    this.barrier = new threading.Barrier(parties);
    const size = (PLACES + rounds) * Int32Array.BYTES_PER_ELEMENT;
    this.words = new Int32Array(new SharedArrayBuffer(size));
  }
}

/** One of the threads. */
export class Player extends threading.Thread {
  constructor(
    readonly seed: number,
    readonly rounds: number,
    readonly shared: Shared,
    readonly outcomes: queue.Queue<string>,
  ) {
    super({ name: `seed ${seed}` });
  }

  override async run(): Promise<void> {
    try {
      await play(new Random(this.seed), this.rounds, this.shared);
      await this.outcomes.put("done");
    } catch (error) {
      await this.outcomes.put(`${this.name}: ${(error as Error).stack}`);
    }
  }
}

/** A thread that one of them starts; some end with their worker. */
export class Guest extends threading.Thread {
  readonly came = new Int32Array(new SharedArrayBuffer(4));

  constructor(readonly dies: boolean) {
    super({ daemon: true, dedicated: dies });
  }

  override async run(): Promise<void> {
    Atomics.store(this.came, 0, 1);
    if (!this.dies) return;
    close();
    await new Promise(() => {});
  }
}

async function play(
  random: Random,
  rounds: number,
  shared: Shared,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const steps = [lock, rlock, semaphore, exchange, exchange, host];
    for (let i = random.below(6); i > 0; i--) {
      await random.of(...steps)(random, shared);
      await pause(random);
    }
    await meet(random, shared, round);
  }
}

/** Lets others run, more or less of them. */
async function pause(random: Random): Promise<void> {
  const milliseconds = random.of(-1, -1, 0, 0, 1);
  if (milliseconds < 0) await null;
  else await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not so: ${what}`);
}

/** Spends some time in a section for `most` threads. */
async function inside(
  random: Random,
  { words }: Shared,
  place: number,
  most: number,
): Promise<void> {
  check(Atomics.add(words, place, 1) < most, `at most ${most} at ${place}`);
  await pause(random);
  Atomics.sub(words, place, 1);
}

async function lock(random: Random, shared: Shared): Promise<void> {
  const { lock } = shared;
  if (random.chance(3)) {
    if (!await lock.acquire(true, random.of(0, 0.0001, 0.002))) return;
    await inside(random, shared, LOCK, 1);
    return lock.release();
  }
  using _held = await lock.hold();
  await inside(random, shared, LOCK, 1);
}

async function rlock(random: Random, shared: Shared): Promise<void> {
  using _outer = await shared.rlock.hold();
  await pause(random);
  using _inner = await shared.rlock.hold();
  await inside(random, shared, RLOCK, 1);
}

async function semaphore(random: Random, shared: Shared): Promise<void> {
  const { semaphore } = shared;
  if (random.chance(3)) {
    if (!await semaphore.acquire(true, random.of(0, 0.0001, 0.002))) return;
    await inside(random, shared, SEMAPHORE, SEATS);
    return semaphore.release();
  }
  using _held = await semaphore.hold();
  await inside(random, shared, SEMAPHORE, SEATS);
}

/**
 * Puts an item and takes one. As each notifies only one other thread, a
 * wake-up that is lost keeps somebody waiting for ever.
 */
async function exchange(random: Random, shared: Shared): Promise<void> {
  const { full, empty, words } = shared;
  {
    using _held = await full.hold();
    if (random.chance(5)) await full.wait_for(() => words[ITEMS]! < ROOM);
    else while (words[ITEMS]! >= ROOM) await full.wait(random.of(null, 0.001));
    check(++words[ITEMS]! <= ROOM, "no more items than there is room for");
    empty.notify();
  }
  await pause(random);
  {
    using _held = await empty.hold();
    if (random.chance(5)) await empty.wait_for(() => words[ITEMS]! > 0);
    else while (words[ITEMS] === 0) await empty.wait(random.of(null, 0.001));
    check(--words[ITEMS]! >= 0, "no more items than were put");
    full.notify();
  }
}

/** Starts a thread, and joins it. */
async function host(random: Random): Promise<void> {
  const guest = new Guest(random.chance(1));
  guest.start();
  await guest.join(random.of(null, 0, 0.001));
  await guest.join();
  check(guest.came[0] === 1 && !guest.is_alive(), "who was joined has ended");
  check(!threading.enumerate().includes(guest), "and isn't listed");
}

/** Meets all others, one of whom opens the gate for the rest. */
async function meet(
  random: Random,
  { barrier, gate, words }: Shared,
  round: number,
): Promise<void> {
  const { parties } = barrier;
  Atomics.add(words, ARRIVED, 1);
  const place = await barrier.wait();
  const arrived = Atomics.load(words, ARRIVED);
  check(arrived >= parties * (round + 1), "all have come");
  check(arrived < parties * (round + 2), "nobody has come twice");
  const taken = Atomics.or(words, PLACES + round, 1 << place);
  check((taken & 1 << place) === 0, "each has another place");
  await pause(random);
  if (place === 0) gate.set();
  else check(await gate.wait(), "the gate is open");
  if (await barrier.wait() === 0) gate.clear();
  await barrier.wait();
  check(!gate.is_set(), "the gate is closed");
}
