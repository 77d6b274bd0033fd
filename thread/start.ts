/**
 * Starting threads.
 *
 * @module
 */

import { kind } from "../socket/bytes.ts";
import { begin } from "../socket/bootstrap.ts";
import { checkCallable } from "./callable.ts";
import { moduleOf } from "./callsite.ts";
import { counted } from "./counter.ts";
import { ThreadHandle } from "./handle.ts";
import { newIdent } from "./ident.ts";
import { parent } from "./parent.ts";
import { start as startInPool } from "./pool.ts";
import type { Spec } from "./spec.ts";
import { checkThreads } from "./support.ts";

/** A function that a thread can run: one that its module exports. */
export type Callable = (...args: never[]) => unknown;

/** Options of {@linkcode start_new_thread}. */
export interface ThreadOptions {
  /**
   * The URL of the module that exports the function, if that isn't the
   * caller's own: there, `import.meta.url`. A path isn't taken for one:
   * `new URL("./other.ts", import.meta.url)` makes it whole.
   */
  module?: string | URL | undefined;
  /**
   * Whether the thread gets a worker of its own, which it should if it
   * computes long without awaiting.
   */
  dedicated?: boolean | undefined;
}

/**
 * Starts a thread, which runs on a worker, and returns its ident at once.
 *
 * The function goes there by its name, so its module must export it; the
 * module is loaded again there, so what only the program itself should do
 * belongs behind `if (import.meta.main)`. The thread ends when the function
 * returns, or when what it promised is there. What it raises is printed, and
 * ends only this thread.
 *
 * ```ts
 * import { socket, thread } from "@berkeley/socket";
 *
 * export async function client_thread(conn: socket.Socket, n: number) {
 *   await conn.recv(12);
 *   await conn.send(String(n));
 *   conn.close();
 * }
 *
 * if (import.meta.main) {
 *   const server = socket.create_server(["127.0.0.1", 6543]);
 *   for (let n = 0;; n++) {
 *     const [conn] = await server.accept();
 *     thread.start_new_thread(client_thread, [conn, n]);
 *   }
 * }
 * ```
 *
 * Follows Python's
 * [`_thread.start_new_thread`](https://docs.python.org/3/library/_thread.html#thread.start_new_thread).
 *
 * @param function_ An exported function of the caller's module, or of `module`.
 * @param args What it is called with: anything that structured clone takes,
 * and at any depth sockets, poll objects, locks and queues. Sockets and poll
 * objects are closed here from then on.
 * @param kwargs One more argument, behind the others.
 * @param options Where the function is, and whether it computes long.
 * @returns The ident, as `get_ident()` gives it in the thread.
 * @throws {TypeError} If an argument of this call is of the wrong type, if the
 * function has no name or is a method, a class, bound or built in, if its module can't be told or is given by a path that
 * isn't whole, or if something in `args` or `kwargs` can't go, of which the
 * message tells the path. Nothing has changed then.
 * @throws {OSError} `EBADF` if a socket in `args` or `kwargs` is closed;
 * `EACCES` if `--allow-read` is missing, which a thread needs for the modules
 * that it loads.
 * @throws {RuntimeError} While a thread loads the module, and where there are
 * no threads: before Deno 2.7.6, and on runtimes without workers or shared
 * memory.
 */
export function start_new_thread(
  function_: Callable,
  args: readonly unknown[] = [],
  kwargs: object | null = null,
  options: ThreadOptions | null = null,
): number {
  const ident = newIdent();
  const resolved = resolve(function_, options, start_new_thread);
  start(ident, function_, args, kwargs, resolved, null);
  return ident;
}

/**
 * As {@linkcode start_new_thread}, but returns a handle to wait for the end
 * of the thread with.
 *
 * ```ts
 * import { thread } from "@berkeley/socket";
 *
 * export function compute(n: number) {
 *   console.log(Array.from({ length: n }, (_, i) => i ** 2));
 * }
 *
 * if (import.meta.main) {
 *   const handle = thread.start_joinable_thread(compute, [1000]);
 *   await handle.join();
 * }
 * ```
 *
 * Follows CPython's `_thread.start_joinable_thread`, with arguments for the
 * function.
 *
 * @param function_ An exported function of the caller's module, or of `module`.
 * @param args What it is called with, as for {@linkcode start_new_thread}.
 * @param kwargs One more argument, behind the others.
 * @param options Where the function is, and whether it computes long.
 * @returns The handle, which has the ident too.
 * @throws {TypeError} As {@linkcode start_new_thread}.
 * @throws {OSError} As {@linkcode start_new_thread}.
 * @throws {RuntimeError} As {@linkcode start_new_thread}.
 */
export function start_joinable_thread(
  function_: Callable,
  args: readonly unknown[] = [],
  kwargs: object | null = null,
  options: ThreadOptions | null = null,
): ThreadHandle {
  const handle = new ThreadHandle(newIdent());
  const resolved = resolve(function_, options, start_joinable_thread);
  start(handle.ident, function_, args, kwargs, resolved, handle);
  return handle;
}

interface Resolved {
  module: string | URL | null;
  dedicated?: boolean | undefined;
}

function resolve(
  function_: Callable,
  options: ThreadOptions | null,
  callee: typeof start_new_thread | typeof start_joinable_thread,
): Resolved {
  if (options !== null && !isPlain(options)) {
    throw new TypeError(`options must be a plain object, not ${kind(options)}`);
  }
  return { ...options, module: options?.module ?? moduleOf(function_, callee) };
}

function start(
  ident: number,
  function_: Callable,
  args: readonly unknown[],
  kwargs: object | null,
  { module, dedicated = false }: Resolved,
  handle: ThreadHandle | null,
): void {
  checkCallable(function_);
  check(args, kwargs);
  checkModule(module, function_.name);
  begin("start a thread");
  const spec: Spec = {
    ident,
    module: String(module),
    name: function_.name,
    args,
    kwargs,
    dedicated,
    token: 0,
  };
  counted(1);
  try {
    send(spec, handle);
  } catch (error) {
    counted(-1);
    throw error;
  }
}

function send(spec: Spec, handle: ThreadHandle | null): void {
  const way = parent();
  if (!way) {
    checkThreads();
    return startInPool(spec, () => handle?.set_done());
  }
  const token = handle ? ++last : 0;
  way.post("start", { ...spec, token }, "");
  way.wake();
  if (handle) handles.set(token, handle);
}

const handles = new Map<number, ThreadHandle>();
let last = 0;

/** The main thread says that a thread which was started here has ended. */
export function done(token: number): void {
  handles.get(token)?.set_done();
  handles.delete(token);
}

function checkModule(
  module: unknown,
  name: string,
): asserts module is string | URL {
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
}

function check(args: unknown, kwargs: unknown): void {
  if (!Array.isArray(args)) {
    throw new TypeError(`2nd arg must be an array, not ${kind(args)}`);
  }
  if (kwargs !== null && !isPlain(kwargs)) {
    throw new TypeError(
      `optional 3rd arg must be a plain object, not ${kind(kwargs)}`,
    );
  }
}

/** Whether something is an object of names and values, and nothing else. */
function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
