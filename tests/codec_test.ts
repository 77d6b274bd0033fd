import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { Decoder, Encoder } from "../socket/link/codec.ts";
import { copyOf, Packing, Unpacking } from "../socket/link/packing.ts";
import {
  type Movable,
  onArrival,
  type ThreadLink,
  transfer,
} from "../socket/link/transfer.ts";

/** Values that structured clone takes, of kinds that go as bytes and others. */
const values = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});

/** Values that go as bytes, apart from strings with lone surrogates. */
const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    fc.double(),
    fc.integer(),
    fc.string({ unit: "binary" }),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 }),
  ),
})).value;

/** Two ends: what goes in at one comes out at the other, if it goes as bytes. */
class Ends {
  readonly encoder = new Encoder();
  readonly decoder = new Decoder();

  /** The bytes of a value; `null` if it doesn't go as such. */
  encode(value: unknown): Uint8Array<ArrayBuffer> | null {
    const bytes = this.encoder.encode(() => this.encoder.write(value, () => 0));
    if (bytes) this.encoder.commit();
    return bytes;
  }

  decode(bytes: Uint8Array): unknown {
    this.decoder.begin(bytes);
    const value = this.decoder.value();
    assert(!this.decoder.more);
    return value;
  }
}

Deno.test("values sent as bytes arrive as from structured clone, one after another", () => {
  const ends = new Ends();
  let sent = 0;
  fc.assert(
    fc.property(fc.oneof(values, plain, plain), (value) => {
      const bytes = ends.encode(value);
      if (bytes === null) return;
      sent++;
      assertEquals(ends.decode(bytes), structuredClone(value));
    }),
    { numRuns: 5000 },
  );
  assert(sent > 3000, `only ${sent} of 5000 went as bytes`);
});

Deno.test("numbers keep all their bits", () => {
  const ends = new Ends();
  for (
    const value of [
      0,
      -0,
      1,
      -1,
      2 ** 31 - 1,
      2 ** 31,
      -(2 ** 31),
      -(2 ** 31) - 1,
      2 ** 53 - 1,
      0.1,
      NaN,
      Infinity,
      -Infinity,
      Number.MIN_VALUE,
    ]
  ) {
    assert(Object.is(ends.decode(ends.encode(value)!), value), String(value));
  }
});

Deno.test("a value that would arrive changed isn't sent as bytes", () => {
  const shared = { a: 1 };
  const loop: unknown[] = [];
  loop.push(loop);
  for (
    const value of [
      1n,
      Symbol.iterator,
      () => {},
      new Date(),
      new Map(),
      new Uint8Array(1),
      [, 1],
      Object.assign([1], { more: 1 }),
      Object.assign([, 1], { more: 1 }),
      [shared, shared],
      loop,
      Object.setPrototypeOf(new Date(), Object.prototype),
      {
        get a() {
          delete (this as { b?: unknown }).b;
          return 1;
        },
        b: 1,
      },
      Object.create({ inherited: 1 }),
      Object.create(null),
      new Error("a"),
      "\ud800",
      { "\ud800": 1 },
      "long".repeat(10_000),
      "ä".repeat(10_000),
      Array(5000).fill(null).map(() => []),
      Array(20_000).fill(0),
      Array(100_000).fill(0),
    ]
  ) {
    assertEquals(new Ends().encode(value), null);
  }
});

Deno.test("what wasn't sent leaves no trace in what follows", () => {
  const ends = new Ends();
  const texts = fc.string({ maxLength: 3 });
  fc.assert(
    fc.property(fc.array(texts), fc.boolean(), fc.integer(), (list, ok, at) => {
      const value: unknown[] = [...list];
      if (!ok) value.splice(at % (list.length + 1), 0, 1n);
      const bytes = ends.encode(value);
      assertEquals(bytes === null, !ok);
      if (bytes) assertEquals(ends.decode(bytes), value);
    }),
    { numRuns: 2000 },
  );
  // One that throws.
  const value = {
    new: 1,
    get fails(): never {
      throw new RangeError("no");
    },
  };
  try {
    ends.encode(value);
  } catch (error) {
    assert(error instanceof RangeError);
  }
  assertEquals(ends.decode(ends.encode({ new: 2, fails: 3 })!), {
    new: 2,
    fails: 3,
  });
});

Deno.test("a property that the prototype has a setter for arrives", () => {
  const ends = new Ends();
  const value = JSON.parse('{"__proto__": 1, "constructor": 2, "setter": 3}');
  Object.defineProperty(Object.prototype, "setter", {
    configurable: true,
    set() {
      throw new Error("called");
    },
  });
  try {
    const arrived = ends.decode(ends.encode(value)!);
    assertEquals(JSON.stringify(arrived), JSON.stringify(value));
    const { arrived: [, moved] } = move([new Mover(0), value]) as {
      arrived: unknown[];
    };
    assertEquals(JSON.stringify(moved), JSON.stringify(value));
  } finally {
    Reflect.deleteProperty(Object.prototype, "setter");
  }
});

Deno.test("a stack overflow leaves no trace in what follows", () => {
  let overflows = 0;
  for (let round = 0; round < 400; round++) {
    const ends = new Ends();
    let tries = 0;
    /** Sends a value where the stack is nearly full; whether it had room. */
    const attempt = (): boolean => {
      let value: unknown = { ["k" + tries]: "v" + tries++, last: ["one"] };
      for (let depth = round % 7; depth > 0; depth--) {
        value = { ["n" + depth]: value, z: "z" + depth };
      }
      let bytes;
      try {
        bytes = ends.encode(value);
      } catch (error) {
        assert(error instanceof RangeError);
        overflows++;
        return false;
      }
      received.push([bytes && bytes.slice(), value]);
      return true;
    };
    const received: [Uint8Array | null, unknown][] = [];
    /** Attempts it on the way back, until there was room several times. */
    const fill = (room: number, ..._frame: unknown[]): number => {
      let left = room;
      try {
        left = fill(room, ..._frame);
      } catch {
        // Here the stack was full.
      }
      return left > 0 && tries < 80 && attempt() ? left - 1 : left;
    };
    fill(5, ...Array(round % 40));
    for (const [bytes, value] of received) {
      assertEquals(ends.decode(bytes!), value);
    }
    const last = { end: "end", k0: "v0", last: "one" };
    assertEquals(ends.decode(ends.encode(last)!), last);
  }
  assert(overflows > 0);
});

Deno.test("a string goes only once", () => {
  const ends = new Ends();
  const value = { module: "file:///a/long/path/to/a/module.ts" };
  const [first, second] = [1, 2].map(() => {
    const bytes = ends.encode(value)!;
    assertEquals(ends.decode(bytes), value);
    return bytes.length;
  });
  assert(second! < first! - 30);
});

Deno.test("a getter that sends something itself", () => {
  const ends = new Ends();
  let within: unknown = 0;
  const value = {
    get a() {
      within = ends.encode({ b: "other" });
      return 1;
    },
    c: "c",
  };
  const bytes = ends.encode(value)!;
  assertEquals(within, null);
  assertEquals(ends.decode(bytes), { a: 1, c: "c" });
});

// Movable objects

/** Something that moves, and arrives as another one with the same message. */
class Mover implements Movable {
  readonly message: unknown;
  readonly parts: readonly Mover[];

  constructor(message: unknown, ...parts: Mover[]) {
    this.message = message;
    this.parts = parts;
  }

  [transfer](link: ThreadLink) {
    const parts = this.parts.map((part) => link.pack(part));
    return { kind: "mover", message: { value: this.message, parts } };
  }
}

interface MoverMessage {
  readonly value: unknown;
  readonly parts: unknown[];
}

onArrival<MoverMessage>("mover", ({ value, parts }, link) => {
  const movers = parts.map((part) => link.unpack(part) as Mover);
  return new Mover(value, ...movers);
});

/** The value that arrives at the other end. */
function move(value: unknown): { arrived: unknown; bytes: boolean } {
  const ends = new Ends();
  const there = {
    pack: (part: Movable): unknown => packing.pack(part),
  } as ThreadLink;
  const packing = new Packing(there, value, "value");
  const here = {
    unpack: (part: unknown): unknown => unpacking.unpack(part as object),
  } as ThreadLink;
  const bytes = packing.encode(ends.encoder, "topic");
  let unpacking: Unpacking;
  if (bytes) {
    ends.decoder.begin(bytes);
    assertEquals(ends.decoder.value(), "topic");
    unpacking = Unpacking.decode(here, ends.decoder);
  } else {
    unpacking = Unpacking.of(here, structuredClone(packing.packAll()));
  }
  const arrived = unpacking.unpackAll();
  assertEquals(unpacking.failure, null);
  return { arrived, bytes: bytes !== null };
}

Deno.test("a movable object that is met several times arrives as one", () => {
  for (const more of [[], [undefined], [new Map()]]) {
    const [a, b] = [new Mover(1), new Mover([2])];
    const { arrived, bytes } = move([a, { b, again: a }, [b], ...more]);
    assertEquals(bytes, !(more[0] instanceof Map));
    // deno-lint-ignore no-explicit-any
    const [first, second, [third]] = arrived as any;
    assertStrictEquals(second.again, first);
    assertStrictEquals(second.b, third);
    assertEquals([first.message, third.message], [1, [2]]);
  }
});

Deno.test("the parts of a movable object arrive as one with those beside it", () => {
  for (const more of [1, new Set([1])]) {
    const part = new Mover("part");
    const other = new Mover("other", part);
    const whole = new Mover(more, part, other);
    const { arrived, bytes } = move({ whole, list: [part, other] });
    assertEquals(bytes, more === 1);
    const back = arrived as { whole: Mover; list: [Mover, Mover] };
    const [onePart, oneOther] = back.list;
    assertEquals(
      [back.whole.message, onePart.message, oneOther.message],
      [more, "part", "other"],
    );
    assertStrictEquals(back.whole.parts[0], onePart);
    assertStrictEquals(back.whole.parts[1], oneOther);
    assertStrictEquals(oneOther.parts[0], onePart);
  }
});

Deno.test("a movable object may be the value itself", () => {
  for (const message of [1, new Date(0)]) {
    const { arrived, bytes } = move(new Mover(message));
    assertEquals(bytes, message === 1);
    assert(arrived instanceof Mover);
    assertEquals(arrived.message, message);
  }
});

Deno.test("the value around a movable object arrives as from structured clone", () => {
  const keyed = JSON.parse('{"__proto__": 1, "a": 2}');
  fc.assert(
    fc.property(fc.oneof(values, plain, fc.constant(keyed)), (value) => {
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
