/**
 * Finding a function by its name, in a worker.
 *
 * @module
 */

import { onBegin } from "../socket/bootstrap.ts";
import { inThread } from "./current.ts";
import { attempt, isA, RuntimeError } from "./errors.ts";
import type { Named } from "./messages.ts";

export type Exports = Record<string, unknown>;
export type Found = (...args: unknown[]) => unknown;

const ADVICE = "what only the program itself should do belongs behind " +
  "`if (import.meta.main) { … }`.";

const loaded = new Map<string, Exports | Promise<Exports>>();
const loading = new Set<string>();

onBegin((what) => {
  // Threads that run at the same time are allowed to.
  if (loading.size === 0 || inThread()) return;
  const [module] = loading;
  throw new RuntimeError(
    `An attempt was made to ${what} while a thread loads the module ${module}. ` +
      `A thread loads the module of its function again: ${ADVICE}`,
  );
});

/** The function or class with that name, at once if the module is loaded. */
export function find(
  named: Named,
  what: "function" | "class" = "function",
): Found | Promise<Found> {
  const { module } = named;
  let exports = loaded.get(module);
  if (!exports) loaded.set(module, exports = load(module));
  if (exports instanceof Promise) {
    return exports.then((exports) => pick(exports, named, what));
  }
  return pick(exports, named, what);
}

export function preload(module: string, exports: Promise<Exports>): void {
  const found = load(module, () => exports);
  loaded.set(module, found);
  // find() reports the error.
  found.catch(() => {});
}

async function load(
  module: string,
  begin: () => Promise<Exports> = () => import(module),
): Promise<Exports> {
  loading.add(module);
  try {
    const exports = await begin();
    loaded.set(module, exports);
    return exports;
  } catch (cause) {
    // The next thread tries again.
    loaded.delete(module);
    throw loadError(module, cause);
  } finally {
    loading.delete(module);
  }
}

function loadError(module: string, cause: unknown): unknown {
  if (isA(cause, RuntimeError)) return cause;
  const reason =
    attempt(() => String(isA(cause, Error) ? cause.message : cause)) ??
      "something was thrown that can't be shown";
  if (/--allow-\w+/.test(reason)) {
    return new RuntimeError(
      `the thread may not load the module of its function: ${reason}`,
      { cause },
    );
  }
  const text =
    `the module of the thread's function, ${module}, can't be loaded: ${reason}`;
  const code = attempt(() => (cause as { code?: unknown } | null)?.code);
  // A module that wasn't found hasn't run: the advice would be misleading.
  const message = code === "ERR_MODULE_NOT_FOUND"
    ? text
    : `${text.replace(/\.$/, "")}. A thread loads that module again: ${ADVICE}`;
  return new RuntimeError(message, { cause });
}

function pick(exports: Exports, { module, name }: Named, what: string): Found {
  const named = exports[name];
  // A bundler renames functions, so another one may be exported by that name.
  if (isNamed(named, name)) return named;
  for (const each of Object.values(exports)) {
    if (isNamed(each, name)) return each;
  }
  if (typeof named === "function") return named as Found;
  const advice = /^[\p{L}$_][\p{L}\p{N}$_]*$/u.test(name)
    ? `write \`export ${what} ${name}\``
    : "export it";
  throw new RuntimeError(
    `${module} doesn't export ${name}, so a thread can't find it: ${advice} ` +
      "there, or name the module that exports it with " +
      "{ module: import.meta.url }. In a bundle, the entry has to export it.",
  );
}

function isNamed(value: unknown, name: string): value is Found {
  return typeof value === "function" && value.name === name;
}
