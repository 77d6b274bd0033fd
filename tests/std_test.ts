// The assertions that all tests rest on must be able to fail. This holds for
// the real library as well as for the stand-in.
import * as std from "@std/assert";
import { getAvailablePort } from "@std/net";
import { equal, ok, rejects, throws } from "node:assert/strict";

const { AssertionError } = std;

function passes(...checks: (() => unknown)[]): void {
  for (const check of checks) check();
}

function fails(...checks: (() => unknown)[]): void {
  for (const check of checks) throws(check, AssertionError, String(check));
}

Deno.test("conditions pass and fail", () => {
  passes(() => std.assert(1), () => std.assertFalse(""));
  fails(
    () => std.assert(0),
    () => std.assertFalse(1),
    () => std.assertExists(null),
    () => std.assertExists(undefined),
    () => std.fail(),
    () => std.unreachable(),
    () => std.unimplemented(),
  );
  throws(() => std.assert(false, "words"), { message: "words" });
  passes(() => std.assertExists(0));
});

Deno.test("equality passes and fails", () => {
  const bytes = (...values: number[]) => new Uint8Array(values);
  passes(
    () =>
      std.assertEquals({ a: [1, new Map([[1, bytes(2)]])] }, {
        a: [1, new Map([[1, bytes(2)]])],
      }),
    () => std.assertEquals(NaN, NaN),
    () => std.assertNotEquals([1], [2]),
    () => std.assertStrictEquals("a", "a"),
    () => std.assertNotStrictEquals([], []),
    () => std.assert(std.equal([1], [1])),
    () => std.assertFalse(std.equal([1], [2])),
  );
  fails(
    () => std.assertEquals<unknown>([1], ["1"]),
    () => std.assertEquals(bytes(1, 2), bytes(1, 3)),
    () => std.assertEquals<unknown>(bytes(1), [1]),
    () => std.assertEquals<unknown>({ a: undefined }, {}),
    () => std.assertNotEquals([1], [1]),
    () => std.assertStrictEquals([], []),
    () => std.assertNotStrictEquals(1, 1),
  );
});

Deno.test("classes pass and fail", () => {
  passes(
    () => std.assertInstanceOf(new RangeError(), Error),
    () => std.assertNotInstanceOf(new Error(), RangeError),
    () => std.assertIsError(new RangeError("some words"), RangeError, "word"),
    () => std.assertIsError(new RangeError("some words"), RangeError, /s$/),
  );
  fails(
    () => std.assertInstanceOf(new Error(), RangeError),
    () => std.assertInstanceOf(null, Object),
    () => std.assertNotInstanceOf(new RangeError(), Error),
    () => std.assertIsError({}),
    () => std.assertIsError(new Error(), RangeError),
    () => std.assertIsError(new Error("a"), Error, "b"),
    () => std.assertIsError(new Error("a"), Error, /b/),
  );
});

Deno.test("assertThrows() passes, fails and returns the error", () => {
  const error = new RangeError("words");
  const fn = () => {
    throw error;
  };
  equal(std.assertThrows(fn), error);
  equal(std.assertThrows(fn, "note"), error);
  equal(std.assertThrows(fn, RangeError, "word", "note"), error);
  fails(
    () => std.assertThrows(() => {}),
    () => std.assertThrows(() => {}, RangeError),
    () => std.assertThrows(fn, TypeError),
    () => std.assertThrows(fn, RangeError, "other"),
  );
});

Deno.test("assertRejects() passes, fails and returns the error", async () => {
  const error = new RangeError("words");
  const fn = () => Promise.reject(error);
  equal(await std.assertRejects(fn), error);
  equal(await std.assertRejects(fn, "note"), error);
  equal(await std.assertRejects(fn, RangeError, "word", "note"), error);
  for (
    const check of [
      () => std.assertRejects(() => Promise.resolve()),
      () => std.assertRejects(() => Promise.resolve(), RangeError),
      () => std.assertRejects(fn, TypeError),
      () => std.assertRejects(fn, RangeError, "other"),
      () =>
        std.assertRejects(() => {
          throw error;
        }),
    ]
  ) {
    await rejects(check, AssertionError, String(check));
  }
});

Deno.test("strings and arrays pass and fail", () => {
  passes(
    () => std.assertMatch("abc", /b/),
    () => std.assertNotMatch("abc", /x/),
    () => std.assertStringIncludes("abc", "bc"),
    () => std.assertArrayIncludes([[1], [2]], [[2]]),
  );
  fails(
    () => std.assertMatch("abc", /x/),
    () => std.assertNotMatch("abc", /b/),
    () => std.assertStringIncludes("abc", "cb"),
    () => std.assertArrayIncludes([[1], [2]], [[3]]),
  );
});

Deno.test("assertObjectMatch() passes and fails", () => {
  const circle: Record<string, unknown> = { a: 1 };
  circle.self = circle;
  const other: Record<string, unknown> = { a: 1 };
  other.self = other;
  const value = {
    list: [{ a: 1, b: 2 }, 3],
    map: new Map([["k", { a: 1, b: 2 }]]),
    set: new Set([1, 2]),
    pattern: /a/g,
    circle,
    nothing: undefined,
  };
  passes(
    () => std.assertObjectMatch(value, { list: [{ a: 1 }] }),
    () => std.assertObjectMatch(value, { map: new Map([["k", { b: 2 }]]) }),
    () => std.assertObjectMatch(value, { set: new Set([2]) }),
    () => std.assertObjectMatch(value, { pattern: /a/g }),
    () => std.assertObjectMatch(value, { circle: { self: { self: other } } }),
    () => std.assertObjectMatch(value, { nothing: undefined }),
  );
  fails(
    () => std.assertObjectMatch(value, { list: [{ a: 2 }] }),
    () => std.assertObjectMatch(value, { list: [{ a: 1 }, 3, 4] }),
    () => std.assertObjectMatch(value, { map: new Map([["x", {}]]) }),
    () => std.assertObjectMatch(value, { set: new Set([3]) }),
    () => std.assertObjectMatch(value, { pattern: /a/ }),
    () => std.assertObjectMatch(value, { circle: { self: { a: 2 } } }),
    () => std.assertObjectMatch(value, { nothing: null }),
    () => std.assertObjectMatch(value, { absent: undefined }),
  );
});

Deno.test("comparisons pass and fail", () => {
  passes(
    () => std.assertGreater(2, 1),
    () => std.assertGreaterOrEqual(1, 1),
    () => std.assertLess(1, 2),
    () => std.assertLessOrEqual(1, 1),
    () => std.assertAlmostEquals(1, 1 + 1e-9),
    () => std.assertAlmostEquals(1, 1.5, 0.5),
    () => std.assertAlmostEquals(Infinity, Infinity),
  );
  fails(
    () => std.assertGreater(1, 1),
    () => std.assertGreaterOrEqual(0, 1),
    () => std.assertLess(1, 1),
    () => std.assertLessOrEqual(2, 1),
    () => std.assertAlmostEquals(1, 1.1),
    () => std.assertAlmostEquals(1, NaN),
  );
});

Deno.test("getAvailablePort() gives a free port", () => {
  using held = Deno.listen({ port: 0 });
  const taken = held.addr.port;
  for (const options of [undefined, {}, { preferredPort: taken }]) {
    const port = getAvailablePort(options);
    ok(port > 0 && port < 65536 && port !== taken, `${port}`);
  }
});
