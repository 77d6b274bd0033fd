/**
 * `strace`, to see what a program asks the system for, and to have that fail.
 *
 * @module
 */

import { output } from "./commands.ts";
import { hasNative } from "./native_programs.ts";

/**
 * The command that traces the one behind it.
 *
 * @param calls The names of system calls, with commas.
 */
export function tracer(
  calls: string,
  options: readonly string[],
): [name: string, ...args: string[]] {
  const all = ["-f", "-qq", "--seccomp-bpf", "--signal=none"];
  return ["strace", ...all, "-e", `trace=${calls}`, ...options];
}

/** Prints each close(2) that fails, in the system's words. */
export const failedCloses = tracer("close", ["-Z", "-o", "/dev/stdout"]);

/** Whether there is one, and native sockets to be traced. */
export const isTraceable: boolean = hasNative &&
  await output(failedCloses[0], ...failedCloses.slice(1), "true") === "";

if (hasNative && !isTraceable) {
  console.warn("No strace here: no test has calls of the system fail, or sees");
  console.warn("a descriptor that is closed twice.");
}
