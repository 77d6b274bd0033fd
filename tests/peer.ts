/**
 * Programs to talk to, other than those under test.
 *
 * @module
 */

import { transport } from "../socket/transport/default.ts";
import { testIf } from "./cases.ts";
import { output } from "./commands.ts";
import { hasPython, interpreter } from "./oracle.ts";

/** Milliseconds after which a peer that hangs is killed, unless a test says more. */
const PATIENCE = 60_000;

/** A running program with its standard streams at hand. */
export class Peer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: AsyncIterator<string>;
  readonly #errors: Promise<string>;
  readonly #timer: ReturnType<typeof setTimeout>;
  #ended = false;

  /** Starts a program. */
  constructor(
    command: string,
    args: readonly (string | number)[],
    patience = PATIENCE,
  ) {
    this.#child = new Deno.Command(command, {
      args: args.map(String),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#output = lines(this.#child.stdout);
    this.#errors = new Response(this.#child.stderr).text();
    this.#child.status.then(() => this.#ended = true);
    this.#timer = setTimeout(() => this.#kill(), patience);
  }

  /** Its process. */
  get pid(): number {
    return this.#child.pid;
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    const { value, done } = await this.#output.next();
    if (!done) return value;
    throw new Error(`The peer ended:\n${await this.#errors}`);
  }

  /** Its output from here on, once it has ended with success. */
  async rest(): Promise<string> {
    let rest = "";
    for (;;) {
      const { value, done } = await this.#output.next();
      if (done) break;
      rest += `${value}\n`;
    }
    const { success, code, signal } = await this.#child.status;
    if (!success) {
      const end = signal ?? code;
      throw new Error(`The peer failed (${end}):\n${await this.#errors}`);
    }
    return rest;
  }

  /** Gives it a line to read. */
  async say(line = ""): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  #kill(): void {
    if (!this.#ended) this.#child.kill("SIGKILL");
  }

  /** Ends it, if it hasn't ended by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#kill();
    await this.#child.status;
    // The program may have ended without reading its input.
    await this.#input.close().catch(() => {});
    await this.#output.return?.();
    // return() of a generator that was never started doesn't end its source.
    if (!this.#child.stdout.locked) await this.#child.stdout.cancel();
    await this.#errors;
  }
}

async function* lines(
  bytes: ReadableStream<Uint8Array>,
): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of bytes) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
  if (rest !== "") yield rest;
}

/**
 * A Python program with `json`, `socket`, `struct` and `sys` imported, and the
 * arguments in `args`; it prints a line with `say()`.
 */
export function python(
  program: string,
  ...args: (string | number)[]
): Peer {
  const head = "import json, socket, struct, sys\n" +
    "args = sys.argv[1:]\n" +
    "def say(*words):\n" +
    // print() would write the end of the line by itself, after another thread's.
    "    sys.stdout.write(' '.join(map(str, words)) + '\\n')\n" +
    "    sys.stdout.flush()\n";
  return new Peer(interpreter, ["-S", "-c", head + program, ...args]);
}

/** Flags of Deno's, and those that give a program the transport under test. */
export function withTransport(flags: readonly string[]): string[] {
  if (transport.name !== "native") return [...flags];
  const added = [`--preload=${new URL("native.ts", import.meta.url).href}`];
  // Deno doesn't take it beside the flag that includes it.
  if (!flags.includes("--allow-all")) added.push("--allow-ffi");
  return [...added, ...flags];
}

/**
 * A Deno program of this project on the transport under test, with the other
 * flags that it is to have.
 */
export function deno(
  flags: readonly string[],
  ...args: (string | number)[]
): Peer {
  return plainDeno(withTransport(flags), ...args);
}

/** The same with no flags but those, so that the program chooses its transport. */
export function plainDeno(
  flags: readonly string[],
  ...args: (string | number)[]
): Peer {
  return new Peer(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--quiet",
    ...flags,
    ...args,
  ]);
}

/** A Deno program of this project that may open so many descriptors at most. */
export function denoWithin(
  descriptors: number,
  flags: readonly string[],
  ...args: (string | number)[]
): Peer {
  const limited = 'ulimit -n "$0" && exec "$@"';
  return new Peer("sh", [
    ...["-c", limited, descriptors],
    ...[Deno.execPath(), "run", "--no-prompt", "--quiet"],
    ...flags,
    ...args,
  ]);
}

/** The text of a program as what it is run from; it may import the project's modules. */
export function programText(program: string): string {
  const root = new URL("..", import.meta.url);
  const text = program.replace(
    /from "\.\/(.*)"/g,
    (_, path) => `from ${JSON.stringify(new URL(path, root).href)}`,
  );
  return `data:application/typescript,${encodeURIComponent(text)}`;
}

/** The same as {@linkcode deno} for the text of a program. */
export function denoText(flags: readonly string[], program: string): Peer {
  return deno(flags, programText(program));
}

/** Whether there is a netcat that listens and talks as OpenBSD's does. */
export const hasNetcat: boolean = /OpenBSD/.test(
  await output("nc", "-h") ?? "",
);

if (!hasNetcat) {
  console.warn("No OpenBSD netcat here: the tests that need one are ignored.");
}

/** A test that needs Python. */
export function testWithPython(name: string, fn: () => Promise<void>): void {
  testIf(hasPython, name, fn);
}

/** A test that needs netcat. */
export function testWithNetcat(name: string, fn: () => Promise<void>): void {
  testIf(hasNetcat, name, fn);
}
