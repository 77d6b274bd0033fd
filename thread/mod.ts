/**
 * Threads on Web Workers, under the names of Python's
 * [`_thread`](https://docs.python.org/3/library/_thread.html) module; the locks
 * of [`threading`](https://docs.python.org/3/library/threading.html) and the
 * queues of [`queue`](https://docs.python.org/3/library/queue.html).
 *
 * A thread is an exported function that runs on a worker. Sockets, poll
 * objects, locks and queues can be given to it; a socket is closed for the
 * sender then. Every worker loads the program's modules for itself, so each has
 * module-level variables, locks and queues of its own: shared objects are given
 * to threads as arguments. Workers need `--allow-read` for local
 * modules.
 *
 * @example Threads that take their work from a queue
 * ```ts
 * import * as thread from "jsr:@berkeley/socket/thread";
 *
 * type Results = thread.Queue<[n: number, square: number]>;
 *
 * export async function work(tasks: thread.Queue<number>, results: Results) {
 *   while (true) {
 *     const n = await tasks.get();
 *     await results.put([n, n ** 2]);
 *   }
 * }
 *
 * if (import.meta.main) {
 *   const tasks = new thread.Queue<number>();
 *   const results: Results = new thread.Queue();
 *   for (let i = 0; i < 4; i++) thread.start_new_thread(work, [tasks, results]);
 *   for (let n = 0; n < 10; n++) await tasks.put(n);
 *   for (let n = 0; n < 10; n++) console.log(await results.get());
 *   Deno.exit(); // The threads would wait for ever.
 * }
 * ```
 *
 * @example A lock
 * ```ts
 * import * as thread from "jsr:@berkeley/socket/thread";
 *
 * const printing = thread.allocate_lock();
 * {
 *   using _held = await printing.hold();
 *   console.log("one");
 *   console.log("piece");
 * }
 * ```
 *
 * @module thread
 */

import "../select/mod.ts";
import "../socket/mod.ts";
import "./threading/arrivals.ts";

export { exit, get_ident, get_native_id, interrupt_main } from "./current.ts";
export {
  KeyboardInterrupt,
  RuntimeError,
  RuntimeError as error,
  SystemExit,
} from "./errors.ts";
export { Held, type Holding, type Write } from "./hold.ts";
export { allocate_lock, Lock, Lock as lock, Lock as LockType } from "./lock.ts";
export {
  Empty,
  Full,
  LifoQueue,
  PriorityQueue,
  Queue,
  ShutDown,
  SimpleQueue,
} from "./queue.ts";
export { RLock } from "./rlock.ts";
export { _count, pool_size, stack_size } from "./shared.ts";
export type { Callable } from "./function.ts";
export {
  start_joinable_thread,
  start_new_thread,
  ThreadHandle,
  type ThreadOptions,
} from "./start.ts";
export { TIMEOUT_MAX } from "./timeout.ts";
export {
  type Movable,
  onArrival,
  type ThreadLink,
  transfer,
  type TransferRecord,
} from "../socket/link/transfer.ts";
export type { Pollable, Source, Watch } from "../socket/reactor/readiness.ts";
