/**
 * Native sockets under churn: none leaks, is closed by another than its owner,
 * or closed twice. `programs/churn.ts` tells how that is seen.
 *
 * @module
 */

import { assertEquals, assertGreater } from "@std/assert";
import { testIf } from "./cases.ts";
import { hasNative } from "./native_programs.ts";
import { Peer } from "./peer.ts";
import { failedCloses, isTraceable } from "./tracer.ts";

// More rounds, and the number of the first one, may follow `--` on the command
// line: `deno test … tests/native_churn_test.ts -- 200 1000`.
const ROUNDS = Number(Deno.args[0] ?? 2);
const FIRST = Number(Deno.args[1] ?? Math.floor(Math.random() * 1e9));

const program = new URL("programs/churn.ts", import.meta.url).pathname;
const command = [
  ...[Deno.execPath(), "run", "--quiet", "--allow-all"],
  ...["--v8-flags=--expose-gc", program],
];

/** Milliseconds that a round may take: less than a test, so that it tells why. */
const PATIENCE = 100_000;

/** Runs the program for a round; what it printed, and the tracer. */
async function churn(
  before: readonly string[],
  seed: number,
): Promise<{ counts: Record<string, unknown>; traced: string[] }> {
  const [name = "", ...args] = [...before, ...command];
  await using peer = new Peer(name, [...args, 1, seed], PATIENCE);
  const lines = (await peer.rest()).trimEnd().split("\n");
  const counts = lines.find((line) => line.startsWith("{")) ?? "{}";
  return {
    counts: JSON.parse(counts),
    // When the process ends, the tracer may see calls fail in other ways.
    traced: lines.filter((line) => line.includes("EBADF")),
  };
}

function testChurn(
  condition: boolean,
  name: string,
  before: readonly string[],
  seed: number,
): void {
  testIf(condition, `${name}, round ${seed}`, async () => {
    const { counts, traced } = await churn(before, seed);
    const { opened, moved, wrong, failed } = counts;
    assertGreater(opened as number, 0);
    assertGreater(moved as number, 0);
    assertEquals({ wrong, failed }, { wrong: 0, failed: [] });
    assertEquals(traced, []);
  });
}

for (let round = 0; round < ROUNDS; round++) {
  testChurn(
    hasNative,
    "threads that are killed leave no socket, and no other one is closed",
    [],
    FIRST + round,
  );
}

testChurn(isTraceable, "no descriptor is closed twice", failedCloses, FIRST);
