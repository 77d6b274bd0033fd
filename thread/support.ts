/**
 * What threads, locks and queues need of the runtime.
 *
 * @module
 */

import { isBefore } from "../socket/version.ts";
import { RuntimeError } from "./errors.ts";

/**
 * The first version of Deno that threads work on. In older ones
 * `Atomics.notify` doesn't wake a thread that waits for an event.
 */
const OLDEST = [2, 7, 6] as const;

/** Looking takes longer than starting does. */
let checked = false;

/**
 * Checks that threads can run here.
 *
 * @throws {RuntimeError} Otherwise; the message says what is missing.
 */
export function checkThreads(): void {
  if (checked) return;
  const missing = [
    hasWorkers() ? "" : "workers (Worker)",
    hasSharedMemory() ? "" : "shared memory (SharedArrayBuffer)",
  ].filter((part) => part !== "");
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
  checked = true;
}

/**
 * Memory for a lock or a queue.
 *
 * @throws {RuntimeError} If there is none here.
 */
export function sharedMemory(size: number): SharedArrayBuffer {
  if (!hasSharedMemory()) {
    throw new RuntimeError(
      "locks and queues need shared memory (SharedArrayBuffer), which this " +
        "runtime doesn't have",
    );
  }
  return new SharedArrayBuffer(size);
}

function hasWorkers(): boolean {
  return typeof globalThis.Worker === "function";
}

/** Some runtimes put `ArrayBuffer` in its place, so that programs load. */
function hasSharedMemory(): boolean {
  const { SharedArrayBuffer } = globalThis;
  return typeof SharedArrayBuffer === "function" &&
    !(new SharedArrayBuffer(0) instanceof ArrayBuffer);
}
