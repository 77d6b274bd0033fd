import {
  assert,
  assertEquals,
  assertFalse,
  assertGreaterOrEqual,
  assertLess,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { TIMEOUT_MAX } from "../thread/acquire.ts";
import { RuntimeError } from "../thread/errors.ts";
import { get_ident, newIdent, runAs } from "../thread/ident.ts";
import { allocate_lock, Lock } from "../thread/lock.ts";
import { RLock } from "../thread/rlock.ts";
import { hasPython, python } from "./oracle.ts";
import { type Outcome, outcome, Party, waits } from "./party.ts";
import { count } from "./party_worker.ts";

// One thread

Deno.test("a lock is held by one at a time", async () => {
  const lock = allocate_lock();
  assertFalse(lock.locked());
  assertStrictEquals(await lock.acquire(), true);
  assert(lock.locked());
  assertStrictEquals(await lock.acquire(false), false);
  const second = lock.acquire();
  assert(await waits(second));
  assertStrictEquals(lock.release(), undefined);
  assertStrictEquals(await second, true);
  assert(lock.locked());
  lock.release();
  assertFalse(lock.locked());
});

Deno.test("release() of a free lock raises RuntimeError", async () => {
  const lock = allocate_lock();
  assertThrows(() => lock.release(), RuntimeError, "release unlocked lock");
  await lock.acquire();
  lock.release();
  const error = assertThrows(() => lock.release(), RuntimeError);
  assertEquals(error.name, "RuntimeError");
  assert(await lock.acquire(false));
  lock.release();
});

Deno.test("who comes first gets it first", async () => {
  for (const lock of [allocate_lock(), new RLock()]) {
    await lock.acquire();
    const order: number[] = [];
    const all = Array.from(
      { length: 10 },
      (_, i) =>
        runAs(newIdent(), async () => {
          await lock.acquire();
          order.push(i);
          await null;
          lock.release();
        }),
    );
    lock.release();
    // Nobody can get in between.
    assertFalse(await runAs(newIdent(), () => lock.acquire(false)));
    await Promise.all(all);
    assertEquals(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assertFalse(lock.locked());
  }
});

Deno.test("a time-out ends the wait, and only that one", async () => {
  const lock = allocate_lock();
  await lock.acquire();
  const start = performance.now();
  const first = lock.acquire(true, 0.05);
  const second = lock.acquire();
  const third = lock.acquire(true, TIMEOUT_MAX);
  assertFalse(await lock.acquire(true, 0));
  assertFalse(await first);
  assertGreaterOrEqual(performance.now() - start, 49);
  assertLess(performance.now() - start, 5000);
  assert(await waits(second));
  lock.release();
  assert(await second);
  assert(await waits(third));
  lock.release();
  assert(await third);
  lock.release();
  assertFalse(lock.locked());
});

Deno.test("a lock that came too late goes to nobody", async () => {
  const lock = allocate_lock();
  await lock.acquire();
  assertFalse(await lock.acquire(true, 0.01));
  lock.release();
  assertFalse(lock.locked());
  assert(await lock.acquire(false));
});

Deno.test("acquire() takes the arguments that Python takes", {
  ignore: !hasPython,
}, async () => {
  const values = [true, false, 0, 1, 2, -1, -2, 0.5, -0.5, "1", null, "nan"];
  const times = [0, -1, -1.5, 0.01, 1e10, 9223372037, "inf", "nan", "1", null];
  const calls: unknown[][] = [[]];
  for (const value of values) {
    calls.push([value]);
    for (const time of times) calls.push([value, time]);
  }
  const program = `
import json, sys, threading
def number(value): return float(value) if value in ("inf", "nan") else value
def outcome(lock, args):
    try: return lock.acquire(*map(number, args))
    except Exception as error: return type(error).__name__
free, held, mine = threading.Lock(), threading.Lock(), threading.RLock()
held.acquire()
results = []
for args in json.load(sys.stdin):
    row = []
    for lock in (free, held, mine):
        # What would wait for ever says no more than what waits a moment.
        if lock is held and len(args) < 2 and args[0:1] not in ([False], [0]):
            try:
                lock.release()
                row.append(outcome(lock, args))
            finally:
                lock.acquire(False)
        elif lock is held and args[1:] in ([-1], [1e10]) and args[0] not in (False, 0):
            row.append(None)
        else:
            row.append(outcome(lock, args))
        if lock is not held and row[-1] is True: lock.release()
    results.append(row)
print(json.dumps(results))`;
  const expected = await python<unknown[][]>(program, calls);
  const names: Record<string, string> = {
    ValueError: "RangeError",
    OverflowError: "RangeError",
  };
  const number = (value: unknown) =>
    value === "inf" ? Infinity : value === "nan" ? NaN : value;
  const [free, held, mine] = [allocate_lock(), allocate_lock(), new RLock()];
  await held.acquire();
  for (const [i, args] of calls.entries()) {
    for (const [j, lock] of [free, held, mine].entries()) {
      const result = expected[i][j];
      if (result === null) continue;
      const patient = lock === held && result === true;
      if (patient) held.release();
      const real = await outcome(() =>
        lock.acquire(...args.map(number) as [boolean, number])
      );
      assertEquals(
        [args, "error" in real ? real.error : real.value],
        [args, names[result as string] ?? result],
      );
      if (lock !== held && result === true) lock.release();
    }
  }
});

Deno.test("wrong arguments are rejected, never thrown", async () => {
  for (const lock of [allocate_lock(), new RLock()]) {
    await assertRejects(() => lock.acquire(false, 1), RangeError);
    await assertRejects(() => lock.acquire(true, -2), RangeError);
    await assertRejects(() => lock.acquire(true, NaN), RangeError);
    await assertRejects(() => lock.acquire(true, TIMEOUT_MAX * 2), RangeError);
    await assertRejects(
      () => lock.acquire("yes" as unknown as boolean),
      TypeError,
    );
    await assertRejects(
      () => lock.acquire(true, null as unknown as number),
      TypeError,
    );
    assertFalse(lock.locked());
  }
});

Deno.test("hold() holds it for a block", async () => {
  for (const lock of [allocate_lock(), new RLock()]) {
    {
      using _held = await lock.hold();
      assert(lock.locked());
    }
    assertFalse(lock.locked());
    await assertRejects(async () => {
      using _held = await lock.hold();
      throw new Error("thrown inside");
    }, "thrown inside");
    assertFalse(lock.locked());
    // What was given back once is somebody else's.
    const held = await lock.hold();
    held[Symbol.dispose]();
    await lock.acquire();
    held[Symbol.dispose]();
    assert(lock.locked());
    lock.release();
  }
});

// RLock

Deno.test("the holder takes an RLock again", async () => {
  const lock = new RLock();
  assert(await lock.acquire());
  assert(await lock.acquire(false));
  assert(await lock.acquire(true, 0));
  lock.release();
  lock.release();
  assert(lock.locked());
  assertFalse(await runAs(newIdent(), () => lock.acquire(false)));
  lock.release();
  assertFalse(lock.locked());
  assertThrows(
    () => lock.release(),
    RuntimeError,
    "cannot release un-acquired lock",
  );
  assert(await runAs(newIdent(), () => lock.acquire(false)));
  assertFalse(await lock.acquire(false));
  assertThrows(() => lock.release(), RuntimeError);
});

Deno.test("the ident goes along with what a thread awaits", async () => {
  const [main, one, two] = [get_ident(), newIdent(), newIdent()];
  const lock = new RLock();
  await Promise.all([one, two].map((ident) =>
    runAs(ident, async () => {
      for (let i = 0; i < 3; i++) {
        using _outer = await lock.hold();
        using _inner = await lock.hold();
        await new Promise((resolve) => setTimeout(resolve, 0));
        assertEquals(get_ident(), ident);
      }
    })
  ));
  assertEquals(get_ident(), main);
  assertFalse(lock.locked());
});

Deno.test("idents are safe integers, and differ", () => {
  const idents = Array.from({ length: 1000 }, newIdent);
  assertEquals(new Set(idents).size, 1000);
  for (const ident of idents) {
    assert(Number.isSafeInteger(ident) && ident > 0, String(ident));
  }
});

// Several isolates

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
  // The worker's threads are told apart as those of different workers are.
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

Deno.test("a thread that dies waiting holds up nobody", async () => {
  // Where it is killed in the moment it gets the lock, it takes that along.
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

/** What a lock does, in the simplest words. */
class Model {
  readonly queue: number[] = [];
  readonly #depth: boolean;
  holder: number | null = null;
  count = 0;

  constructor(depth: boolean) {
    this.#depth = depth;
  }

  /** Whether it is got at once; if not, it is waited for. */
  acquire(who: number, waits: boolean): boolean {
    if (this.holder === null || this.#depth && this.holder === who) {
      this.holder = who;
      this.count++;
      return true;
    }
    if (waits) this.queue.push(who);
    return false;
  }

  /** Who has it now, if that changed; an error if it can't be released. */
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

Deno.test("locks do what the model does, over three isolates", async () => {
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
            outcome: outcome(() => runAs(idents[who], () => call(...args))),
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

// The process

/** What a program prints that runs in a process of its own. */
async function run(program: string): Promise<string> {
  const thread = new URL("../thread/", import.meta.url).href;
  const code = program.replaceAll("THREAD/", thread);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      `data:text/typescript,${encodeURIComponent(code)}`,
    ],
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return text(stdout) + text(stderr);
}

Deno.test("a process doesn't end while it waits for a lock", async () => {
  assertEquals(
    await run(`
      import { allocate_lock } from "THREAD/lock.ts";
      const lock = allocate_lock();
      await lock.acquire();
      setTimeout(() => lock.release(), 10);
      console.log(await lock.acquire());
      console.log(await lock.acquire(true, 0.01));
    `),
    "true\nfalse\n",
  );
});
