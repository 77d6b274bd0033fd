/**
 * Threads on workers, under the names of Python's
 * [`_thread`](https://docs.python.org/3/library/_thread.html) module.
 *
 * A thread is an exported function that runs on a worker. Sockets, poll
 * objects, locks and queues can be given to it.
 *
 * ```ts
 * import * as thread from "@berkeley/socket/thread";
 *
 * const lock = thread.allocate_lock();
 * await lock.acquire();
 * lock.release();
 * ```
 *
 * @module
 */

import "../select/mod.ts";
import "../socket/mod.ts";

export { _count } from "./counter.ts";
export { RuntimeError, RuntimeError as error } from "./errors.ts";
export { exit, SystemExit } from "./exit.ts";
export { ThreadHandle } from "./handle.ts";
export { Held } from "./held.ts";
export { get_ident } from "./ident.ts";
export { interrupt_main, KeyboardInterrupt } from "./interrupt.ts";
export { allocate_lock, Lock, Lock as lock, Lock as LockType } from "./lock.ts";
export { get_native_id } from "./native.ts";
export { pool_size } from "./pool.ts";
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
export { stack_size } from "./stack.ts";
export {
  type Callable,
  start_joinable_thread,
  start_new_thread,
  type ThreadOptions,
} from "./start.ts";
export { TIMEOUT_MAX } from "./timeout.ts";
export {
  type Movable,
  onArrival,
  type Parcel,
  transfer,
  type Way,
} from "../socket/transfer.ts";
export type { Pollable, Source, Watch } from "../socket/readiness.ts";
