/**
 * Native calls that the system interrupts, or refuses for want of memory: a
 * tracer has them fail.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { testIf } from "./cases.ts";
import { Peer } from "./peer.ts";
import { isTraceable, tracer } from "./tracer.ts";

const program = new URL("programs/interrupted.ts", import.meta.url).pathname;

/**
 * Runs the program, with some of the calls failing; the lines that it prints.
 *
 * @param when The first of the calls, and the distance of the next ones.
 */
async function printed(
  error: string,
  calls: string,
  when: string,
): Promise<string[]> {
  const [name, ...flags] = tracer(calls, [
    ...["-o", "/dev/null"],
    ...["-e", `inject=${calls}:error=${error}:when=${when}`],
  ]);
  const command = [Deno.execPath(), "run", "--quiet", "--allow-all", program];
  await using peer = new Peer(name, [...flags, ...command]);
  return (await peer.rest()).trimEnd().split("\n");
}

testIf(
  isTraceable,
  "calls that a signal interrupts are made again",
  async () => {
    const calls = "recvfrom,sendto,recvmsg,sendmsg,accept4,epoll_wait,poll," +
      "bind,listen,shutdown,getsockname,getsockopt";
    const digits = Array.from({ length: 20 }, (_, i) => `${i % 10}`);
    for (
      const [some, when] of [[calls, "3+4"], [
        "recvfrom,recvmsg",
        "1+2",
      ]] as const
    ) {
      assertEquals(await printed("EINTR", some, when), [
        "stream 0 behind the end",
        `polled ${digits.join("")}`,
        `datagrams ${digits.map((digit) => digit + digit).join("")}`,
      ]);
    }
  },
);

testIf(isTraceable, "what the system has no memory for is raised", async () => {
  const [stream, polled, datagrams] = await printed("ENOBUFS", "sendto", "3+4");
  for (const line of [stream, polled, datagrams]) {
    assertMatch(line!, /OSError: \[Errno 105\] No buffer space available/);
  }
});
