/**
 * What Deno and Node throw, as the errors of this module.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { EAI_NONAME } from "./constants.ts";
import { gaierror, OSError } from "./errors.ts";

const NUMBERS = errno as unknown as Record<string, number | undefined>;

/** The classes of `Deno.errors` that come without the system's own code. */
const CLASSES: [new (...args: never[]) => Error, number][] = [
  [Deno.errors.NotCapable, errno.EACCES],
  [Deno.errors.PermissionDenied, errno.EACCES],
  // Only closing the resource interrupts or loses it.
  [Deno.errors.Interrupted, errno.EBADF],
  [Deno.errors.BadResource, errno.EBADF],
  [Deno.errors.AddrInUse, errno.EADDRINUSE],
  [Deno.errors.AddrNotAvailable, errno.EADDRNOTAVAIL],
  [Deno.errors.AlreadyExists, errno.EEXIST],
  [Deno.errors.BrokenPipe, errno.EPIPE],
  [Deno.errors.Busy, errno.EBUSY],
  [Deno.errors.ConnectionAborted, errno.ECONNABORTED],
  [Deno.errors.ConnectionRefused, errno.ECONNREFUSED],
  [Deno.errors.ConnectionReset, errno.ECONNRESET],
  [Deno.errors.NetworkUnreachable, errno.ENETUNREACH],
  [Deno.errors.NotConnected, errno.ENOTCONN],
  [Deno.errors.NotFound, errno.ENOENT],
  [Deno.errors.NotSupported, errno.EOPNOTSUPP],
  [Deno.errors.TimedOut, errno.ETIMEDOUT],
  [Deno.errors.UnexpectedEof, errno.ECONNRESET],
  [Deno.errors.WriteZero, errno.EPIPE],
];

/** The `OSError` for anything that Deno or Node threw; it becomes the `cause`. */
export function oserror(cause: unknown): OSError {
  if (cause instanceof OSError) return cause;
  if (!(cause instanceof Error)) {
    return new OSError(errno.EIO, String(cause), { cause });
  }
  if (cause instanceof Deno.errors.NotCapable) {
    return new OSError(errno.EACCES, cause.message, { cause });
  }
  const known = CLASSES.find(([kind]) => cause instanceof kind);
  // A cancelled operation also carries the code EINTR, so the class goes first.
  if (known?.[1] === errno.EBADF) {
    return new OSError(errno.EBADF, undefined, { cause });
  }
  const code = (cause as { code?: unknown }).code;
  if (typeof code === "string" && code in NUMBERS) {
    return new OSError(NUMBERS[code]!, undefined, { cause });
  }
  const number = /\(os error (\d+)\)/.exec(cause.message);
  if (number) return new OSError(Number(number[1]), undefined, { cause });
  if (
    /failed to lookup address|ENOTFOUND|No resolved address|invalid host/.test(
      cause.message,
    )
  ) {
    return new gaierror(EAI_NONAME, "Name or service not known", { cause });
  }
  if (known) return new OSError(known[1], undefined, { cause });
  return new OSError(errno.EIO, cause.message, { cause });
}
