import { assertEquals } from "@std/assert";
import { isBefore } from "../socket/version.ts";
import { test } from "./cases.ts";
import { deno } from "./peer.ts";

for (const arg of ["replaced", "bare"]) {
  test(`sockets work without workers and shared memory (${arg})`, async () => {
    const url = new URL("programs/edge.ts", import.meta.url);
    await using peer = deno(
      ["--allow-net=127.0.0.1", "--allow-read"],
      url.href,
      arg,
    );
    const threads = "RuntimeError: can't start new thread: this runtime has " +
      "no workers (Worker) and no shared memory (SharedArrayBuffer)\n";
    const locks = "RuntimeError: locks and queues need shared memory " +
      "(SharedArrayBuffer), which this runtime doesn't have\n";
    assertEquals(
      await peer.rest(),
      "echo\ndatagram\n" + threads.repeat(2) + locks.repeat(2) + "0 0 true\n",
    );
  });
}

test("versions are compared number by number", () => {
  for (const version of ["2.7.5", "2.6.10", "1.46.3", "2.7.5+abc", "2.1.4"]) {
    assertEquals([version, isBefore([2, 7, 6], version)], [version, true]);
  }
  for (const version of ["2.7.6", "2.7.10", "2.10.0", "3.0.0-rc.1", ""]) {
    assertEquals([version, isBefore([2, 7, 6], version)], [version, false]);
  }
});
