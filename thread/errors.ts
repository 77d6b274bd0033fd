/**
 * The errors of threads, and how they are printed.
 *
 * @module
 */

export { RuntimeError } from "../socket/runtime_error.ts";

/**
 * Raised by `thread.exit()`: it ends the thread, and isn't printed.
 *
 * Follows Python's
 * [`SystemExit`](https://docs.python.org/3/library/exceptions.html#SystemExit).
 */
export class SystemExit extends Error {
  /** The name of the class. */
  override name = "SystemExit";
}

/**
 * Raised in the main thread by `thread.interrupt_main()`.
 *
 * Follows Python's
 * [`KeyboardInterrupt`](https://docs.python.org/3/library/exceptions.html#KeyboardInterrupt).
 */
export class KeyboardInterrupt extends Error {
  /** The name of the class. */
  override name = "KeyboardInterrupt";
}

// Any value can be thrown, also a proxy whose traps raise: each access to it
// may fail.

/** The result of a function; `undefined` if it raises. */
export function attempt<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}

/** Whether something thrown is of a class. */
export function isA<T>(
  error: unknown,
  type: abstract new (...args: never[]) => T,
): error is T {
  return attempt(() => error instanceof type) ?? false;
}

/**
 * The text that CPython prints for an exception that ends a thread.
 *
 * @param name The name of the thread's function.
 * @param caller The URL of the module that called it.
 */
export function traceback(
  name: string,
  error: unknown,
  caller: string,
): string {
  trim(error, [caller]);
  return `Exception ignored in thread started by: <function ${name}>\n${
    shown(error)
  }`;
}

/** An exception with its stack, as text. */
export function shown(error: unknown): string {
  return attempt(() => Deno.inspect(error)) ??
    "<exception that can't be shown>";
}

/**
 * Removes the callers of a thread's function from the stacks of an exception.
 *
 * @param callers The URLs of the modules that they are in.
 */
export function trim(
  error: unknown,
  callers: readonly string[],
  seen: Set<unknown> = new Set(),
): void {
  if (!isA(error, Error) || seen.has(error)) return;
  seen.add(error);
  attempt(() => {
    const lines = String(error.stack).split("\n");
    const end = lines.findIndex((line) =>
      /^\s+at /.test(line) && callers.some((caller) => line.includes(caller))
    );
    // Reflect.set() doesn't raise if the property is read-only.
    if (end > 0) Reflect.set(error, "stack", lines.slice(0, end).join("\n"));
  });
  trim(attempt(() => error.cause), callers, seen);
  if (isA(error, AggregateError)) {
    for (const each of attempt(() => [...error.errors]) ?? []) {
      trim(each, callers, seen);
    }
  }
}
