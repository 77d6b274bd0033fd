/**
 * Starting threads.
 *
 * @module
 */

import { kind } from "../socket/bytes.ts";
import { begin } from "../socket/bootstrap.ts";
import { Slab } from "../socket/slab.ts";
import { get_ident, newIdent, parent } from "./current.ts";
import { RuntimeError } from "./errors.ts";
import { type Callable, checkCallable, moduleOf, named } from "./function.ts";
import { START, type ThreadSpec } from "./messages.ts";
import { start as startInPool } from "./pool.ts";
import { countThread } from "./shared.ts";
import { seconds, within } from "./timeout.ts";

/** A thread that can be waited for; made by `start_joinable_thread()`. */
export class ThreadHandle {
  /** The ident of the thread, as {@linkcode get_ident} gives it there. */
  readonly ident: number;
  readonly #ended = Promise.withResolvers<void>();
  #done = false;

  /** @internal */
  constructor(ident: number) {
    this.ident = ident;
  }

  /** Whether the thread has ended. */
  is_done(): boolean {
    return this.#done;
  }

  /**
   * Waits until the thread has ended.
   *
   * @param timeout How long to wait at most, in seconds, up to
   * `thread.TIMEOUT_MAX`; `null` or a negative number for ever.
   * {@linkcode ThreadHandle.prototype.is_done | is_done} tells whether it was
   * long enough.
   * @throws {TypeError} If `timeout` is neither a number nor `null`.
   * @throws {RangeError} If it is `NaN` or too large.
   * @throws {RuntimeError} In the thread itself, which would wait for ever.
   */
  async join(timeout: number | null = null): Promise<void> {
    const limit = timeout === null ? -1 : seconds(timeout, " or null");
    if (this.#done) return;
    if (this.ident === get_ident()) {
      throw new RuntimeError("Cannot join current thread");
    }
    await within(this.#ended.promise, limit < 0 ? Infinity : limit * 1000);
  }

  /**
   * The thread has ended.
   *
   * @internal
   */
  set_done(): void {
    this.#done = true;
    this.#ended.resolve();
  }
}

/** Options of {@linkcode start_new_thread}. */
export interface ThreadOptions {
  /**
   * The URL of the module that exports the function, if that isn't the
   * caller's own: there, `import.meta.url`. It can't be a relative path:
   * `new URL("./other.ts", import.meta.url)` makes a URL of one.
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
 * The function is found there by its name, so its module must export it; the
 * module is loaded again there, so code that only the program itself should run
 * belongs behind `if (import.meta.main)`. The thread ends when the function
 * returns, or when its promise settles. An error that it raises is printed, and
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
 * @param args Its arguments, which the type checker compares with its
 * parameters: anything that structured clone takes, and at any depth sockets, poll objects, locks and queues. Sockets and poll objects are
 * closed in this thread from then on.
 * @param kwargs One more argument, behind the others.
 * @param options Where the function is, and whether it computes long.
 * @returns The ident, as `get_ident()` gives it in the thread.
 * @throws {TypeError} If an argument of this call is of the wrong type, if the
 * function has no name or is a method, a class, bound or built in, if its
 * module is unknown or a relative path, or if a part of `args` or `kwargs` can't
 * be sent, whose path is in the message. Then nothing has changed.
 * @throws {OSError} `EBADF` if a socket in `args` or `kwargs` is closed;
 * `EACCES` if `--allow-read` is missing, which a thread needs for the modules
 * that it loads.
 * @throws {RuntimeError} While a thread loads the module, and where there are
 * no threads: before Deno 2.7.6, and on runtimes without workers or shared
 * memory.
 */
export function start_new_thread(
  function_: () => unknown,
  args?: readonly [],
  kwargs?: null,
  options?: ThreadOptions | null,
): number;
/** Starts a thread whose function has parameters. */
export function start_new_thread<P extends readonly unknown[]>(
  function_: (...args: P) => unknown,
  args: Readonly<NoInfer<P>>,
  kwargs?: null,
  options?: ThreadOptions | null,
): number;
/** Starts a thread whose function has an object as its last parameter. */
export function start_new_thread<
  P extends readonly unknown[],
  K extends object,
>(
  function_: (...args: [...P, K]) => unknown,
  args: readonly [...P],
  kwargs: K,
  options?: ThreadOptions | null,
): number;
export function start_new_thread(
  function_: Callable,
  args: unknown = [],
  kwargs: object | null = null,
  options: ThreadOptions | null = null,
): number {
  const ident = newIdent();
  start(start_new_thread, ident, null, function_, args, kwargs, options);
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
 * @param args Its arguments, as for {@linkcode start_new_thread}.
 * @param kwargs One more argument, behind the others.
 * @param options Where the function is, and whether it computes long.
 * @returns The handle, which has the ident too.
 * @throws {TypeError} As {@linkcode start_new_thread}.
 * @throws {OSError} As {@linkcode start_new_thread}.
 * @throws {RuntimeError} As {@linkcode start_new_thread}.
 */
export function start_joinable_thread(
  function_: () => unknown,
  args?: readonly [],
  kwargs?: null,
  options?: ThreadOptions | null,
): ThreadHandle;
/** Starts a thread whose function has parameters. */
export function start_joinable_thread<P extends readonly unknown[]>(
  function_: (...args: P) => unknown,
  args: Readonly<NoInfer<P>>,
  kwargs?: null,
  options?: ThreadOptions | null,
): ThreadHandle;
/** Starts a thread whose function has an object as its last parameter. */
export function start_joinable_thread<
  P extends readonly unknown[],
  K extends object,
>(
  function_: (...args: [...P, K]) => unknown,
  args: readonly [...P],
  kwargs: K,
  options?: ThreadOptions | null,
): ThreadHandle;
export function start_joinable_thread(
  function_: Callable,
  args: unknown = [],
  kwargs: object | null = null,
  options: ThreadOptions | null = null,
): ThreadHandle {
  const handle = new ThreadHandle(newIdent());
  const { ident } = handle;
  start(start_joinable_thread, ident, handle, function_, args, kwargs, options);
  return handle;
}

function start(
  callee: typeof start_new_thread | typeof start_joinable_thread,
  ident: number,
  handle: ThreadHandle | null,
  function_: Callable,
  args: unknown,
  kwargs: object | null,
  options: ThreadOptions | null,
): void {
  if (options !== null && !isRecord(options)) {
    throw new TypeError(`options must be a plain object, not ${kind(options)}`);
  }
  const { dedicated = false } = options ?? {};
  const url = options?.module ?? moduleOf(function_, callee);
  checkCallable(function_);
  checkArguments(args, kwargs);
  const { module, name } = named(function_.name, url);
  launch({ ident, module, name, args, kwargs, dedicated, id: 0 }, handle);
}

/** Starts a thread; the handle, if there is one, learns of its end. */
export function launch(
  spec: ThreadSpec,
  handle: ThreadHandle | null = null,
): void {
  begin("start a thread");
  countThread(1);
  try {
    send(spec, handle);
  } catch (error) {
    countThread(-1);
    throw error;
  }
}

function send(spec: ThreadSpec, handle: ThreadHandle | null): void {
  const link = parent();
  if (!link) return startInPool(spec, () => handle?.set_done());
  const id = handle ? handles.reserve() : 0;
  try {
    link.post(START, { ...spec, id }, "");
  } catch (error) {
    if (handle) handles.release(id);
    throw error;
  }
  link.wake();
  if (handle) handles.set(id, handle);
}

/** The handles of threads that this worker's threads have started. */
const handles = new Slab<ThreadHandle>();

/** To be called when the main thread reports the end of one. */
export function ended(id: number): void {
  handles.get(id)!.set_done();
  handles.release(id);
}

function checkArguments(
  args: unknown,
  kwargs: unknown,
): asserts args is readonly unknown[] {
  if (!Array.isArray(args)) {
    throw new TypeError(`2nd arg must be an array, not ${kind(args)}`);
  }
  if (kwargs !== null && !isRecord(kwargs)) {
    throw new TypeError(
      `optional 3rd arg must be a plain object, not ${kind(kwargs)}`,
    );
  }
}

/** Whether a value is an object without a class. */
export function isRecord(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
