/**
 * Who called.
 *
 * @module
 */

interface CallSite {
  getFileName(): string | null;
}

type AnyFunction = (...args: never[]) => unknown;

/** Looking takes longer than all else about starting a thread. */
const known = new WeakMap<AnyFunction, string>();

/**
 * The URL of the module that calls `callee`, from where it first did so with
 * `function_`; `null` if it can't be told.
 */
export function moduleOf(
  function_: AnyFunction,
  callee: AnyFunction,
): string | null {
  const before = known.get(function_);
  if (before !== undefined) return before;
  const module = callerOf(callee);
  // What isn't a function is rejected later.
  if (module !== null && typeof function_ === "function") {
    known.set(function_, module);
  }
  return module;
}

function callerOf(callee: AnyFunction): string | null {
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
    return urlOf(holder.stack ?? null);
  } finally {
    types.prepareStackTrace = prepareStackTrace;
    types.stackTraceLimit = stackTraceLimit;
  }
}

/** Local modules are given as paths. */
function urlOf(file: string | null): string | null {
  if (file === null || file === "" || /^\w[\w+.-]+:/.test(file)) {
    return file || null;
  }
  const url = new URL("file:///");
  url.pathname = file.replaceAll("\\", "/").replaceAll("%", "%25")
    .replaceAll("#", "%23").replaceAll("?", "%3F");
  return url.href;
}
