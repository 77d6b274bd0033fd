import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { PriorityQueue, type Queue, SimpleQueue } from "../thread/queue.ts";
import { hasPython, python } from "./oracle.ts";
import { call, Party } from "./party.ts";
import { classes, kinds } from "./party_worker.ts";

const QUEUES = `
import json, queue, sys
from queue import Queue, LifoQueue, PriorityQueue, SimpleQueue

def key(item): return tuple(map(key, item)) if isinstance(item, list) else item

def outcome(call):
    try: return ["value", call()]
    except Exception as error: return ["error", type(error).__name__]

def run(kind, maxsize, steps):
    q = globals()[kind]() if kind == "SimpleQueue" else globals()[kind](maxsize)
    results = []
    for name, *args in steps:
        args = [key(arg) for arg in args]
        results.append(outcome(lambda: getattr(q, name)(*args)))
        if hasattr(q, "full"): results.append([q.qsize(), q.empty(), q.full()])
    return results

print(json.dumps([run(*case) for case in json.load(sys.stdin)]))`;

/** The names of Python's errors here. */
const NAMES: Record<string, string> = {
  ValueError: "RangeError",
  AttributeError: "TypeError",
};

const item = fc.tuple(
  fc.integer({ min: 0, max: 3 }),
  fc.string({ maxLength: 2 }),
);

const step = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant("put_nowait"), item) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<[string, ...unknown[]]>(
      ["get_nowait"],
      ["get", true, 0],
      ["get", false, -1],
      ["put", [1], true, 0],
      ["put", [1], true, -1],
      ["get", true, -1],
      ["get", true, "1"],
    ),
  },
  { weight: 2, arbitrary: fc.constant<[string]>(["task_done"]) },
);

Deno.test("queues follow Python's, here and in another isolate", {
  ignore: !hasPython,
}, async () => {
  const cases = fc.sample(
    fc.tuple(
      fc.constantFrom(...kinds),
      fc.integer({ min: -1, max: 4 }),
      fc.array(step, { maxLength: 30 }),
    ),
    150,
  );
  const expected = await python<unknown[][][]>(QUEUES, cases);
  using there = new Party();
  for (const [i, [kind, maxsize, steps]] of cases.entries()) {
    for (const remote of [false, true]) {
      // Some of those there were made there.
      const queue = kind === "SimpleQueue"
        ? new SimpleQueue()
        : new classes[kind](maxsize);
      const where = remote ? there : queue as Queue;
      if (remote && i % 2 === 0) await there.give("queue", queue);
      else if (remote) await there.make("queue", kind, maxsize);
      const results: unknown[][] = [];
      for (const [name, ...args] of steps) {
        const result = await call(where, name as string, args);
        results.push(
          "error" in result
            ? ["error", result.error]
            : ["value", result.value ?? null],
        );
        if (kind === "SimpleQueue") continue;
        const told = [];
        for (const name of ["qsize", "empty", "full"]) {
          const result = await call(where, name) as { value: unknown };
          told.push(result.value);
        }
        results.push(told);
      }
      const wanted = expected[i]!.map(([what, value, ...more]) =>
        what === "error"
          ? [what, NAMES[value as string] ?? value]
          : [what, value, ...more]
      );
      assertEquals([kind, maxsize, steps, results], [
        kind,
        maxsize,
        steps,
        wanted,
      ]);
    }
  }
});

Deno.test("items come in the order of Python's heap", {
  ignore: !hasPython,
}, async () => {
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 2 },
      fc.constantFrom<unknown>(0, 1, 2, true, false, 1.5, -1),
      fc.array(tie("tree"), { maxLength: 3 }),
    ),
  }));
  const text = fc.string({
    unit: fc.constantFrom("a", "\ue000", "😀", "\uffff"),
  });
  // Items that are equal in Python are distinguished by their type here.
  const equals = fc.constantFrom<unknown>(0, 1, true, false);
  const batches: unknown[][] = [
    ...fc.sample(fc.array(tree, { maxLength: 20 }), 150),
    ...fc.sample(fc.array(text, { maxLength: 20 }), 50),
    ...fc.sample(fc.array(equals, { maxLength: 20 }), 50),
    ...fc.sample(fc.array(fc.tuple(equals, text)), 50),
  ];
  const cases = batches.map((items) => [
    "PriorityQueue",
    0,
    [
      ...items.map((item) => ["put_nowait", item]),
      ...items.map(() => ["get_nowait"]),
    ],
  ]);
  const expected = await python<unknown[][][]>(QUEUES, cases);
  for (const [i, items] of batches.entries()) {
    // Python leaves an item in the queue that it couldn't compare.
    if (expected[i]!.some(([what]) => what === "error")) continue;
    const queue = new PriorityQueue();
    for (const item of items) await queue.put(item);
    const results = [];
    for (const _ of items) results.push(await queue.get_nowait());
    const gets = expected[i]!.slice(2 * items.length);
    assertEquals(results, gets.filter((_, j) => j % 2 === 0).map(([, v]) => v));
  }
});
