import { assertEquals } from "@std/assert";
import { queue, threading } from "../mod.ts";
import { loadInWorker } from "./load_in_worker.ts";
import { Player, Shared } from "./programs/schedules.ts";
import { Random } from "./random.ts";
import { testThreads } from "./thread_cases.ts";

// More schedules, and the number of the first one, may follow `--` on the
// command line: `deno test … tests/threading_schedules_test.ts -- 200 1000`.
const SCHEDULES = Number(Deno.args[0] ?? 3);
const FIRST = Number(Deno.args[1] ?? Math.floor(Math.random() * 1e9));

/** Seconds after which a schedule hangs; it takes a fraction of that. */
const PATIENCE = 20;

await loadInWorker(new URL("programs/schedules.ts", import.meta.url));

for (let seed = FIRST; seed < FIRST + SCHEDULES; seed++) {
  testThreads(`what threads wait for keeps its promises: ${seed}`, async () => {
    const random = new Random(seed);
    const parties = 2 + random.below(5);
    const rounds = 6;
    const shared = new Shared(random, parties, rounds);
    const outcomes = new queue.Queue<string>();
    const players = Array.from(
      { length: parties },
      () => new Player(random.below(1e9), rounds, shared, outcomes),
    );
    for (const player of players) player.start();
    for (const _ of players) {
      assertEquals(await outcomes.get(true, PATIENCE), "done");
    }
    for (const player of players) await player.join();
    assertEquals([shared.lock.locked(), shared.rlock.locked()], [false, false]);
    assertEquals(shared.barrier.n_waiting, 0);
    assertEquals(shared.words.subarray(0, 4), new Int32Array(4));
    assertEquals(threading.active_count(), 1);
  });
}
