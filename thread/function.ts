/**
 * The function of a thread, as the caller gives it.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { kind } from "../socket/bytes.ts";

// Both checks take longer than starting a thread does: results are kept.
const checked = new WeakSet<object>();
const modules = new WeakMap<object, string>();

/**
 * Checks that a function can be one that a module exports.
 *
 * @throws {TypeError} Otherwise.
 */
export function checkCallable(function_: unknown): void {
  if (typeof function_ !== "function") {
    throw new TypeError(`first arg must be callable, not ${kind(function_)}`);
  }
  if (checked.has(function_)) return;
  const other = otherKind(function_);
  if (other !== null) {
    throw new TypeError(
      `first arg must be an exported function, not ${other}: a thread finds ` +
        "it by its name",
    );
  }
  if (typeof function_.name !== "string" || function_.name === "") {
    throw new TypeError(
      "first arg must be an exported function: one without a name can't be found by a thread",
    );
  }
  checked.add(function_);
}

const NATIVE = /\{\s*\[native code\]\s*\}\s*$/;
const FUNCTION = /^(?:async\s+)?function\b/;
/** An arrow function; `async` may also be the name of its parameter. */
const ARROW = /^(?:async\b\s*)?(?:\(|[\p{L}$_][\p{L}\p{N}\p{M}$_]*\s*=>)/u;

// deno-lint-ignore ban-types
function otherKind(function_: Function): string | null {
  const text = Function.prototype.toString.call(function_);
  if (NATIVE.test(text)) {
    const bound = String(function_.name).startsWith("bound ");
    return bound ? "a bound function" : "a built-in function";
  }
  if (/^class\b/.test(text)) return "a class";
  return FUNCTION.test(text) || ARROW.test(text) ? null : "a method";
}

/**
 * The URL of the module that calls `callee`, at the first such call with
 * `function_`; `null` if it is unknown.
 */
export function moduleOf(function_: object, callee: object): string | null {
  const known = modules.get(function_);
  if (known !== undefined) return known;
  const module = callerOf(callee);
  // Other values are rejected by checkCallable().
  if (module !== null && typeof function_ === "function") {
    modules.set(function_, module);
  }
  return module;
}

interface CallSite {
  getFileName(): string | null;
}

function callerOf(callee: object): string | null {
  const holder: { stack?: string | null } = {};
  const types = Error as unknown as {
    prepareStackTrace:
      | ((error: Error, sites: CallSite[]) => unknown)
      | undefined;
    stackTraceLimit: number;
    captureStackTrace(target: object, above: unknown): void;
  };
  const { prepareStackTrace, stackTraceLimit } = types;
  try {
    types.stackTraceLimit = 1;
    types.prepareStackTrace = (_, sites) => sites[0]?.getFileName() ?? null;
    types.captureStackTrace(holder, callee);
    const file = holder.stack || null;
    // Call sites have paths for local modules, and URLs for others.
    const isPath = file !== null && !/^\w[\w+.-]+:/.test(file);
    return isPath ? pathToFileURL(file).href : file;
  } finally {
    types.prepareStackTrace = prepareStackTrace;
    types.stackTraceLimit = stackTraceLimit;
  }
}
