/**
 * What is printed of an exception that ends a thread.
 *
 * Anything can be thrown: what is asked of it may raise something else, be it a
 * getter or a trap of a proxy.
 *
 * @module
 */

/**
 * What CPython prints.
 *
 * @param name The name of the thread's function.
 * @param caller The URL of the module that called it.
 */
export function traceback(
  name: string,
  error: unknown,
  caller: string,
): string {
  trim(error, caller, new Set());
  const shown = attempt(() => Deno.inspect(error)) ??
    "<exception that can't be shown>";
  return `Exception ignored in thread started by: <function ${name}>\n${shown}`;
}

/** What a function returns; `undefined` if it raises. */
export function attempt<T>(ask: () => T): T | undefined {
  try {
    return ask();
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

/** Takes from the stacks what called the thread's function. */
function trim(error: unknown, caller: string, seen: Set<unknown>): void {
  if (!isA(error, Error) || seen.has(error)) return;
  seen.add(error);
  attempt(() => {
    const lines = String(error.stack).split("\n");
    const above = lines.findIndex((line) =>
      /^\s+at /.test(line) && line.includes(caller)
    );
    // It may be read-only.
    if (above > 0) {
      Reflect.set(error, "stack", lines.slice(0, above).join("\n"));
    }
  });
  trim(attempt(() => error.cause), caller, seen);
  if (isA(error, AggregateError)) {
    for (const each of attempt(() => [...error.errors]) ?? []) {
      trim(each, caller, seen);
    }
  }
}
