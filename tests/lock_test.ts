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
import { TIMEOUT_MAX } from "../thread/timeout.ts";
import { RuntimeError } from "../thread/errors.ts";
import { get_ident, newIdent, runAs } from "../thread/current.ts";
import { allocate_lock } from "../thread/lock.ts";
import { RLock } from "../thread/rlock.ts";
import { hasPython, python } from "./oracle.ts";
import { outcome, waits } from "./party.ts";

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

Deno.test("waiters get a lock in the order of their calls", async () => {
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
    // No other call can take the lock in between.
    assertFalse(await runAs(newIdent(), () => lock.acquire(false)));
    await Promise.all(all);
    assertEquals(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assertFalse(lock.locked());
  }
});

Deno.test("a time-out ends only its own wait", async () => {
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

Deno.test("a lock released after a time-out is free", async () => {
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
      const result = expected[i]![j];
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
    // A lock that was released once belongs to another holder.
    const held = await lock.hold();
    held[Symbol.dispose]();
    await lock.acquire();
    held[Symbol.dispose]();
    assert(lock.locked());
    lock.release();
  }
});

Deno.test("calls of one thread don't exclude each other in an RLock", async () => {
  const lock = new RLock();
  assertEquals(
    await Promise.all([lock.acquire(), lock.acquire(), lock.acquire(false)]),
    [true, true, true],
  );
  for (let times = 0; times < 3; times++) {
    assert(lock.locked());
    lock.release();
  }
  assertFalse(lock.locked());
  await runAs(1, () => lock.acquire());
  const both = Promise.all([lock.acquire(), lock.acquire(true, 60)]);
  assertFalse(await lock.acquire(true, 0.01));
  assertFalse(await lock.acquire(false));
  runAs(1, () => lock.release());
  assertEquals(await both, [true, true]);
  lock.release();
  lock.release();
  assertFalse(lock.locked());
});

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

Deno.test("the ident holds in all that a thread awaits", async () => {
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
