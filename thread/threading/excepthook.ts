/**
 * What happens to an exception that ends a thread.
 *
 * @module
 */

import { get_ident } from "../current.ts";
import { attempt, isA, shown, SystemExit, trim } from "../errors.ts";
import type { Thread } from "./thread.ts";

/**
 * What {@linkcode excepthook} is told of an exception.
 *
 * Follows Python's
 * [`threading.ExceptHookArgs`](https://docs.python.org/3/library/threading.html#threading.excepthook).
 */
export class ExceptHookArgs {
  /** The class of the exception; any value can be thrown in JavaScript. */
  readonly exc_type: unknown;
  /** The exception. */
  readonly exc_value: unknown;
  /** Its stack, as text; `null` if it has none. */
  readonly exc_traceback: string | null;
  /** The thread that raised it. */
  readonly thread: Thread | null;

  /** Takes the four fields, in the order of Python. */
  constructor(
    [type, value, traceback, thread]: readonly [
      type: unknown,
      value: unknown,
      traceback: string | null,
      thread: Thread | null,
    ],
  ) {
    this.exc_type = type;
    this.exc_value = value;
    this.exc_traceback = traceback;
    this.thread = thread;
  }
}

/** A function for {@linkcode setexcepthook}. */
export type ExceptHook = (args: ExceptHookArgs) => unknown;

/**
 * Prints an exception as CPython does, and `SystemExit` not at all: what
 * {@linkcode excepthook} does unless another function was set.
 */
export function __excepthook__(args: ExceptHookArgs): void {
  const { exc_value, thread } = args;
  if (isA(exc_value, SystemExit)) return;
  const name = thread?.name ?? get_ident();
  console.error(`Exception in thread ${name}:\n${shown(exc_value)}`);
}

let hook: ExceptHook = __excepthook__;

/**
 * Handles an exception that ends the `run()` of a thread: calls what
 * {@linkcode setexcepthook} has set.
 *
 * Follows Python's
 * [`threading.excepthook`](https://docs.python.org/3/library/threading.html#threading.excepthook).
 */
export function excepthook(args: ExceptHookArgs): unknown {
  return hook(args);
}

/**
 * Sets what handles exceptions that end threads: Python's assignment to
 * `threading.excepthook`, which a name of a module doesn't allow here.
 *
 * It holds for the threads of the current worker, where the hook is called too.
 * So the place for it is the top level of the module that the threads run.
 *
 * ```ts
 * import { threading } from "@berkeley/socket";
 *
 * threading.setexcepthook(({ thread, exc_value }) => {
 *   console.error(thread?.name, "failed:", exc_value);
 * });
 * threading.setexcepthook(null);
 * ```
 *
 * @param function_ The function; `null` for {@linkcode __excepthook__}.
 * @returns The function before.
 * @throws {TypeError} If it isn't a function.
 */
export function setexcepthook(function_: ExceptHook | null): ExceptHook {
  if (function_ !== null && typeof function_ !== "function") {
    throw new TypeError("the hook must be a function or null");
  }
  const before = hook;
  hook = function_ ?? __excepthook__;
  return before;
}

/**
 * Has the hook handle an exception.
 *
 * @param callers The modules whose calls end its stack.
 */
export async function handle(
  value: unknown,
  thread: Thread,
  callers: readonly string[],
): Promise<void> {
  trim(value, callers);
  const type = attempt(() => (value as object | null)?.constructor) ?? null;
  const stack = isA(value, Error) ? attempt(() => value.stack) : null;
  try {
    await hook(new ExceptHookArgs([type, value, stack ?? null, thread]));
  } catch (error) {
    if (isA(error, SystemExit)) return;
    console.error(`Exception in threading.excepthook:\n${shown(error)}`);
  }
}
