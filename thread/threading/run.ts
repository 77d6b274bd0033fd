/**
 * Running a `Thread` in its worker.
 *
 * @module
 */

import { get_native_id } from "../current.ts";
import { attempt, RuntimeError } from "../errors.ts";
import type { Callable } from "../function.ts";
import { find } from "../load.ts";
import type { ThreadObject, ThreadSpec } from "../messages.ts";
import { Entry, keepHere } from "../registry.ts";
import { url as callUrl } from "./call.ts";
import { handle } from "./excepthook.ts";
import { ownClass } from "./initial.ts";
import { revive, Thread } from "./thread.ts";
import "./timer.ts";

/** The modules whose calls end the stack of an exception. */
const CALLERS = [callUrl, import.meta.url];

/** What runs as the thread, once its modules are loaded. */
export async function bodyOf(spec: ThreadSpec): Promise<() => Promise<void>> {
  const { module, name, args, kwargs, ident, dedicated } = spec;
  const { row, daemon, type } = spec.object!;
  const entry = new Entry(row, ident);
  keepHere(entry);
  const found = module === null ? null : await find({ module, name });
  const thread = revive(await classOf(type), {
    name: entry.name,
    daemon,
    dedicated,
    target: found && {
      function: found as Callable,
      named: { module: module!, name },
      args,
      kwargs,
    },
    type,
    entry,
  });
  for (const [key, value] of Object.entries(spec.this ?? {})) {
    Object.defineProperty(thread, key, { ...DATA, value });
  }
  return () => run(thread, entry);
}

const DATA = { configurable: true, enumerable: true, writable: true };

async function classOf(type: ThreadObject["type"]): Promise<object> {
  if (type === null) return Thread;
  if (!("module" in type)) return ownClass(type.name)!;
  const found = await find(type, "class");
  if (found.prototype instanceof Thread) return found;
  throw new RuntimeError(
    `${type.name} of ${type.module} is not the class of the thread`,
  );
}

async function run(thread: Thread, entry: Entry): Promise<void> {
  entry.nativeId = nativeId();
  try {
    await thread.run();
  } catch (error) {
    await handle(error, thread, CALLERS);
  }
}

/** Known once: it is the worker's. */
let native: number | null = null;

/** The system's number of the worker; 0 if asking might prompt the user. */
function nativeId(): number {
  return native ??= mayAsk() ? attempt(get_native_id) ?? 0 : 0;
}

function mayAsk(): boolean {
  const names = ["read", "write", "net", "env", "sys", "run", "ffi"] as const;
  return names.every((name) =>
    Deno.permissions.querySync({ name }).state === "granted"
  );
}
