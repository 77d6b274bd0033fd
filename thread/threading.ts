/**
 * Threads as objects, and what they wait for, under the names of Python's
 * [`threading`](https://docs.python.org/3/library/threading.html) module.
 *
 * Threads run on workers, each of which loads the program's modules for itself:
 * variables, locks and queues of a module are others in each of them. What
 * threads share is given to them, as arguments or as fields of their objects:
 * locks, conditions, semaphores, events, barriers and queues are the same
 * objects on both sides.
 *
 * @example A class of threads, which take their work from a queue
 * ```ts
 * import { queue, threading } from "jsr:@berkeley/socket";
 *
 * export class Worker extends threading.Thread {
 *   constructor(readonly tasks: queue.Queue<string>) {
 *     super({ daemon: true }); // The program may end before it.
 *   }
 *
 *   override async run() {
 *     while (true) {
 *       const item = await this.tasks.get();
 *       console.log(`Working on ${item}`);
 *       this.tasks.task_done();
 *     }
 *   }
 * }
 *
 * if (import.meta.main) {
 *   const tasks = new queue.Queue<string>();
 *   new Worker(tasks).start();
 *   for (let n = 0; n < 30; n++) await tasks.put(`task ${n}`);
 *   await tasks.join();
 * }
 * ```
 *
 * @example A lock, which Python's `with` statement would hold
 * ```ts
 * import * as threading from "jsr:@berkeley/socket/threading";
 *
 * const lock = new threading.Lock();
 * {
 *   using _held = await lock.hold();
 *   console.log("Nobody else has it.");
 * }
 * ```
 *
 * @module threading
 */

import "./mod.ts";

export { get_ident, get_native_id } from "./current.ts";
export { RuntimeError as ThreadError } from "./errors.ts";
export { Held, type Holding, type Write } from "./hold.ts";
export { Lock } from "./lock.ts";
export { RLock } from "./rlock.ts";
export { stack_size } from "./shared.ts";
export { TIMEOUT_MAX } from "./timeout.ts";
export { Barrier, BrokenBarrierError } from "./threading/barrier.ts";
export { Condition } from "./threading/condition.ts";
export { Event } from "./threading/event.ts";
export {
  __excepthook__,
  type ExceptHook,
  excepthook,
  ExceptHookArgs,
  setexcepthook,
} from "./threading/excepthook.ts";
export {
  active_count,
  active_count as activeCount,
  enumerate,
  main_thread,
} from "./threading/list.ts";
export { local } from "./threading/local.ts";
export type {
  ArgsOf,
  CommonOptions,
  NoTarget,
  Target,
  TargetWithOptions,
} from "./threading/options.ts";
export { BoundedSemaphore, Semaphore } from "./threading/semaphore.ts";
export {
  current_thread,
  current_thread as currentThread,
  Thread,
} from "./threading/thread.ts";
export { Timer } from "./threading/timer.ts";
