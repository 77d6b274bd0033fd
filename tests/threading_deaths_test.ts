import {
  assert,
  assertEquals,
  assertFalse,
  assertLess,
  assertStrictEquals,
} from "@std/assert";
import { newIdent } from "../thread/current.ts";
import { threading } from "../mod.ts";
import { outcome, Party } from "./party.ts";

const objects = {
  condition: () => new threading.Condition(new threading.Lock()),
  event: () => new threading.Event(),
  semaphore: () => new threading.Semaphore(1),
  bounded: () => new threading.BoundedSemaphore(1),
  barrier: () => new threading.Barrier(2),
};

for (const [kind, make] of Object.entries(objects)) {
  Deno.test(`a ${kind} given to a thread is the same one`, async () => {
    using there = new Party();
    const object = make();
    await there.give("a", object);
    await there.give("b", object);
    await there.give("other", make());
    assert(await there.same("a", "b"));
    assertFalse(await there.same("a", "other"));
    assertStrictEquals(await there.take("a"), object);
  });
}

Deno.test("a condition's lock belongs to the thread that took it", async () => {
  using there = new Party();
  const condition = new threading.Condition();
  const [one, two] = [newIdent(), newIdent()];
  await there.give("cv", condition);
  const take = await there.call("cv", "acquire", [], one);
  assertEquals(take, { value: true });
  const waiting = await there.begin("cv", "wait", [20], one);
  assertEquals(await there.call("cv", "notify", [], two), {
    error: "RuntimeError",
  });
  await condition.acquire();
  condition.notify();
  condition.release();
  assertEquals(await waiting.outcome, { value: true });
  assertEquals(await there.call("cv", "release", [], one), {
    value: undefined,
  });
});

Deno.test("events, semaphores and barriers work from worker to worker", async () => {
  using there = new Party();
  const event = new threading.Event();
  const seats = new threading.Semaphore(0);
  const barrier = new threading.Barrier(2);
  await there.give("event", event);
  await there.give("seats", seats);
  await there.give("barrier", barrier);
  const waiting = await there.begin("event", "wait");
  event.set();
  assertEquals(await waiting.outcome, { value: true });
  const seated = await there.begin("seats", "acquire");
  seats.release();
  assertEquals(await seated.outcome, { value: true });
  const mine = barrier.wait();
  const theirs = await there.call("barrier", "wait") as { value: number };
  assertEquals([await mine, theirs.value].toSorted(), [0, 1]);
  const breaking = outcome(() => barrier.wait());
  await there.call("barrier", "abort");
  assertEquals(await breaking, { error: "BrokenBarrierError" });
});

/**
 * Whether a wake-up reaches this thread though another worker, which waited
 * before it, was killed: not if it was killed as it was woken.
 */
async function survives(
  object: unknown,
  method: string,
  wait: () => Promise<boolean>,
  wake: () => unknown,
  pause: number,
): Promise<boolean> {
  const there = new Party();
  await there.give("object", object);
  await there.begin("object", method, []);
  const mine = wait();
  there.kill();
  await new Promise((resolve) => setTimeout(resolve, pause));
  await wake();
  return await mine;
}

Deno.test("a thread that dies waiting takes no later wake-up along", async () => {
  for (let tries = 0;; tries++) {
    const seats = new threading.Semaphore(0);
    const free = await survives(
      seats,
      "acquire",
      () => seats.acquire(true, 0.5),
      () => seats.release(),
      10 * tries,
    );
    const cv = new threading.Condition(new threading.Lock());
    await cv.acquire();
    const notified = await survives(
      cv,
      "wait",
      async () => {
        await cv.acquire();
        const notified = await cv.wait(0.5);
        cv.release();
        return notified;
      },
      async () => {
        await cv.acquire();
        cv.notify();
        cv.release();
      },
      10 * tries,
    );
    if (free && notified) return;
    assertLess(tries, 10);
  }
});
