/**
 * Programs of the system, each of which may be missing.
 *
 * @module
 */

/** A program's output on both streams; `null` if it can't be run here. */
export async function output(
  command: string,
  ...args: string[]
): Promise<string | null> {
  try {
    // A program that is missing makes this throw, not reject.
    const { stdout, stderr } = await new Deno.Command(command, { args })
      .output();
    const decoder = new TextDecoder();
    return decoder.decode(stdout) + decoder.decode(stderr);
  } catch {
    return null;
  }
}
