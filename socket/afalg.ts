/**
 * The control messages of `Socket.sendmsg_afalg()`.
 *
 * @module
 */

import { int } from "./arguments.ts";
import { view } from "./bytes.ts";
import {
  AF_ALG,
  ALG_SET_AEAD_ASSOCLEN,
  ALG_SET_IV,
  ALG_SET_OP,
  SOL_ALG,
} from "./constants.ts";
import { OSError } from "./errors.ts";
import type { Ancillary } from "./receive.ts";

/** Options of {@linkcode Socket.prototype.sendmsg_afalg}. */
export interface AlgOptions {
  /** What to do: `ALG_OP_ENCRYPT`, `ALG_OP_DECRYPT` or another `ALG_OP_`. */
  op: number;
  /** The initialization vector. */
  iv?: BufferSource | undefined;
  /** How many bytes are only authenticated, for `"aead"`. */
  assoclen?: number | undefined;
  /** `MSG_` flags, such as `MSG_MORE`. */
  flags?: number | undefined;
}

/** The control messages for an operation on a socket of some family. */
export function algMessages(
  family: number,
  { op, iv, assoclen }: AlgOptions,
): Ancillary[] {
  if (family !== AF_ALG) {
    throw new OSError("algset is only supported for AF_ALG");
  }
  if (op === undefined || int(op, "op") < 0) {
    throw new TypeError("Invalid or missing argument 'op'");
  }
  const messages: Ancillary[] = [[SOL_ALG, ALG_SET_OP, u32(op)]];
  if (iv !== undefined) {
    const bytes = view(iv);
    const sized = Uint8Array.of(...u32(bytes.length), ...bytes);
    messages.push([SOL_ALG, ALG_SET_IV, sized]);
  }
  if (assoclen !== undefined) {
    if (int(assoclen, "assoclen") < 0) {
      throw new TypeError("assoclen must be positive");
    }
    messages.push([SOL_ALG, ALG_SET_AEAD_ASSOCLEN, u32(assoclen)]);
  }
  return messages;
}

/** A C `uint32_t`, whose bytes are those of a little-endian machine. */
function u32(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
