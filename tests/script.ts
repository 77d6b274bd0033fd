/**
 * The same steps here and in Python, one after the other.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { errno, socket } from "../mod.ts";
import { testIf } from "./cases.ts";
import { isGnuLinux, python } from "./oracle.ts";
import { some } from "./some.ts";

/**
 * A call and its arguments. The call is `a.recv`, or `c = socket.socket` and
 * `a, b = socket.socketpair` for results with a name. `$c` as an argument is
 * the address of `c`.
 */
export type Step = [call: string, ...args: unknown[]];

/** Bytes as an argument. */
export function bytes(text: string): unknown {
  return { text };
}

/** The bytes of a structure as an argument. */
export function packed(...bytes: number[]): unknown {
  return { packed: bytes };
}

/** That many zero bytes, as an argument. */
export function zeros(count: number): unknown {
  return { zeros: count };
}

/** A buffer as an argument; its contents afterwards are part of the result. */
export function buffer(length: number): unknown {
  return { buffer: length };
}

const PYTHON = `
import errno, json, re, signal, socket, sys
signal.alarm(20)
names = {"socket": socket}
def made(argument):
  if isinstance(argument, str) and argument[:1] == "$":
    return names[argument[1:]].getsockname()
  if isinstance(argument, dict):
    [(kind, value)] = argument.items()
    if kind == "text": return value.encode()
    if kind == "packed": return bytes(value)
    if kind == "zeros": return bytes(value)
    return bytearray(value)
  if isinstance(argument, list):
    # The address is a tuple, what consists of buffers isn't.
    parts = [made(part) for part in argument]
    address = parts[1:] and isinstance(parts[0], str)
    return tuple(parts) if address else parts
  return argument
def told(result):
  if isinstance(result, (bytes, bytearray)): return result.decode("latin1")
  if isinstance(result, (list, tuple)): return [told(part) for part in result]
  return "socket" if isinstance(result, socket.socket) else result
def buffers(arguments):
  for argument in arguments:
    if isinstance(argument, bytearray): yield argument
    if isinstance(argument, list): yield from buffers(argument)
def run(call, *arguments):
  targets, name, method = re.fullmatch(r"(?:(.*) = )?(\\w+)\\.(\\w+)", call).groups()
  try:
    arguments = [made(argument) for argument in arguments]
    result = getattr(names[name], method)(*arguments)
    if targets:
      several = targets.split(", ")
      names.update(zip(several, result if len(several) > 1 else [result]))
    after = [told(buffer) for buffer in buffers(arguments)]
    return [told(result), *after] if after else told(result)
  except TypeError: return ["TypeError"]
  except (OverflowError, ValueError): return ["RangeError"]
  except socket.gaierror as e: return ["gaierror", e.errno]
  except OSError as e: return [type(e).__name__, errno.errorcode.get(e.errno)]
print(json.dumps([run(*step) for step in json.load(sys.stdin)]))
`;

type Names = Map<string, object>;

function made(argument: unknown, names: Names): unknown {
  if (typeof argument === "string" && argument.startsWith("$")) {
    return (names.get(argument.slice(1)) as socket.Socket).getsockname();
  }
  if (Array.isArray(argument)) {
    return argument.map((part) => made(part, names));
  }
  if (typeof argument !== "object" || argument === null) return argument;
  const [[kind, value]] = some(Object.entries(argument));
  if (kind === "text") return new TextEncoder().encode(value);
  return kind === "packed" ? Uint8Array.from(value) : new Uint8Array(value);
}

function told(result: unknown): unknown {
  if (result instanceof Uint8Array) return String.fromCharCode(...result);
  if (result instanceof socket.Socket) return "socket";
  return Array.isArray(result) ? result.map(told) : result ?? null;
}

function* buffers(args: unknown[], values: unknown[]): Generator<unknown> {
  for (const [index, argument] of args.entries()) {
    if (typeof argument !== "object" || argument === null) continue;
    if ("buffer" in argument) yield values[index];
    if (!Array.isArray(argument)) continue;
    yield* buffers(argument, values[index] as unknown[]);
  }
}

async function run([call, ...args]: Step, names: Names): Promise<unknown> {
  const [, targets, name = "", method = ""] = /^(?:(.*) = )?(\w+)\.(\w+)$/.exec(
    call,
  )!;
  try {
    const values = args.map((argument) => made(argument, names));
    const on = names.get(name) as Record<
      string,
      (...args: unknown[]) => unknown
    >;
    const result = await on[method]!(...values);
    // A socket without a name has to be closed, too.
    for (const each of [result].flat()) {
      if (each instanceof socket.Socket) names.set(`${names.size}`, each);
    }
    const several = targets?.split(", ") ?? [];
    for (const [index, target] of several.entries()) {
      const each = several.length > 1 ? (result as object[])[index] : result;
      names.set(target, each as object);
    }
    const after = [...buffers(args, values)].map(told);
    return after.length > 0 ? [told(result), ...after] : told(result);
  } catch (error) {
    if (error instanceof socket.gaierror) return ["gaierror", error.errno];
    if (!(error instanceof socket.OSError)) return [(error as Error).name];
    return [error.name, error.errno && errno.errorcode[error.errno]];
  }
}

/** Ports are the system's choice: what counts is which of them are the same. */
function withoutPorts(results: unknown[]): unknown[] {
  const ports: number[] = [];
  const replaced = (result: unknown): unknown => {
    if (!Array.isArray(result)) return result;
    const [host, port, ...rest] = result;
    if (typeof host !== "string" || !(port > 1024)) return result.map(replaced);
    if (!ports.includes(port)) ports.push(port);
    return [host, `port ${ports.indexOf(port)}`, ...rest];
  };
  return results.map(replaced);
}

/**
 * Takes the steps here and in Python; fails unless the outcomes are equal.
 *
 * @param between Is called after those here, and before Python's.
 * @returns The outcomes here.
 */
export async function compareSteps(
  steps: Step[],
  between?: () => void,
): Promise<unknown[]> {
  const names: Names = new Map([["socket", socket]]);
  const ours = [];
  try {
    for (const step of steps) ours.push(await run(step, names));
  } finally {
    for (const object of names.values()) {
      if (object instanceof socket.Socket) object.close();
    }
  }
  between?.();
  const theirs = await python<unknown[]>(PYTHON, steps);
  const results = withoutPorts(ours);
  for (const [index, expected] of withoutPorts(theirs).entries()) {
    const step = steps[index];
    assertEquals({ step, result: results[index] }, { step, result: expected });
  }
  return results;
}

/** A test that takes steps here and in Python. */
export function testSteps(
  name: string,
  steps: Step[],
  { ignore = false } = {},
): void {
  testIf(isGnuLinux && !ignore, name, async () => {
    await compareSteps(steps);
  });
}
