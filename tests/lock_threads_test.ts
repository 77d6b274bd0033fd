import {
  assert,
  assertEquals,
  assertFalse,
  assertGreaterOrEqual,
  assertLess,
  assertStrictEquals,
} from "@std/assert";
import fc from "fast-check";
import { newIdent, runAs } from "../thread/current.ts";
import { allocate_lock, Lock } from "../thread/lock.ts";
import { RLock } from "../thread/rlock.ts";
import { type Outcome, outcome, Party, waits } from "./party.ts";
import { count } from "./party_worker.ts";
import { run } from "./program.ts";

Deno.test("a lock given to a thread is the same lock", async () => {
  using there = new Party();
  for (const lock of [allocate_lock(), new RLock()]) {
    await there.give("a", lock);
    await there.give("b", lock);
    assert(await there.same("a", "b"));
    assertStrictEquals(await there.take("a"), lock);
    await lock.acquire();
    assertEquals(await there.call("a", "locked"), { value: true });
    assertEquals(await there.call("a", "acquire", [false]), { value: false });
    lock.release();
    assertEquals(await there.call("a", "acquire", [false]), { value: true });
    assert(lock.locked());
    assertFalse(await lock.acquire(false));
    assertFalse(await lock.acquire(true, 0.01));
    assertEquals(await there.call("b", "release"), { value: undefined });
    assertFalse(lock.locked());
    assertEquals(await there.call("b", "release"), { error: "RuntimeError" });
    await there.give("other", lock instanceof Lock ? new Lock() : new RLock());
    assertFalse(await there.same("a", "other"));
  }
});

Deno.test("any thread may release a Lock, only the holder an RLock", async () => {
  using there = new Party();
  const [lock, rlock] = [allocate_lock(), new RLock()];
  await there.give("lock", lock);
  await there.give("rlock", rlock);
  await lock.acquire();
  await rlock.acquire();
  assertEquals(await there.call("lock", "release"), { value: undefined });
  assertFalse(lock.locked());
  assertEquals(await there.call("rlock", "release"), { error: "RuntimeError" });
  assert(rlock.locked());
  // Threads of one worker exclude each other like those of different ones.
  rlock.release();
  assertEquals(await there.call("rlock", "acquire", [], 7), { value: true });
  assertEquals(await there.call("rlock", "acquire", [], 7), { value: true });
  assertEquals(await there.call("rlock", "acquire", [false], 8), {
    value: false,
  });
  assertEquals(await there.call("rlock", "release", [], 8), {
    error: "RuntimeError",
  });
  assertFalse(await rlock.acquire(false));
  await there.call("rlock", "release", [], 7);
  const waiting = rlock.acquire();
  assert(await waits(waiting));
  await there.call("rlock", "release", [], 7);
  assert(await waiting);
});

Deno.test("threads exclude each other", async () => {
  using one = new Party();
  using two = new Party();
  for (const lock of [allocate_lock(), new RLock()]) {
    const counter = new SharedArrayBuffer(4);
    await Promise.all([one.give("lock", lock), two.give("lock", lock)]);
    const counts = await Promise.all([
      one.count("lock", counter, 300),
      two.count("lock", counter, 300),
      count(lock, counter, 300),
    ]);
    assertEquals(new Int32Array(counter)[0], counts.reduce((a, b) => a + b));
    for (const each of counts) assertGreaterOrEqual(each, 200);
    assertFalse(lock.locked());
  }
});

Deno.test("a thread that dies waiting doesn't block the others", async () => {
  // A worker killed at the moment it gets the lock leaves it locked.
  for (let tries = 0;; tries++) {
    const there = new Party();
    const lock = allocate_lock();
    await there.give("lock", lock);
    await lock.acquire();
    await there.begin("lock", "acquire");
    const mine = lock.acquire(true, 0.5);
    there.kill();
    await new Promise((resolve) => setTimeout(resolve, 10 * tries));
    lock.release();
    if (await mine) return;
    assertLess(tries, 10);
  }
});

/** A model of a lock. */
class Model {
  readonly queue: number[] = [];
  readonly #depth: boolean;
  holder: number | null = null;
  count = 0;

  constructor(depth: boolean) {
    this.#depth = depth;
  }

  /** Whether the lock is free; otherwise the thread waits if it may. */
  acquire(who: number, waits: boolean): boolean {
    if (this.holder === null || this.#depth && this.holder === who) {
      this.holder = who;
      this.count++;
      return true;
    }
    if (waits) this.queue.push(who);
    return false;
  }

  /** The new holder, if that changed; an error if it can't be released. */
  release(who: number): number | null | "RuntimeError" {
    if (this.holder === null || this.#depth && this.holder !== who) {
      return "RuntimeError";
    }
    if (--this.count > 0) return null;
    this.holder = this.queue.shift() ?? null;
    if (this.holder !== null) this.count = 1;
    return this.holder;
  }
}

Deno.test("locks follow the model, over three isolates", async () => {
  using one = new Party();
  using two = new Party();
  // Two threads in each isolate.
  const idents = Array.from({ length: 6 }, newIdent);
  const step = fc.record({
    who: fc.nat(5),
    what: fc.constantFrom("acquire", "try", "moment", "release", "release"),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(step, { minLength: 1, maxLength: 40 }),
      async (depth, steps) => {
        const lock = depth ? new RLock() : allocate_lock();
        await Promise.all([one.give("lock", lock), two.give("lock", lock)]);
        const begin = async (who: number, method: string, args: unknown[]) => {
          const party = [one, two][who % 3];
          if (party) {
            return await party.begin("lock", method, args, idents[who]);
          }
          const call = lock[method as "acquire"].bind(lock) as (
            ...args: unknown[]
          ) => unknown;
          return {
            outcome: outcome(() => runAs(idents[who]!, () => call(...args))),
          };
        };
        const model = new Model(depth);
        const waiting = new Map<number, Promise<Outcome>>();
        const release = async (who: number) => {
          const next = model.release(who);
          const { outcome } = await begin(who, "release", []);
          if (next === "RuntimeError") {
            return assertEquals(await outcome, { error: next });
          }
          assertEquals(await outcome, { value: undefined });
          if (next === null) return;
          assertEquals(await waiting.get(next), { value: true });
          waiting.delete(next);
        };
        for (const { who, what } of steps) {
          if (waiting.has(who)) continue;
          if (what === "release") {
            await release(who);
            continue;
          }
          const got = model.acquire(who, what === "acquire");
          const args = {
            acquire: [true, 20],
            try: [false],
            moment: [true, 0.002],
          };
          const { outcome } = await begin(who, "acquire", args[what]);
          if (got || what !== "acquire") {
            assertEquals(await outcome, { value: got });
          } else waiting.set(who, outcome);
          assertEquals(lock.locked(), model.holder !== null);
        }
        while (model.holder !== null) await release(model.holder);
        assertEquals(waiting.size, 0);
        assertFalse(lock.locked());
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("a process doesn't end while it waits for a lock", async () => {
  assertEquals(
    await run(`
      import { allocate_lock } from "ROOT/thread/lock.ts";
      const lock = allocate_lock();
      await lock.acquire();
      setTimeout(() => lock.release(), 10);
      console.log(await lock.acquire());
      console.log(await lock.acquire(true, 0.01));
    `),
    "true\nfalse\n",
  );
});
