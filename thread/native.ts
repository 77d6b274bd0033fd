/**
 * What the system knows threads by.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { OSError } from "../socket/errors.ts";
import { parent } from "./parent.ts";

/**
 * The number that the system gave the thread of the current worker: threads
 * that share a worker have the same. In the main thread it is the process's.
 *
 * Follows Python's
 * [`_thread.get_native_id`](https://docs.python.org/3/library/_thread.html#thread.get_native_id).
 *
 * @throws {OSError} In a worker: `EACCES` without `--allow-all`, which Deno
 * asks for before it reads `/proc`; `ENOTSUP` on systems other than Linux.
 */
export function get_native_id(): number {
  if (!parent()) return Deno.pid;
  try {
    // Reads "1234/task/1240".
    const path = Deno.readLinkSync("/proc/thread-self");
    return Number(path.slice(path.lastIndexOf("/") + 1));
  } catch (cause) {
    throw new OSError(
      cause instanceof Deno.errors.NotCapable ? errno.EACCES : errno.ENOTSUP,
      (cause as Error).message,
      { cause },
    );
  }
}
