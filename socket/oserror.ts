/**
 * The errors of Deno and Node as those of this module.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { EAI_NONAME } from "./constants.ts";
import { gaierror, OSError } from "./errors.ts";

const NUMBERS = errno as unknown as Record<string, number | undefined>;

/** The numbers of the classes of `Deno.errors`. */
const CLASSES: [new (...args: never[]) => Error, number][] = [
  [Deno.errors.NotCapable, errno.EACCES],
  [Deno.errors.PermissionDenied, errno.EACCES],
  // Deno raises these two only when the resource was closed.
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

const UNRESOLVED =
  /failed to lookup address|ENOTFOUND|No resolved address|invalid host/;

/** The `OSError` for an error of Deno or Node, which becomes its `cause`. */
export function oserror(cause: unknown): OSError {
  if (cause instanceof OSError) return cause;
  if (!(cause instanceof Error)) {
    return new OSError(errno.EIO, String(cause), { cause });
  }
  if (cause instanceof Deno.errors.NotCapable) {
    return new OSError(errno.EACCES, cause.message, { cause });
  }
  const known = CLASSES.find(([kind]) => cause instanceof kind)?.[1];
  const { code } = cause as { code?: unknown };
  const number = /\(os error (\d+)\)/.exec(cause.message)?.[1];
  // A cancelled operation also carries the code EINTR, so the class goes first.
  const found = known === errno.EBADF
    ? known
    : NUMBERS[String(code)] ?? (number ? Number(number) : undefined);
  if (found !== undefined) return new OSError(found, undefined, { cause });
  if (UNRESOLVED.test(cause.message)) {
    return new gaierror(EAI_NONAME, "Name or service not known", { cause });
  }
  return known === undefined
    ? new OSError(errno.EIO, cause.message, { cause })
    : new OSError(known, undefined, { cause });
}
