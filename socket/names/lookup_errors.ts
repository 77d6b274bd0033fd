/**
 * The errors of look-ups.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import * as c from "../constants.ts";
import { gaierror, herror, OSError } from "../errors.ts";
import { oserror } from "../oserror.ts";

/** `gai_strerror(3)` of the GNU C library, and libuv's number of the error. */
const GAI: Record<number, [text: string, uv?: number]> = {
  [c.EAI_BADFLAGS]: ["Bad value for ai_flags"],
  [c.EAI_NONAME]: ["Name or service not known", -3008],
  [c.EAI_AGAIN]: ["Temporary failure in name resolution", -3001],
  [c.EAI_FAIL]: ["Non-recoverable failure in name resolution", -3004],
  [c.EAI_NODATA]: ["No address associated with hostname", -3007],
  [c.EAI_FAMILY]: ["ai_family not supported", -3005],
  [c.EAI_SOCKTYPE]: ["ai_socktype not supported"],
  [c.EAI_SERVICE]: ["Servname not supported for ai_socktype"],
  [c.EAI_ADDRFAMILY]: ["Address family for hostname not supported", -3000],
  [c.EAI_MEMORY]: ["Memory allocation failure", -3006],
  [c.EAI_SYSTEM]: ["System error"],
  [c.EAI_OVERFLOW]: ["Result too large for supplied buffer", -3009],
};

/** `h_errno` of a name that doesn't exist. */
export const HOST_NOT_FOUND = 1;
/** `h_errno` when no name server answers. */
export const TRY_AGAIN = 2;
/** `h_errno` of a name that can't be one. */
export const NO_RECOVERY = 3;

/** `hstrerror(3)` of the GNU C library. */
const H_WORDS: Record<number, string> = {
  [HOST_NOT_FOUND]: "Unknown host",
  [TRY_AGAIN]: "Host name lookup failure",
  [NO_RECOVERY]: "Unknown server error",
  // `NO_DATA`, which only the C library reports.
  4: "No address associated with name",
};

/** The error of `getaddrinfo()` and `getnameinfo()` with a number. */
export function gaiError(code: number, cause?: unknown): gaierror {
  return new gaierror(code, GAI[code]?.[0] ?? "Unknown error", { cause });
}

/** The error of `node:dns`, which has libuv's numbers. */
export function dnsError(cause: NodeJS.ErrnoException): OSError {
  const { code, errno: number = 0 } = cause;
  const known = Object.entries(GAI).find(([, [, uv]]) => uv === number)?.[0];
  const otherwise = code === "ENOTFOUND" ? c.EAI_NONAME : c.EAI_SYSTEM;
  return exhausted(cause) ?? gaiError(Number(known ?? otherwise), cause);
}

/** The error of the older functions with a number. */
export function hError(code: number, cause?: unknown): herror {
  return new herror(code, H_WORDS[code], { cause });
}

/**
 * Linux reports the memory in use through a file that needs no permission. If
 * that file can't be opened, the answer is 0.
 */
function opensFiles(): boolean {
  return Deno.memoryUsage?.().rss > 0;
}

/** Whether {@linkcode opensFiles} says anything: there may be no such file. */
const tellsDescriptors = Deno.build.os === "linux" && opensFiles();

/**
 * `EMFILE` if the process has no descriptor left. The runtime only reports
 * that the look-up failed; so does the C library in a process's first one.
 */
export function exhausted(cause?: unknown): OSError | null {
  return tellsDescriptors && !opensFiles()
    ? new OSError(errno.EMFILE, undefined, { cause })
    : null;
}

/** Raises a failure for want of a descriptor, in the process or the system. */
export function raiseExhausted(cause: unknown): void {
  const error = oserror(cause);
  if (error.errno === errno.EMFILE || error.errno === errno.ENFILE) throw error;
}
