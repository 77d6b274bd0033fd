// Items through a queue between threads, in thousands a second:
//
// npx -y deno@2.9.6 run --allow-net=127.0.0.1 --allow-read=. tests/bench/thread_queue.ts 5
//
// The number is how many rounds are run; the median of each row is printed.
// `here` puts and gets in the main thread, `in` puts in a worker and gets in
// the main thread, `out` the other way, `turn` sends one item to a worker and
// back before the next one, and `pipe` goes from one worker to another.

import { thread } from "@berkeley/socket";

/** Calls that run at the same time. */
const CALLS = 16;

const items: Record<string, () => unknown> = {
  number: () => 7,
  object: () => ({ id: 7, name: "seven", list: [1, 2, 3] }),
  bytes: () => ({ id: 7, data: new Uint8Array(4096) }),
  long: () => Array.from({ length: 500 }, (_, i) => ({ i })),
  lock: () => [7, thread.allocate_lock()],
};

type Queue = thread.Queue<unknown>;

/** Puts items of a kind. */
export async function putAll(
  queue: Queue,
  kind: string,
  count: number,
): Promise<void> {
  const make = items[kind]!;
  let rest = count;
  const call = async () => {
    while (rest-- > 0) await queue.put(make());
  };
  await Promise.all(Array.from({ length: CALLS }, call));
}

/** Gets so many items. */
export async function getAll(queue: Queue, count: number): Promise<void> {
  let rest = count;
  const call = async () => {
    while (rest-- > 0) await queue.get();
  };
  await Promise.all(Array.from({ length: CALLS }, call));
}

/** Puts what it gets. */
export async function passAll(
  from: Queue,
  to: Queue,
  count: number,
): Promise<void> {
  for (let i = 0; i < count; i++) await to.put(await from.get());
}

type Row = (kind: string, count: number, queue: Queue) => Promise<unknown>;

const start = <P extends unknown[]>(
  f: (...args: P) => unknown,
  args: NoInfer<P>,
) =>
  thread.start_joinable_thread(f, args, null, { module: import.meta.url })
    .join();

const rows: Record<string, Row> = {
  here: (kind, count, queue) =>
    Promise.all([putAll(queue, kind, count), getAll(queue, count)]),
  in: (kind, count, queue) =>
    Promise.all([
      start(putAll, [queue, kind, count]),
      getAll(queue, count),
    ]),
  out: (kind, count, queue) =>
    Promise.all([
      start(getAll, [queue, count]),
      putAll(queue, kind, count),
    ]),
  turn: async (kind, count, queue) => {
    const back = new thread.Queue();
    const passed = start(passAll, [queue, back, count]);
    for (let i = 0; i < count; i++) {
      await queue.put(items[kind]!());
      await back.get();
    }
    await passed;
  },
  pipe: (kind, count, queue) =>
    Promise.all([
      start(putAll, [queue, kind, count]),
      start(getAll, [queue, count]),
    ]),
};

/** The rows, and how many thousand items each takes. */
const table: [row: string, kind: string, thousands: number][] = [
  ["here", "number", 100],
  ["in", "number", 20],
  ["out", "number", 20],
  ["turn", "number", 2],
  ["pipe", "number", 10],
  ["in", "object", 15],
  ["out", "object", 15],
  ["in", "bytes", 5],
  ["out", "bytes", 5],
  ["in", "long", 1],
  ["out", "long", 1],
  ["in", "lock", 5],
  ["out", "lock", 5],
];

if (import.meta.main) {
  const rounds = Number(Deno.args[0] ?? 5);
  const results = table.map((): number[] => []);
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const [i, [row, kind, thousands]] of table.entries()) {
      const began = performance.now();
      await rows[row]!(kind, thousands * 1000, new thread.Queue(64));
      const rate = thousands * 1000 / (performance.now() - began);
      if (round > 0) results[i]!.push(rate);
    }
  }
  for (const [i, [row, kind]] of table.entries()) {
    const sorted = results[i]!.sort((a, b) => a - b);
    const median = sorted[sorted.length >> 1]!;
    console.log(`${row.padEnd(5)} ${kind.padEnd(7)} ${median.toFixed(1)}`);
  }
}
