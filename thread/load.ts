/**
 * Finding a function by its name, in a worker.
 *
 * @module
 */

import { onBegin } from "../socket/bootstrap.ts";
import { RuntimeError } from "./errors.ts";
import { inThread } from "./ident.ts";

type Exports = Record<string, unknown>;
/** A function as it is found. */
export type Found = (...args: unknown[]) => unknown;

const loaded = new Map<string, Exports | Promise<Exports>>();
/** The modules that are being loaded. */
const loading = new Set<string>();

onBegin((what) => {
  // Threads that run meanwhile may do what they like.
  if (loading.size === 0 || inThread()) return;
  const [module] = loading;
  throw new RuntimeError(
    `An attempt was made to ${what} while a thread loads the module ${module}. ` +
      "A thread loads the module of its function again: what only the program " +
      "itself should do belongs behind `if (import.meta.main) { … }`.",
  );
});

/** The function with that name, at once if the module is loaded. */
export function find(module: string, name: string): Found | Promise<Found> {
  let exports = loaded.get(module);
  if (!exports) loaded.set(module, exports = load(module));
  if (exports instanceof Promise) {
    return exports.then((exports) => pick(exports, module, name));
  }
  return pick(exports, module, name);
}

async function load(module: string): Promise<Exports> {
  loading.add(module);
  try {
    const exports: Exports = await import(module);
    loaded.set(module, exports);
    return exports;
  } catch (cause) {
    // The next thread may have more luck.
    loaded.delete(module);
    throw explained(module, cause);
  } finally {
    loading.delete(module);
  }
}

function explained(module: string, cause: unknown): unknown {
  if (cause instanceof RuntimeError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (/--allow-\w+/.test(reason)) {
    return new RuntimeError(
      `the thread may not load the module of its function: ${reason}`,
      { cause },
    );
  }
  const words =
    `the module of the thread's function, ${module}, can't be loaded: ${reason}`;
  // What never began to run hasn't done what it shouldn't.
  if ((cause as { code?: unknown } | null)?.code === "ERR_MODULE_NOT_FOUND") {
    return new RuntimeError(words, { cause });
  }
  return new RuntimeError(
    `${
      words.replace(/\.$/, "")
    }. A thread loads that module again: what only ` +
      "the program itself should do belongs behind " +
      "`if (import.meta.main) { … }`.",
    { cause },
  );
}

function pick(exports: Exports, module: string, name: string): Found {
  const named = exports[name];
  if (typeof named === "function") return named as Found;
  for (const each of Object.values(exports)) {
    if (typeof each === "function" && each.name === name) return each as Found;
  }
  throw new RuntimeError(
    `${module} doesn't export ${name}, so a thread can't find it: write ` +
      `\`export function ${name}\`, or name the module that exports it with ` +
      "{ module: import.meta.url }",
  );
}
