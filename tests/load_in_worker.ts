/**
 * Loading the modules of workers before the tests begin.
 *
 * @module
 */

import { thread } from "../mod.ts";
import { terminate } from "../thread/pool.ts";

/**
 * Has a worker load a module of threads. `deno test` checks the types of the
 * worker's modules then, once after each change: on a busy machine that takes
 * longer than a test may.
 */
export async function loadInWorker(module: URL): Promise<void> {
  await thread.start_joinable_thread(load, [module.href]).join();
  await terminate();
}

export async function load(module: string): Promise<void> {
  await import(module);
}
