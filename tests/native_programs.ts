/**
 * Programs that may import the native transport, with permissions of their own.
 *
 * @module
 */

import { testIf } from "./cases.ts";
import { denoWithin, plainDeno, programText } from "./peer.ts";

/** Whether there are native sockets on this system. */
export const hasNative: boolean = Deno.build.os === "linux" &&
  ["x86_64", "aarch64"].includes(Deno.build.arch);

if (!hasNative) {
  console.warn("No native sockets here: the tests of them are ignored.");
}

/** A test that needs native sockets. */
export function testNative(name: string, fn: () => Promise<void>): void {
  testIf(hasNative, name, fn);
}

/**
 * The lines that a program prints. In it are `mod`, the modules of this
 * package, `install()`, which imports the native transport, and
 * `tell(act, …)`, which prints what a call returned or raised.
 *
 * @param flags Deno's flags.
 * @param program The program's text.
 */
export async function lines(
  flags: readonly string[],
  program: string,
): Promise<string[]> {
  await using child = plainDeno(flags, programText(withHead(program)));
  return (await child.rest()).split("\n").slice(0, -1);
}

/** The same for a program that may open so many descriptors at most. */
export async function linesWithin(
  descriptors: number,
  flags: readonly string[],
  program: string,
): Promise<string[]> {
  const text = programText(withHead(program));
  await using child = denoWithin(descriptors, flags, text);
  return (await child.rest()).split("\n").slice(0, -1);
}

function withHead(program: string): string {
  const native = import.meta.resolve("../socket/transport/native/mod.ts");
  return `
    import * as mod from "./mod.ts";

    const install = () => import(${JSON.stringify(native)});
    async function tell(act, name = "fine") {
      try {
        console.log(name, (await act()) ?? "");
      } catch (error) {
        const known = error instanceof mod.socket.OSError;
        console.log(name, error.name, known && error.errno, error.message);
      }
    }
    ${program}
    Deno.exit(0);
  `;
}
