import { World } from "./queue_states.ts";

// More rounds, and the seed of the first one, may follow `--` on the command
// line.
const ROUNDS = Number(Deno.args[0] ?? 1500);
const FIRST = Number(Deno.args[1] ?? Math.floor(Math.random() * 1e9));

/** How many rounds make one test, which must end in time. */
const BATCH = 5000;

/** The kinds of queues, of which each round takes the next one. */
const queues = (["fifo", "lifo", "priority"] as const).flatMap((kind) =>
  [1, 2, 5, Infinity].map((limit) => ({ kind, limit }))
);

async function round(seed: number): Promise<void> {
  const queue = queues[seed % queues.length]!;
  const world = new World(seed, { ...queue, threads: 2 + seed % 3 });
  for (let i = 0; i < 40 + seed % 120; i++) await world.step();
  await world.end();
}

for (let done = 0; done < ROUNDS; done += BATCH) {
  const first = FIRST + done;
  const count = Math.min(BATCH, ROUNDS - done);
  Deno.test(`a queue does what the model does, seeds from ${first}`, async () => {
    for (let seed = first; seed < first + count; seed++) {
      try {
        await round(seed);
      } catch (cause) {
        // To see it again: deno test tests/queue_states_test.ts -- 1 SEED
        throw new Error(`seed ${seed}`, { cause });
      }
    }
  });
}
