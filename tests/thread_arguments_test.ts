import {
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { errno, thread } from "../mod.ts";
import { throws } from "./raises.ts";
import { checkCallable } from "../thread/function.ts";
import { test } from "./cases.ts";
import { all, here, pair, testThreads } from "./thread_cases.ts";
import * as threads from "./threads.ts";
import { text } from "./traffic.ts";

const { start_new_thread } = thread;

testThreads(
  "an argument that can't be sent is named, and nothing has moved",
  async () => {
    const [client, conn] = await pair();
    using _ = client;
    using __ = conn;
    const cases: [unknown[], string][] = [
      [[conn, { handler: () => {} }], "args[1].handler: a function"],
      [
        [conn, new Map([["key", [Symbol()]]])],
        'args[1].get("key")[0]: a symbol',
      ],
      [[conn, new Set([Promise.resolve()])], "in args[1]: Promise"],
    ];
    for (const [args, message] of cases) {
      const error = assertThrows(
        () => start_new_thread(threads.echo, args as never, null, here),
        TypeError,
      );
      assertStringIncludes(error.message, message);
    }
    const pending = conn.recv(1);
    const error = assertThrows(
      () => start_new_thread(threads.echo, [[conn]] as never, null, here),
      TypeError,
    );
    assertEquals(
      error.message,
      "args[0][0]: Socket is in use by a call that waits",
    );
    await client.sendall("x");
    assertEquals(text(await pending), "x");
    conn.close();
    throws(
      errno.EBADF,
      () => start_new_thread(threads.echo, [conn], null, here),
    );
  },
);

testThreads("wrong arguments are TypeErrors", async () => {
  const start = start_new_thread as (...args: unknown[]) => number;
  for (
    const [args, message] of [
      [[1], "first arg must be callable"],
      [[threads.echo, 1], "2nd arg must be an array"],
      [[threads.echo, [], 1], "3rd arg must be a plain object"],
      [[threads.echo, [], []], "3rd arg must be a plain object, not Array"],
      [[threads.echo, [], new Map()], "plain object, not Map"],
      [[threads.echo, [], new Date()], "plain object, not Date"],
      [[threads.echo, [], null, []], "options must be a plain object"],
      [[threads.echo, [], null, "x"], "options must be a plain object"],
      [[() => {}], "one without a name"],
      [
        [Object.defineProperty(() => {}, "name", { value: 1 })],
        "without a name",
      ],
      [[threads.echo.bind(null)], "not a bound function"],
      [[new Proxy(threads.echo, {})], "not a built-in function"],
      [[console.log], "not a built-in function"],
      [[Math.max], "not a built-in function"],
      [[thread.allocate_lock().acquire], "not a method"],
      [[{ serve() {} }.serve], "not a method"],
      [[{ async serve() {} }.serve], "not a method"],
      [[{ *[Symbol.iterator]() {} }[Symbol.iterator]], "not a method"],
      [[class Server {}], "not a class"],
    ] as const
  ) {
    const error = assertThrows(() => start(...args), TypeError);
    assertStringIncludes(error.message, message);
  }
  await null;
});

test("functions of all kinds can be started", () => {
  const callables = {
    async arrow() {},
    one: (_: unknown) => {},
    two: async (_: unknown) => await null,
    three: async function () {},
    four: function* () {},
    five: async function* () {},
  };
  const { arrow, ...others } = callables;
  assertThrows(() => checkCallable(arrow), TypeError, "a method");
  for (const each of Object.values(others)) checkCallable(each);
  const texts = ["x => x", "async x => x", "$a=>1", "async(x) => x"];
  for (const text of texts) {
    checkCallable(new Function(`const named = ${text}; return named;`)());
  }
});

testThreads(
  "a socket in an object that can't be sent isn't taken",
  async () => {
    const [client, conn] = await pair();
    using _ = client;
    using __ = conn;
    class Tagged {
      conn = conn;
      get [Symbol.toStringTag]() {
        return "Tagged";
      }
    }
    const file = conn.makefile("rb");
    const cases: [unknown, string][] = [
      [new Tagged(), "args[1].conn: Socket in Tagged"],
      [new Error("e", { cause: { list: [conn] } }), "args[1].cause.list[0]"],
      [[file], "args[1][0]: BufferedIO"],
      [{ "a b": new WeakMap() }, 'args[1]["a b"]: WeakMap'],
      [function* () {}(), "args[1]: Generator"],
    ];
    for (const [arg, message] of cases) {
      const error = assertThrows(
        () => start_new_thread(threads.say, [conn, arg], null, here),
        TypeError,
      );
      assertStringIncludes(error.message, message);
      assertStringIncludes(error.message, "can't be given to a thread");
    }
    await file.close();
    await client.sendall("x");
    assertEquals(text(await conn.recv(1)), "x");
  },
);

testThreads("arrays keep their other properties", async () => {
  const [client, conn] = await pair();
  using _ = client;
  const list = Object.assign([1, 2], { extra: "three" });
  start_new_thread(threads.entries, [conn, list], null, here);
  assertEquals(JSON.parse(await all(client)), [
    ["0", 1],
    ["1", 2],
    ["extra", "three"],
  ]);
});

testThreads("arguments arrive as they are, and the ident holds", async () => {
  const [client, conn] = await pair();
  using _ = client;
  const ident = start_new_thread(
    threads.say,
    [conn, 1, "two", [3], null],
    { four: 4 },
    here,
  );
  assertEquals(
    JSON.parse(await all(client)),
    [[1, "two", [3], null, { four: 4 }], ident],
  );
  assertNotEquals(ident, thread.get_ident());
});

testThreads("the module has to be a whole URL", async () => {
  for (const module of ["./threads.ts", "../threads.ts", "/threads.ts"]) {
    const error = assertThrows(
      () => start_new_thread(threads.compute, [0], null, { module }),
      TypeError,
    );
    assertStringIncludes(
      error.message,
      `new URL("${module}", import.meta.url)`,
    );
  }
  assertThrows(
    () => start_new_thread(threads.compute, [0], null, { module: 1 as never }),
    TypeError,
  );
  assertThrows(() => start_new_thread(() => {}, [], null, null), TypeError);
  await null;
});
