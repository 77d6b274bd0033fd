/**
 * The function of a thread, as the caller gives it.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { kind } from "../socket/bytes.ts";
import type { Named } from "./messages.ts";

// Both checks take longer than starting a thread does: results are kept.
const checked = new WeakSet<object>();
const modules = new WeakMap<object, string>();

/** A function that a thread can run: one that its module exports. */
export type Callable = (...args: never[]) => unknown;

/**
 * Checks that a function can be one that a module exports.
 *
 * @param what The name of the argument, for the message.
 * @throws {TypeError} Otherwise.
 */
export function checkCallable(
  function_: unknown,
  what = "first arg",
): asserts function_ is Callable {
  if (typeof function_ !== "function") {
    throw new TypeError(`${what} must be callable, not ${kind(function_)}`);
  }
  if (checked.has(function_)) return;
  const other = otherKind(function_);
  if (other !== null) {
    throw new TypeError(
      `${what} must be an exported function, not ${other}: a thread finds ` +
        "it by its name",
    );
  }
  if (typeof function_.name !== "string" || function_.name === "") {
    throw new TypeError(
      `${what} must be an exported function: one without a name can't be found by a thread`,
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

/**
 * The URL of the module of a class that is being constructed, in the
 * constructor `base` that it extends; `null` if it is unknown.
 */
export function moduleOfClass(type: object, base: object): string | null {
  const known = modules.get(type);
  if (known !== undefined) return known;
  const sites = callersOf(base);
  // The constructors of the classes between the two come first. A class without
  // a constructor of its own may have none on the stack. What comes behind them
  // may be a constructor too, of whatever makes the object.
  let next = 0;
  let own: Caller | undefined;
  for (const { name } of classesBetween(base, type)) {
    const site = sites[next];
    own = site?.constructs && (site.name ?? "") === name ? site : undefined;
    if (own) next++;
  }
  const module = (own ?? sites[next])?.file ?? null;
  if (module !== null) modules.set(type, module);
  return module;
}

/** The classes from one that extends `base` to `type`. */
function classesBetween(base: object, type: object): { name: string }[] {
  const classes: { name: string }[] = [];
  let each: object | null = type;
  while (each !== null && each !== base) {
    classes.unshift(each as { name: string });
    each = Object.getPrototypeOf(each);
  }
  return classes;
}

/**
 * A function or class of a module, by its name.
 *
 * @throws {TypeError} If the module is unknown, or not a URL.
 */
export function named(name: string, module: unknown): Named {
  if (module === null) {
    throw new TypeError(
      `the module of ${name} can't be told: give it as { module: import.meta.url }`,
    );
  }
  if (typeof module !== "string" && !(module instanceof URL)) {
    throw new TypeError(`module must be a URL, not ${kind(module)}`);
  }
  if (/^\.{0,2}\//.test(String(module))) {
    throw new TypeError(
      `module must be a whole URL, not "${module}": give it as ` +
        `{ module: new URL("${module}", import.meta.url) }`,
    );
  }
  return { name, module: String(module) };
}

interface Caller {
  readonly file: string | null;
  readonly name: string | null;
  readonly constructs: boolean;
}

interface CallSite {
  getFileName(): string | null;
  getFunctionName(): string | null;
  isConstructor(): boolean;
}

function callerOf(callee: object): string | null {
  return callersOf(callee, 1)[0]?.file ?? null;
}

/** The calls on the stack, from the first caller of `callee` on. */
function callersOf(callee: object, limit = 20): Caller[] {
  const holder: { stack?: Caller[] } = {};
  const types = Error as unknown as {
    prepareStackTrace:
      | ((error: Error, sites: CallSite[]) => unknown)
      | undefined;
    stackTraceLimit: number;
    captureStackTrace(target: object, above: unknown): void;
  };
  const { prepareStackTrace, stackTraceLimit } = types;
  try {
    types.stackTraceLimit = limit;
    types.prepareStackTrace = (_, sites) =>
      sites.map((site) => ({
        file: urlOf(site.getFileName()),
        name: site.getFunctionName(),
        constructs: site.isConstructor(),
      }));
    types.captureStackTrace(holder, callee);
    return holder.stack ?? [];
  } finally {
    types.prepareStackTrace = prepareStackTrace;
    types.stackTraceLimit = stackTraceLimit;
  }
}

/** Call sites have paths for local modules, and URLs for others. */
function urlOf(file: string | null): string | null {
  if (!file) return null;
  return /^\w[\w+.-]+:/.test(file) ? file : pathToFileURL(file).href;
}
