import { assertEquals } from "@std/assert";
import { test } from "./cases.ts";
import { deno } from "./peer.ts";

const program = new URL("programs/daemons.ts", import.meta.url).pathname;

/** What a program prints before it ends, with success. */
async function run(name: string): Promise<string> {
  const flags = ["--allow-net=127.0.0.1", "--allow-read"];
  await using peer = deno(flags, program, name);
  return await peer.rest();
}

for (
  const name of [
    ...["receives", "accepts", "listens", "gets", "waits", "computes"],
  ]
) {
  test(`a daemon that ${name} doesn't keep the process alive`, async () => {
    assertEquals(await run(name), `${name}\n`);
  });
}

test("a daemon outlives the thread that has started it", async () => {
  assertEquals(await run("starts"), "waits\n");
});

test("a daemon runs for as long as other threads do", async () => {
  assertEquals(
    await run("answers"),
    "answer to 1\nanswer to 2\nanswer to 3\n",
  );
});

test("a program waits for a daemon that it joins", async () => {
  assertEquals(await run("joined"), "waits\nfalse\n");
});
