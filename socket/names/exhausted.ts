/**
 * Failures for want of a file descriptor, which say nothing of what was looked
 * for.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import { OSError } from "../errors.ts";
import { oserror } from "../oserror.ts";

/**
 * Linux tells how much memory is in use through a file, which needs no
 * permission. If that file can't be opened, the answer is 0.
 */
function opens(): boolean {
  return Deno.memoryUsage?.().rss > 0;
}

/** Whether {@linkcode opens} can be asked: there may be no such file. */
const known = Deno.build.os === "linux" && opens();

/**
 * The error if the process has no descriptor left: of a look-up, the runtime
 * tells only that it failed.
 */
export function exhausted(cause: unknown): OSError | null {
  return known && !opens()
    ? new OSError(errno.EMFILE, undefined, { cause })
    : null;
}

/** Raises what failed if there was no descriptor left, in the process or at all. */
export function raiseExhausted(cause: unknown): void {
  const error = oserror(cause);
  if (error.errno === errno.EMFILE || error.errno === errno.ENFILE) throw error;
}
