/**
 * What is printed of an exception that ends a thread.
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
  return `Exception ignored in thread started by: <function ${name}>\n` +
    shown(error);
}

/** An error may have methods of its own, which may fail. */
function shown(error: unknown): string {
  try {
    return Deno.inspect(error);
  } catch {
    return "<exception that can't be shown>";
  }
}

/** Takes from the stacks what called the thread's function. */
function trim(error: unknown, caller: string, seen: Set<unknown>): void {
  if (!(error instanceof Error) || seen.has(error)) return;
  seen.add(error);
  const lines = String(error.stack).split("\n");
  const above = lines.findIndex((line) =>
    /^\s+at /.test(line) && line.includes(caller)
  );
  if (above > 0) {
    // It may be read-only.
    Reflect.set(error, "stack", lines.slice(0, above).join("\n"));
  }
  trim(error.cause, caller, seen);
  if (error instanceof AggregateError) {
    for (const each of error.errors) trim(each, caller, seen);
  }
}
