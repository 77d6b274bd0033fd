import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { allocate_lock } from "../thread/lock.ts";
import { Queue } from "../thread/queue.ts";
import { call, type Outcome, Party } from "./party.ts";

/** A queue in the simplest words. */
class Model {
  readonly items: number[] = [];
  readonly getters: number[] = [];
  readonly putters: [who: number, item: number][] = [];
  readonly maxsize: number;

  constructor(maxsize: number) {
    this.maxsize = maxsize;
  }

  /** The calls that this serves, with their results; none if it waits. */
  put(who: number, item: number): [number, unknown][] {
    if (this.getters.length > 0) {
      return [[who, undefined], [this.getters.shift()!, item]];
    }
    if (this.items.length < this.maxsize) {
      this.items.push(item);
      return [[who, undefined]];
    }
    this.putters.push([who, item]);
    return [];
  }

  get(who: number): [number, unknown][] {
    if (this.items.length === 0) {
      this.getters.push(who);
      return [];
    }
    const served: [number, unknown][] = [[who, this.items.shift()]];
    if (this.putters.length > 0) {
      const [putter, item] = this.putters.shift()!;
      this.items.push(item);
      served.push([putter, undefined]);
    }
    return served;
  }
}

Deno.test("queues follow the model, over three isolates", async () => {
  using one = new Party();
  using two = new Party();
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      fc.array(
        fc.record({ who: fc.nat(8), puts: fc.boolean(), locks: fc.boolean() }),
        { minLength: 1, maxLength: 40 },
      ),
      async (maxsize, there, steps) => {
        const model = new Model(maxsize);
        if (there) await one.make("queue", "Queue", maxsize);
        else await one.give("queue", new Queue(maxsize));
        const queue = await one.take("queue") as Queue;
        await two.give("queue", queue);
        const waiting = new Map<number, Promise<Outcome>>();
        for (const [number, { who, puts, locks }] of steps.entries()) {
          if (waiting.has(who)) continue;
          // Movable items take another path, with the same result.
          const item = locks ? [number, allocate_lock()] : [number];
          const [method, args] = puts ? ["put", [item, true, 20]] : ["get", []];
          const where = [queue, one, two][who % 3];
          const outcome = where instanceof Party
            ? (await where.begin("queue", method as string, args as [])).outcome
            : call(queue, method as string, args as []);
          waiting.set(who, outcome);
          const served = puts ? model.put(who, number) : model.get(who);
          for (const [who, value] of served) {
            const result = await waiting.get(who)! as { value: unknown[] };
            assertEquals(result.value?.[0], value);
            waiting.delete(who);
          }
          assertEquals(queue.qsize(), model.items.length);
        }
        queue.shutdown(true);
        for (const outcome of waiting.values()) {
          assertEquals(await outcome, { error: "ShutDown" });
        }
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("each item is got once, whichever threads put and get", async () => {
  using one = new Party();
  using two = new Party();
  const queue = new Queue<number>(5);
  await Promise.all([one.give("queue", queue), two.give("queue", queue)]);
  const places = [queue, one, two];
  const puts = Array.from(
    { length: 300 },
    (_, i) => call(places[i % 3]!, "put", [i, true, 20]),
  );
  // Some give up, in the moment in which they get something perhaps.
  const gets = Array.from(
    { length: 400 },
    (_, i) =>
      call(places[(i + 1) % 3]!, "get", [true, i % 4 === 0 ? 0.001 : 20]),
  );
  await Promise.all(puts);
  queue.shutdown();
  const items: unknown[] = [];
  for (const result of await Promise.all(gets)) {
    if ("value" in result) items.push(result.value);
    else assert(["Empty", "ShutDown"].includes(result.error), result.error);
  }
  assertEquals(items.length, 300);
  assertEquals(new Set(items).size, 300);
  assert(queue.empty());
});
