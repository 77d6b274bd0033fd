import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { queue, threading } from "../mod.ts";
import { test } from "./cases.ts";
import { outcome, waits } from "./party.ts";
import { python, testWithPython } from "./peer.ts";
import { run } from "./program.ts";

const RuntimeError = threading.ThreadError;

/** Everything that a block can hold. */
const holdable = {
  Lock: () => new threading.Lock(),
  RLock: () => new threading.RLock(),
  Condition: () => new threading.Condition(new threading.Lock()),
  Semaphore: () => new threading.Semaphore(),
  BoundedSemaphore: () => new threading.BoundedSemaphore(),
};

for (const [name, make] of Object.entries(holdable)) {
  const RIGHT = "write: using _held = await lock.hold();";

  test(`using _ = a ${name} fails at once, and says what is right`, () => {
    const lock = make();
    let entered = false;
    for (const disposable of [lock, lock.hold()]) {
      assertThrows(
        () => {
          using _ = disposable as unknown as Disposable;
          entered = true;
        },
        TypeError,
        RIGHT,
      );
    }
    assertFalse(entered);
  });

  test(`a ${name} whose hold() wasn't awaited is free again`, async () => {
    const lock = make();
    await assertRejects(
      async () => {
        await using _ = lock.hold() as unknown as Disposable;
      },
      TypeError,
      RIGHT,
    );
    await assertRejects(
      async () => {
        await using _ = lock as unknown as Disposable;
      },
      TypeError,
      RIGHT,
    );
    using _held = await lock.hold();
  });

  test(`a ${name} is free behind the block that held it`, async () => {
    const lock = make();
    {
      using held = await lock.hold();
      held[Symbol.dispose]();
      // Only the first time counts.
    }
    await assertRejects(async () => {
      using _held = await lock.hold();
      throw new RangeError("from within");
    }, RangeError);
    assert(await lock.acquire(false as never));
  });
}

test("an event wakes all that wait for it", async () => {
  const event = new threading.Event();
  assertEquals([event.is_set(), event.isSet()], [false, false]);
  assertFalse(await event.wait(0));
  assertFalse(await event.wait(-1));
  assertFalse(await event.wait(0.001));
  const waiting = [event.wait(), event.wait(20)];
  assert(await waits(waiting[0]!));
  event.set();
  event.clear();
  assertEquals(await Promise.all(waiting), [true, true]);
  assertFalse(event.is_set());
  event.set();
  assert(await event.wait());
  for (const wrong of ["1", NaN, 1e10]) {
    await assertRejects(() => event.wait(wrong as never));
  }
});

test("a condition notifies those that wait longest", async () => {
  const lock = new threading.Lock();
  const cv = new threading.Condition(lock);
  const order: number[] = [];
  const wait = async (n: number) => {
    using _held = await cv.hold();
    const notified = await cv.wait();
    order.push(n);
    return notified;
  };
  const all = [1, 2, 3, 4, 5].map(wait);
  assert(await waits(Promise.race(all)));
  {
    using _held = await cv.hold();
    cv.notify(0);
    cv.notify();
    cv.notify(2);
    assert(await waits(Promise.race(all)));
    assertEquals(order, []);
  }
  await Promise.all(all.slice(0, 3));
  assertEquals(order, [1, 2, 3]);
  await cv.acquire();
  cv.notify_all();
  cv.release();
  assertEquals(await Promise.all(all), Array(5).fill(true));
  assertEquals(order, [1, 2, 3, 4, 5]);
  assertFalse(lock.locked());
});

test("a condition takes its lock again, however it goes on", async () => {
  for (const lock of [new threading.Lock(), new threading.RLock()]) {
    const cv = new threading.Condition(lock);
    await assertRejects(
      () => cv.wait(),
      RuntimeError,
      "cannot wait on un-acquired lock",
    );
    assertThrows(
      () => cv.notify(),
      RuntimeError,
      "cannot notify on un-acquired lock",
    );
    await cv.acquire();
    assertFalse(await cv.wait(0.001));
    assertFalse(await cv.wait(0));
    assert(lock.locked());
    let asked = 0;
    assertFalse(await cv.wait_for(() => ++asked > 3, 0));
    assertEquals(asked, 2);
    assertEquals(await cv.wait_for(() => "truthy", 0), "truthy");
    cv.release();
    assertFalse(lock.locked());
  }
  const rlock = new threading.RLock();
  const twice = new threading.Condition(rlock);
  await rlock.acquire();
  await rlock.acquire();
  assertFalse(await twice.wait(0.001));
  rlock.release();
  assert(rlock.locked());
  rlock.release();
  assertFalse(rlock.locked());
  assertThrows(() => new threading.Condition({} as never), TypeError);
});

test("a semaphore counts", async () => {
  const semaphore = new threading.Semaphore(2);
  assert(await semaphore.acquire());
  assert(await semaphore.acquire(false));
  assertFalse(await semaphore.acquire(false));
  assertFalse(await semaphore.acquire(true, 0.001));
  assertFalse(await semaphore.acquire(true, -1));
  const waiting = [semaphore.acquire(), semaphore.acquire(true, 20)];
  assert(await waits(Promise.race(waiting)));
  semaphore.release(3);
  assertEquals(await Promise.all(waiting), [true, true]);
  assert(await semaphore.acquire(false));
  assertFalse(await semaphore.acquire(false));
  for (const wrong of [1.5, "1", null, {}, [2]] as never[]) {
    assertThrows(() => new threading.Semaphore(wrong), TypeError);
    assertThrows(() => new threading.BoundedSemaphore(wrong), TypeError);
  }
  // It couldn't be told from a Semaphore.
  assertThrows(() => new threading.BoundedSemaphore(2 ** 31 - 1), RangeError);
});

test("a barrier lets all go on together", async () => {
  let actions = 0;
  const barrier = new threading.Barrier(3, () => actions++);
  assertEquals([barrier.parties, barrier.n_waiting], [3, 0]);
  for (let round = 1; round <= 3; round++) {
    const two = [barrier.wait(), barrier.wait()];
    // Each takes the barrier's lock first, which may take a moment.
    while (barrier.n_waiting < 2) assert(await waits(Promise.race(two)));
    assertEquals([barrier.n_waiting, actions], [2, round - 1]);
    const places = await Promise.all([...two, barrier.wait()]);
    assertEquals(places.toSorted(), [0, 1, 2]);
    assertEquals([barrier.n_waiting, actions], [0, round]);
  }
});

test("a barrier breaks for all, until it is reset", async () => {
  const broken = { error: "BrokenBarrierError" };
  const barrier = new threading.Barrier(2, null, 20);
  for (const end of ["abort", "reset", "timeout"] as const) {
    const waiting = outcome(() =>
      barrier.wait(end === "timeout" ? 0.001 : null)
    );
    if (end !== "timeout") {
      assert(await waits(waiting));
      await barrier[end]();
    }
    assertEquals(await waiting, broken);
    assertEquals(barrier.broken, end !== "reset");
    if (barrier.broken) {
      assertEquals(await outcome(() => barrier.wait()), broken);
    }
    await barrier.reset();
    const places = await Promise.all([barrier.wait(), barrier.wait()]);
    assertEquals(places.toSorted(), [0, 1]);
  }
  const failing = new threading.Barrier(1, () => {
    throw new EvalError("from the action");
  });
  await assertRejects(() => failing.wait(), EvalError);
  assert(failing.broken);
});

testWithPython("errors have Python's words", async () => {
  const program = `
import threading
def told(f):
    try: f()
    except Exception as e: say(e)
told(lambda: threading.Semaphore(-1))
told(lambda: threading.Semaphore().release(0))
told(lambda: threading.Semaphore().acquire(False, 1))
told(lambda: threading.BoundedSemaphore(2).release())
told(lambda: threading.Condition().wait())
told(lambda: threading.Condition().notify())
told(lambda: threading.Thread().join())
told(lambda: threading.current_thread().join())
told(lambda: setattr(threading.main_thread(), 'daemon', True))
`;
  await using theirs = python(program);
  const words: string[] = [];
  for (
    const failing of [
      () => new threading.Semaphore(-1),
      () => new threading.Semaphore().release(0),
      () => new threading.Semaphore().acquire(false, 1),
      () => new threading.BoundedSemaphore(2).release(),
      () => new threading.Condition().wait(),
      () => new threading.Condition().notify(),
      () => new threading.Thread().join(),
      () => threading.current_thread().join(),
      () => threading.main_thread().daemon = true,
    ]
  ) {
    try {
      await failing();
    } catch (error) {
      words.push(`${(error as Error).message}\n`);
    }
  }
  assertEquals(words.join(""), await theirs.rest());
});

test("queue has the classes of thread", async () => {
  const { thread } = await import("../mod.ts");
  for (const name of Object.keys(queue) as (keyof typeof queue)[]) {
    assertStrictEquals(queue[name], thread[name]);
  }
  assertEquals(Object.keys(queue).toSorted(), [
    ...["Empty", "Full", "LifoQueue", "PriorityQueue", "Queue", "ShutDown"],
    "SimpleQueue",
  ]);
});

test("a process doesn't end while it waits", async () => {
  assertEquals(
    await run(`
      import * as threading from "ROOT/thread/threading.ts";
      const event = new threading.Event();
      const later = (f) => Deno.unrefTimer(setTimeout(f, 20));
      later(() => event.set());
      console.log(await event.wait());
      const seats = new threading.Semaphore(0);
      later(() => seats.release());
      console.log(await seats.acquire());
      const cv = new threading.Condition();
      await cv.acquire();
      console.log(await cv.wait(0.001));
      later(async () => {
        await cv.acquire();
        cv.notify();
        cv.release();
      });
      console.log(await cv.wait());
    `),
    "true\ntrue\nfalse\ntrue\n",
  );
});
