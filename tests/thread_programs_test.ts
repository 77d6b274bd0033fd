import { assert, assertEquals, assertMatch } from "@std/assert";
import { socket } from "../mod.ts";
import { test } from "./cases.ts";
import { deno, withTransport } from "./peer.ts";

/** The output and the exit code of a program. */
async function run(
  name: string,
  args: readonly string[] = [],
  flags: readonly string[] = ["--allow-net=127.0.0.1", "--allow-read"],
): Promise<{ code: number; out: string; err: string }> {
  const url = new URL(`programs/${name}.ts`, import.meta.url);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--quiet"],
      ...[...withTransport(flags), url.href, ...args],
    ],
    env: { NO_COLOR: "1" },
    signal: AbortSignal.timeout(20_000),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

test("an exception is printed and ends only its thread", async () => {
  const { code, out, err } = await run("threads", ["raises"]);
  assertEquals(
    [code, out],
    [0, "the next one runs 1\n"],
  );
  assertMatch(
    err,
    /^Exception ignored in thread started by: <function raises>\nTypeError: what went wrong\n {4}at raises \(file:.*threads\.ts:8:9\)\n$/,
  );
});

test("the line that called a function of threads is shown", async () => {
  const { code, err } = await run("threads", ["releases"]);
  assertEquals(code, 0);
  assertMatch(
    err,
    /^.*<function releases>\nRuntimeError: release unlocked lock\n {4}at Lock\.release .*\n {4}at releases \(file:.*programs\/threads\.ts:\d+:\d+\)\n$/,
  );
});

test("causes and errors are shown without the callers of the thread", async () => {
  const { code, err } = await run("threads", ["raisesFrom"]);
  assertEquals(code, 0);
  assertEquals(err.match(/at raisesFrom /g)?.length, 3, err);
  assert(!err.includes("async_hooks"), err);
  assert(!err.includes("worker.ts"), err);
});

test("exit() in a callback ends nothing else", async () => {
  const { code, out, err } = await run("threads", ["exits"]);
  assertEquals([code, out, err], [0, "the next one runs 1\n", ""]);
});

test("a thread without memory ends only its worker", async () => {
  const { code, out, err } = await run("threads", ["memory"], [
    "--allow-net=127.0.0.1",
    "--allow-read",
    "--v8-flags=--max-old-space-size=100",
  ]);
  assertEquals([code, out], [0, "0\nother\nreplaced 1\n"], err);
  assertEquals(
    err,
    "MemoryError: a worker ran out of memory\n" +
      "Threads that ended with their worker: echoes, fills\n",
  );
});

for (const name of ["missing", "invalid"]) {
  test(`a module that can't be loaded (${name}) says why`, async () => {
    const { code, err } = await run("threads", [name]);
    assertEquals(code, 1);
    assertMatch(err, /error: Uncaught RuntimeError: can't start new thread/);
    assertMatch(err, /the module of the thread's function, .*can't be loaded/);
    assert(!err.includes(".."), err);
    assert(!err.includes("import.meta.main"), err);
  });
}

test("a function that isn't exported says so, and its sockets end", async () => {
  const { code, out, err } = await run("threads", ["hidden"]);
  assertEquals([code, out], [0, "0\n"]);
  assertMatch(err, /doesn't export hidden/);
  assertMatch(err, /export function hidden/);
});

test("any thrown value ends only its thread", async () => {
  const { code, out, err } = await run("threads", ["throwsOddly"]);
  assertEquals([code, out], [0, "the next one runs 1\n"], err);
  const began = "Exception ignored in thread started by: <function odd>\n";
  assertEquals(err.split(began).length - 1, 9, err);
  assertMatch(err, /its message is left/);
});

test("a module may throw anything", async () => {
  const { code, err } = await run("threads", ["throwsOddlyAtOnce"]);
  assertEquals(code, 1);
  assertMatch(
    err,
    /can't start new thread <function prints>: .*can't be shown/,
  );
});

test("threads start at once, even if their starter then blocks", async () => {
  const { code, out, err } = await run("threads", ["startsAndBlocks"]);
  assertEquals([code, out], [0, "main ran\nnested ran\ninterrupt seen\n"], err);
});

test("threads keep the program alive, idle workers don't", async () => {
  const { code, out, err } = await run("threads", ["runs"]);
  assertEquals([code, out, err], [0, "still runs 1\n", ""]);
});

test("a socket that a thread left open doesn't keep it alive", async () => {
  const url = new URL("programs/threads.ts", import.meta.url);
  await using peer = deno(
    ["--allow-net=127.0.0.1", "--allow-read"],
    url.href,
    "keeps",
  );
  const port = Number(await peer.line());
  using client = await socket.create_connection(["127.0.0.1", port]);
  await client.sendall("x");
  assertEquals(await peer.rest(), "");
});

test("interrupt_main() raises KeyboardInterrupt there", async () => {
  const { code, out } = await run("threads", ["interrupts"]);
  assertEquals([code, out], [130, "KeyboardInterrupt\n"]);
});

test("exit() in the main thread ends the program", async () => {
  const { code, out, err } = await run("threads", ["leaves"]);
  assertEquals([code, out, err], [0, "unload\n", ""]);
});

for (const name of ["unguarded_server", "unguarded_thread"]) {
  test(`${name}.ts is told of import.meta.main`, async () => {
    const { code, err } = await run(name);
    assertEquals(code, 1, err);
    assertMatch(err, /if \(import\.meta\.main\)/);
    assert(err.length < 2000, err);
  });
}

test("a missing permission is named", async () => {
  const { code, err } = await run("threads", ["raises"], []);
  assertEquals(code, 1);
  assertMatch(err, /PermissionError: \[Errno 13\] .*--allow-read/);
});
