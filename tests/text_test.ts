import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Movable,
  onArrival,
  type ThreadLink,
  transfer,
} from "../socket/link/transfer.ts";
import { Inspection, PLACEHOLDER } from "../socket/link/inspect.ts";
import {
  copyOf,
  type Packed,
  Packing,
  Unpacking,
} from "../socket/link/packing.ts";
import { decode, encode } from "../socket/link/json.ts";

/** Values that structured clone takes, some of which JSON doesn't keep. */
const values = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});

/** A value as JSON, if it is fit for that. */
function jsonOf(value: unknown): Uint8Array | null {
  return new Inspection(value, "value").isJson ? encode(value) : null;
}

Deno.test("a value sent as JSON arrives unchanged", () => {
  let sent = 0;
  fc.assert(
    fc.property(fc.oneof(values, fc.jsonValue()), (value) => {
      const json = jsonOf(value);
      if (json === null) return;
      sent++;
      assertEquals(decode(json), structuredClone(value));
    }),
    { numRuns: 2000 },
  );
  if (sent < 500) throw new Error(`only ${sent} of 2000 were fit for JSON`);
});

Deno.test("a value that JSON would change isn't sent as JSON", () => {
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
      // It could be mistaken for a placeholder.
      { [PLACEHOLDER]: 0 },
    ]
  ) {
    assertEquals(jsonOf(value), null);
  }
});

/** Something that moves, and arrives as another one with the same message. */
class Mover implements Movable {
  readonly message: unknown;
  constructor(message: unknown) {
    this.message = message;
  }
  [transfer]() {
    return { kind: "mover", message: this.message };
  }
}

onArrival("mover", (message) => new Mover(message));

/** The value that arrives at the other end. */
function move(value: unknown): { arrived: unknown; json: boolean } {
  const link = {} as ThreadLink;
  const packing = new Packing(link);
  const { packed, isJson: json } = packing.packAll(
    new Inspection(value, "value"),
  );
  const sent = json ? decode(encode(packed)) : structuredClone(packed);
  const message = sent as Packed;
  const arrived = new Unpacking(message, link).unpackAll(message[0]);
  return { arrived, json };
}

Deno.test("a movable object that is met several times arrives as one", () => {
  for (const more of [[], [undefined], [new Map()]]) {
    const [a, b] = [new Mover(1), new Mover([2])];
    const { arrived, json } = move([a, { b, again: a }, [b], ...more]);
    assertEquals(json, more.length === 0);
    // deno-lint-ignore no-explicit-any
    const [first, second, [third]] = arrived as any;
    assertStrictEquals(second.again, first);
    assertStrictEquals(second.b, third);
    assertEquals([first.message, third.message], [1, [2]]);
  }
});

Deno.test("the value around a movable object arrives as from structured clone", () => {
  const keyed = JSON.parse('{"__proto__": 1, "a": 2}');
  fc.assert(
    fc.property(fc.oneof(values, fc.constant(keyed)), (value) => {
      const { arrived } = move([new Mover(0), value, value]);
      const [mover, one, other] = arrived as unknown[];
      assert(mover instanceof Mover);
      assertEquals(one, structuredClone(value));
      if (typeof value === "object") assertStrictEquals(other, one);
    }),
    { numRuns: 500 },
  );
  const mover = new Mover(0);
  const loop: Record<string, unknown> = { mover, bytes: new Uint8Array(2) };
  loop.map = new Map<unknown, unknown>([[mover, loop], [
    "set",
    new Set([mover]),
  ]]);
  const { arrived } = move(loop);
  const back = arrived as typeof loop & { map: Map<unknown, unknown> };
  assertStrictEquals(back.map.get(back.mover), back);
  assertEquals([...back.map.get("set") as Set<unknown>], [back.mover]);
  assertEquals(back.bytes, new Uint8Array(2));
});

Deno.test("proxies are copied by their contents", () => {
  const target = { list: [1, { deep: true }], map: new Map([["a", [1]]]) };
  const proxied = new Proxy(
    { ...target, list: new Proxy(target.list, {}) },
    {},
  );
  assertEquals(structuredClone(copyOf(proxied, () => undefined)), target);
});
