/**
 * The same calls here and in Python's socket module.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { OSError } from "../socket/errors.ts";
import { python } from "./oracle.ts";

/** The name of a function, and its arguments. */
export type Call = [name: string, ...args: unknown[]];

/** The result of a call, or the class and the arguments of its error. */
export type Result = unknown;

const PYTHON = `
import json, socket, sys
def argument(a):
    if isinstance(a, dict): return bytes(a["bytes"])
    return tuple(a) if isinstance(a, list) else a
def call(name, *args):
    try: return getattr(socket, name)(*map(argument, args))
    # CPython reads herror's number from uninitialized memory.
    except socket.herror: return ["herror"]
    except OSError as e: return [type(e).__name__, *e.args]
    except TypeError: return ["TypeError"]
    except (OverflowError, ValueError): return ["RangeError"]
print(json.dumps([call(*c) for c in json.load(sys.stdin)]))
`;

/**
 * Makes calls here and in Python, and fails unless they give the same.
 *
 * @param functions The functions, by name.
 * @param calls The calls to make.
 * @param arrange Puts a result into an order that both sides have.
 * @returns The results of the calls.
 */
export async function compare(
  // deno-lint-ignore no-explicit-any
  functions: Record<string, (...args: any[]) => unknown>,
  calls: Call[],
  arrange: (result: Result, call: Call) => Result = (result) => result,
): Promise<Result[]> {
  const ours = await Promise.all(calls.map(async ([name, ...args]) => {
    try {
      return await functions[name]!(...args);
    } catch (error) {
      return described(error);
    }
  }));
  const theirs = await python<Result[]>(
    PYTHON,
    calls.map((call) => call.map(forPython)),
  );
  for (const [index, call] of calls.entries()) {
    const result = arrange(ours[index], call);
    assertEquals({ call, result }, {
      call,
      result: arrange(theirs[index], call),
    });
  }
  return ours;
}

/** Whether a call failed. */
export function failed(result: Result): boolean {
  return Array.isArray(result) &&
    /(?:^|[a-z])[Ee]rror$/.test(String(result[0]));
}

/** A text as one byte a character. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function described(error: unknown): Result {
  if (!(error instanceof Error)) throw error;
  const told = error instanceof OSError && error.name !== "herror";
  return [error.name, ...told ? error.args : []];
}

function forPython(argument: unknown): unknown {
  return argument instanceof Uint8Array ? { bytes: [...argument] } : argument;
}

/**
 * Runs a program with other permissions than the tests'.
 *
 * @param flags Deno's flags.
 * @param program An expression; the modules in `socket/names/` go by the names of
 * their files (`getaddrinfo`, `hostnames` and so on).
 * @returns Its value, by way of JSON.
 */
export async function run<T>(flags: string[], program: string): Promise<T> {
  const files = ["hostnames", "interfaces", "getnameinfo", "getaddrinfo"];
  const modules = files.map((name) => {
    const url = import.meta.resolve(`../socket/names/${name}.ts`);
    return `import * as ${name} from ${JSON.stringify(url)};\n`;
  });
  const fixed = "run --no-prompt --no-check --no-config --ext=ts".split(" ");
  const child = new Deno.Command(Deno.execPath(), {
    args: [...fixed, ...flags, "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const source = `${modules.join("")}console.log(JSON.stringify(${program}));`;
  const written = new Blob([source]).stream().pipeTo(child.stdin);
  const [{ success, stdout, stderr }] = await Promise.all([
    child.output(),
    written,
  ]);
  const text = (output: Uint8Array) => new TextDecoder().decode(output);
  if (!success) throw new Error(text(stderr));
  return JSON.parse(text(stdout));
}
