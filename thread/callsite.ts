/**
 * Who called.
 *
 * @module
 */

interface CallSite {
  getFileName(): string | null;
}

/** The URL of the module that called `callee`; `null` if it can't be told. */
export function callerOf(
  callee: (...args: never[]) => unknown,
): string | null {
  const holder: { stack?: string | null } = {};
  const types = Error as unknown as {
    prepareStackTrace?: (error: Error, sites: CallSite[]) => unknown;
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
