/**
 * What a thread can be started with: a function that it finds by its name.
 *
 * @module
 */

import { kind } from "../socket/bytes.ts";

/** Looking takes longer than starting does. */
const checked = new WeakSet<object>();

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

/** What a function is that no module exports under its name, else `null`. */
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
