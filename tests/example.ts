/**
 * The examples, run as the comments on top of them tell.
 *
 * @module
 */

import { assert } from "@std/assert";
import { Peer, withTransport } from "./peer.ts";

const examples = new URL("../examples/", import.meta.url);

/** A folder for the files of a test, which goes with it. */
export class Folder implements AsyncDisposable {
  private constructor(readonly path: string) {}

  /** A new and empty one. */
  static async create(): Promise<Folder> {
    // The tests themselves have no permission to write.
    return new Folder((await run("mktemp", "-d")).trim());
  }

  /** A file in it. */
  file(name: string): string {
    return `${this.path}/${name}`;
  }

  /** The contents of a file in it. */
  read(name: string): Promise<Uint8Array<ArrayBuffer>> {
    return Deno.readFile(this.file(name));
  }

  /** Puts a file into it. */
  async write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const child = new Deno.Command("tee", {
      args: [this.file(name)],
      stdin: "piped",
      stdout: "null",
    }).spawn();
    await new Blob([bytes]).stream().pipeTo(child.stdin);
    assert((await child.status).success);
  }

  /** Removes it with all that is in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await run("rm", "-r", this.path);
  }
}

async function run(command: string, ...args: string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command(command, { args })
    .output();
  assert(success, `${command} failed`);
  return new TextDecoder().decode(stdout);
}

/** The file of an example. */
export function pathOf(name: string): string {
  return new URL(name, examples).pathname;
}

/**
 * The command of an example: the first one that its comment names, or the one
 * that ends in `role`.
 *
 * @param port Takes the place of the ports that the flags name.
 */
export async function commandOf(
  name: string,
  port: string | number = 0,
  role = "",
): Promise<[command: string, ...args: string[]]> {
  const text = await Deno.readTextFile(pathOf(name));
  const end = role === "" ? "" : ` ${role}`;
  const [, command] = RegExp(`^// npx .* run (.*) examples/${name}${end}$`, "m")
    .exec(text) ?? [];
  assert(command, `${name} doesn't say how to run it`);
  // Port 0 in a flag is the system's choice, and stays.
  const flags = command.replaceAll(/:[1-9]\d*/g, `:${port}`).split(" ");
  const words = role === "" ? [] : [role];
  return [
    Deno.execPath(),
    "run",
    "--no-prompt",
    "--quiet",
    ...withTransport(flags),
    pathOf(name),
    ...words,
  ];
}

/** Runs a command in a folder. */
export function runIn(
  folder: Folder,
  command: readonly string[],
  ...args: (string | number)[]
): Peer {
  const script = 'cd "$0" && exec "$@"';
  return new Peer("sh", ["-c", script, folder.path, ...command, ...args]);
}
