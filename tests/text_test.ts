import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { decode, encode, Place } from "../thread/text.ts";
import { some } from "./some.ts";

/** What structured clone takes, and some of it JSON doesn't. */
const values = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});

Deno.test("what can be told as text comes back as it was", () => {
  let told = 0;
  fc.assert(
    fc.property(fc.oneof(values, fc.jsonValue()), (value) => {
      const text = encode(value);
      if (text === null) return;
      told++;
      assertEquals(decode(text), structuredClone(value));
    }),
    { numRuns: 2000 },
  );
  if (told < 500) throw new Error(`only ${told} of 2000 could be told`);
});

Deno.test("what a text would lose or change isn't told as one", () => {
  const shared = { a: 1 };
  const loop: unknown[] = [];
  loop.push(loop);
  for (
    const value of [
      undefined,
      [undefined],
      { a: undefined },
      NaN,
      Infinity,
      -0,
      1n,
      new Date(),
      new Map(),
      new Uint8Array(1),
      [, 1],
      [shared, shared],
      loop,
      { toJSON: 1 },
      Object.create({ inherited: 1 }),
      new Error("a"),
      "long".repeat(10_000),
      Array(5000).fill([]),
    ]
  ) {
    assertEquals(encode(value), null);
  }
});

Deno.test("a place is one object, wherever it is met", () => {
  const [a, b] = [new Place(0), new Place(1)];
  const text = encode([a, { b, again: a }, [b]])!;
  // deno-lint-ignore no-explicit-any
  const [first, second, [third]] = decode(text) as any;
  assertStrictEquals(second.again, first);
  assertStrictEquals(second.b, third);
  assertEquals(first === third, false);
  // No other object can be taken for one.
  assertEquals(encode({ [some(Object.keys(a.toJSON()))[0]]: 0 }), null);
});
