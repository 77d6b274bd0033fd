/**
 * What a failed look-up raises.
 *
 * @module
 */

import * as errno from "../../errno.ts";
import {
  EAI_ADDRFAMILY,
  EAI_AGAIN,
  EAI_BADFLAGS,
  EAI_FAIL,
  EAI_FAMILY,
  EAI_MEMORY,
  EAI_NODATA,
  EAI_NONAME,
  EAI_OVERFLOW,
  EAI_SERVICE,
  EAI_SOCKTYPE,
  EAI_SYSTEM,
} from "../constants.ts";
import { gaierror, herror, PermissionError } from "../errors.ts";

/** `gai_strerror(3)` of the GNU C library. */
const GAI_WORDS: Record<number, string> = {
  [EAI_BADFLAGS]: "Bad value for ai_flags",
  [EAI_NONAME]: "Name or service not known",
  [EAI_AGAIN]: "Temporary failure in name resolution",
  [EAI_FAIL]: "Non-recoverable failure in name resolution",
  [EAI_NODATA]: "No address associated with hostname",
  [EAI_FAMILY]: "ai_family not supported",
  [EAI_SOCKTYPE]: "ai_socktype not supported",
  [EAI_SERVICE]: "Servname not supported for ai_socktype",
  [EAI_ADDRFAMILY]: "Address family for hostname not supported",
  [EAI_MEMORY]: "Memory allocation failure",
  [EAI_SYSTEM]: "System error",
  [EAI_OVERFLOW]: "Result too large for supplied buffer",
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
};

/** The error of `getaddrinfo()` and `getnameinfo()` with a number. */
export function gaiError(code: number, cause?: unknown): gaierror {
  return new gaierror(code, GAI_WORDS[code] ?? "Unknown error", { cause });
}

/** The error of the older functions with a number. */
export function hError(code: number, cause?: unknown): herror {
  return new herror(code, H_WORDS[code], { cause });
}

/** The error for a permission that the program lacks, in Deno's words. */
export function permissionError(
  access: string,
  flag: string,
  cause?: unknown,
): PermissionError {
  return new PermissionError(
    errno.EACCES,
    `Requires ${access}, run again with the ${flag} flag`,
    { cause },
  );
}
