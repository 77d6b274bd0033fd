/**
 * Python as the judge of what is right.
 *
 * @module
 */

/**
 * The command of Python: once known, the interpreter itself, since `python3` may
 * be a script that takes longer to find it than what follows.
 */
export let interpreter = "python3";

/**
 * Runs a Python program, and parses the JSON that it prints.
 *
 * @param program The program; it reads `input` as JSON from its stdin.
 * @param input The value that the program reads.
 * @returns The value that it printed.
 */
export async function python<T>(program: string, input?: unknown): Promise<T> {
  const child = new Deno.Command(interpreter, {
    // Nothing of the packages that are installed beside it is needed.
    args: ["-S", "-c", program],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const written = new Blob([JSON.stringify(input ?? null)])
    .stream().pipeTo(child.stdin);
  const [{ success, stdout, stderr }] = await Promise.all([
    child.output(),
    // A program that doesn't read its input closes the pipe; that is no fault.
    written.catch(() => {}),
  ]);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`python3 failed:\n${text(stderr)}`);
  return JSON.parse(text(stdout));
}

const [version, libc, executable] = await python<string[]>(
  "import json, platform, sys;" +
    "print(json.dumps(['%d.%d' % sys.version_info[:2]," +
    " platform.libc_ver()[0], sys.executable]))",
).catch(() => ["none"]);

if (executable) interpreter = executable;

/** Whether there is a Python to ask: tests that need one are ignored if not. */
export const hasPython: boolean = version !== "none";

/** Whether its numbers are Linux's and its words the GNU C library's. */
export const isGnuLinux: boolean = libc === "glibc" &&
  Deno.build.os === "linux";

/** Whether it is the version whose every name there has to be. */
export const isReference: boolean = version === "3.11";

if (!hasPython) {
  console.warn("No python3 here: the tests that compare with it are ignored.");
}
