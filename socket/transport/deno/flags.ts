/**
 * Flags and ancillary data, as far as Deno can do them.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import {
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_PEEK,
  MSG_WAITALL,
} from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { flagNames } from "../constant_names.ts";
import type { ControlMessage } from "../transport.ts";

/** Refuses flags that can't be obeyed in receiving. */
export function checkReceiveFlags(flags: number): void {
  check(flags & ~(MSG_PEEK | MSG_WAITALL | MSG_DONTWAIT), "receive");
}

/** Refuses flags that can't be obeyed in sending. */
export function checkSendFlags(flags: number): void {
  // Deno never raises SIGPIPE, so MSG_NOSIGNAL is always obeyed.
  check(flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL), "send");
}

function check(strange: number, doing: string): void {
  if (strange === 0) return;
  throw new OSError(
    errno.EOPNOTSUPP,
    `Deno can't ${doing} with ${flagNames(strange)}`,
  );
}

/** Refuses ancillary data. */
export function checkAncillary(ancillary: readonly ControlMessage[]): void {
  if (ancillary.length === 0) return;
  throw new OSError(
    errno.EOPNOTSUPP,
    "Deno can't send ancillary data; give sockets to threads instead",
  );
}
