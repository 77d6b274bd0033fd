/**
 * Opening the workers that threads run on.
 *
 * @module
 */

import process from "node:process";
import type { Worker as NodeWorker, WorkerOptions } from "node:worker_threads";
import * as errno from "../errno.ts";
import { OSError } from "../socket/errors.ts";
import { entry, workerModule } from "./entry.ts";
import type { Boot } from "./spec.ts";

/** Opens one, at rest. */
export function open(boot: Boot): NodeWorker {
  // Only programs that start threads pay for the module.
  const { Worker, SHARE_ENV } = process.getBuiltinModule(
    "node:worker_threads",
  );
  const { heap_size_limit } = process.getBuiltinModule("node:v8")
    .getHeapStatistics();
  askToLoad();
  return new Worker(entry(), {
    workerData: boot,
    // Without a limit, a worker out of memory takes the process with it.
    resourceLimits: { maxOldGenerationSizeMb: heap_size_limit / 2 ** 20 },
    env: SHARE_ENV as NonNullable<WorkerOptions["env"]>,
  });
}

/** A worker that may not load its module ends later, and says so less well. */
function askToLoad(): void {
  const path = workerModule();
  // What is compiled into the program needs no permission.
  if (path.protocol !== "file:" || Deno.build.standalone) return;
  const { state } = Deno.permissions.requestSync({ name: "read", path });
  if (state === "granted") return;
  throw new OSError(
    errno.EACCES,
    `a thread has to load its modules: Requires read access to ` +
      `"${decodeURIComponent(path.pathname)}", ` +
      "run again with the --allow-read flag",
  );
}
