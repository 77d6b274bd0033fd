/**
 * Programs in a process of their own.
 *
 * @module
 */

/**
 * The output of a program. In its text, `ROOT/` is the folder of the modules,
 * and `gc()` collects garbage.
 */
export async function run(program: string): Promise<string> {
  const root = new URL("../", import.meta.url).href;
  const code = program.replaceAll("ROOT/", root);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--allow-read",
      "--v8-flags=--expose-gc",
      `data:text/typescript,${encodeURIComponent(code)}`,
    ],
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}
