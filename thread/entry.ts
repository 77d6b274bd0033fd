/**
 * Opening workers, and the module that they begin with.
 *
 * @module
 */

import process from "node:process";
import type { Worker as NodeWorker, WorkerOptions } from "node:worker_threads";
import * as errno from "../errno.ts";
import { OSError } from "../socket/errors.ts";
import { isBefore } from "../socket/version.ts";
import { RuntimeError } from "./errors.ts";
import { type Exports, preload } from "./load.ts";
import { hasSharedMemory } from "./memory.ts";
import type { Boot } from "./messages.ts";

/**
 * The first version of Deno that threads work on. In older ones
 * `Atomics.notify` doesn't wake a thread that waits for an event.
 */
const OLDEST = [2, 7, 6] as const;

/**
 * Checks that threads can run here.
 *
 * @throws {RuntimeError} Otherwise; the message names the missing feature.
 */
export function checkThreads(): void {
  const missing = [
    typeof globalThis.Worker === "function" ? [] : "workers (Worker)",
    hasSharedMemory() ? [] : "shared memory (SharedArrayBuffer)",
  ].flat();
  if (missing.length > 0) {
    throw new RuntimeError(
      `can't start new thread: this runtime has no ${missing.join(" and no ")}`,
    );
  }
  if (isBefore(OLDEST)) {
    throw new RuntimeError(
      `can't start new thread: threads need Deno ${OLDEST.join(".")} or ` +
        `newer, and this is ${Deno.version.deno}`,
    );
  }
}

export function open(boot: Boot): NodeWorker {
  // Loaded here, so that only programs that start threads pay for it.
  const { Worker, SHARE_ENV } = process.getBuiltinModule(
    "node:worker_threads",
  );
  const { heap_size_limit } = process.getBuiltinModule("node:v8")
    .getHeapStatistics();
  requestRead();
  return new Worker(entry(), {
    workerData: boot,
    // Without a limit, a worker out of memory takes the process with it.
    resourceLimits: { maxOldGenerationSizeMb: heap_size_limit / 2 ** 20 },
    env: SHARE_ENV as NonNullable<WorkerOptions["env"]>,
  });
}

/** Otherwise the worker would end later, with a less helpful message. */
function requestRead(): void {
  const path = workerModule();
  // A module that is compiled into the program needs no permission.
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

/** The address of this module, unless it was bundled. */
const OWN = /\/thread\/entry(\.\w+)$/;

/** The module of workers: `worker.ts`, or the bundle that contains it. */
function workerModule(here: string = import.meta.url): URL {
  const [, extension] = OWN.exec(here) ?? [];
  return new URL(extension === undefined ? here : `./worker${extension}`, here);
}

/**
 * The address that a worker begins at. It must be a local module or a `data:`
 * URL, which may then import any other.
 *
 * @param here The address of this module.
 */
export function entry(here: string = import.meta.url): URL {
  const module = workerModule(here);
  const address = JSON.stringify(module.href);
  if (!OWN.test(here)) {
    // The runtime drops messages that come before there is a listener, and the
    // bundle may await at its top level.
    return inline(
      'import { parentPort } from "node:worker_threads";' +
        "const early = [];" +
        "const keep = (message) => early.push(message);" +
        'parentPort.on("message", keep);' +
        `const bundle = { module: ${address}, takeEarly() {` +
        'parentPort.off("message", keep); return early; } };' +
        `globalThis[Symbol.for(${JSON.stringify(BUNDLE)})] = bundle;` +
        "bundle.exports = import(bundle.module);",
    );
  }
  return module.protocol === "file:" ? module : inline(`import ${address};`);
}

function inline(text: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`);
}

// In a worker of a bundled program, its one module is that of the worker too.

const BUNDLE = "@berkeley/socket.bundle";
const key = Symbol.for(BUNDLE);
const bundle = Reflect.get(globalThis, key) as
  | {
    readonly module: string;
    readonly exports: Promise<Exports>;
    takeEarly(): unknown[];
  }
  | undefined;

/** The messages that came before the worker's module listens; once. */
export function takeEarly(): unknown[] {
  return bundle?.takeEarly() ?? [];
}

if (bundle) {
  Reflect.deleteProperty(globalThis, key);
  preload(bundle.module, bundle.exports);
  // The expression makes worker.ts a part of the module graph: of caches,
  // compiled programs and bundles. Elsewhere workers load it by its address.
  import("./worker.ts");
}
