/**
 * The payloads of records about endpoints.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { OSError } from "../../errors.ts";
import { decode, encode } from "../../link/json.ts";
import type { Message, SocketAddress } from "../transport.ts";

/** Longer texts are cut, in UTF-16 units: an answer has a bounded size. */
const LONGEST_TEXT = 500;

/** A record with its address before it. */
export function encodeMessage(
  address: SocketAddress | null,
  data: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const head = encode(address);
  const whole = new Uint8Array(4 + head.length + data.length);
  new DataView(whole.buffer).setUint32(0, head.length);
  whole.set(head, 4);
  whole.set(data, 4 + head.length);
  return whole;
}

/** The two back; the bytes are a copy. */
export function decodeMessage(payload: Uint8Array): Message {
  const { buffer, byteOffset, byteLength } = payload;
  const end = 4 + new DataView(buffer, byteOffset, byteLength).getUint32(0);
  return {
    address: decode(payload.subarray(4, end)),
    data: new Uint8Array(payload.subarray(end)),
    flags: 0,
  };
}

/** An error in a form that JSON can represent. */
export type ErrorReport = [code: number | null, text: string];

/** Describes an error. */
export function reportOf(error: unknown): ErrorReport {
  const [code, text] = error instanceof OSError
    ? [error.errno, error.strerror ?? error.message]
    : [errno.EIO, textOf(error)];
  const cut = text.length > LONGEST_TEXT;
  return [code, cut ? `${text.slice(0, LONGEST_TEXT)}…` : text];
}

function textOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "an error that can't be described";
  }
}

/** The error that was described. */
export function errorOf([code, text]: ErrorReport): OSError {
  return code === null ? new OSError(text) : new OSError(code, text);
}
