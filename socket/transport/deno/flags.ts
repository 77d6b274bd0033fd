/**
 * The flags that a transport over Deno obeys.
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

const RECEIVE = MSG_PEEK | MSG_WAITALL | MSG_DONTWAIT;
/** Deno never raises SIGPIPE, so that flag is always obeyed. */
const SEND = MSG_DONTWAIT | MSG_NOSIGNAL;

/** Raises `EOPNOTSUPP` for flags that can't be received with. */
export function checkReceiveFlags(flags: number): void {
  if (flags & ~RECEIVE) refuse(flags & ~RECEIVE);
}

/** Raises `EOPNOTSUPP` for flags that can't be sent with. */
export function checkSendFlags(flags: number): void {
  if (flags & ~SEND) refuse(flags & ~SEND);
}

function refuse(flags: number): never {
  throw new OSError(
    errno.EOPNOTSUPP,
    `Deno can't send or receive with flags 0x${flags.toString(16)}`,
  );
}
