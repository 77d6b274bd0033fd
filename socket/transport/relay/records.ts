/**
 * What the two halves of a lent endpoint tell each other.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { OSError } from "../../errors.ts";
import type { SocketAddress } from "../transport.ts";
import { decode, encode } from "./json.ts";
import { FIRST_OP } from "./link.ts";

export { decode, encode };

/** Bytes that may be under way to one socket, each way. */
export const WINDOW: number = 256 * 1024;

/** As much as this is confirmed at once, in bytes. */
export const STEP: number = WINDOW / 4;

/** From who uses the endpoint to where it stays. */
export const SEND: number = FIRST_OP;
/** Send a datagram: where to, and the bytes. */
export const SENDTO: number = FIRST_OP + 1;
/** So many bytes more may be under way to the user. */
export const TAKEN: number = FIRST_OP + 2;
/** Somebody waits for bytes, or for a connection. */
export const WANT: number = FIRST_OP + 3;
/** Close one way or both, behind what was sent. */
export const SHUT: number = FIRST_OP + 4;
/** Close the endpoint, behind what was sent. */
export const CLOSE: number = FIRST_OP + 5;
/** Start to connect. */
export const CONNECT: number = FIRST_OP + 6;
/** Let in what the system has, then answer with {@linkcode SETTLED}. */
export const SETTLE: number = FIRST_OP + 7;
/** Call a method; who called is blocked until the answer. */
export const CALL: number = FIRST_OP + 8;
/** What came for who had given the endpoint back already: `value` is the operation. */
export const BOUNCE: number = FIRST_OP + 10;

/** From where the endpoint stays to who uses it. */
export const DATA: number = FIRST_OP + 32;
/** A datagram: where from, and the bytes. */
export const DATAGRAM: number = FIRST_OP + 33;
/** So many bytes more may be under way to where the endpoint stays. */
export const ROOM: number = FIRST_OP + 34;
/** The stream has come to its end. */
export const END: number = FIRST_OP + 35;
/** Something went wrong. */
export const FAILED: number = FIRST_OP + 36;
/** Connecting has come to an end, a good one. */
export const CONNECTED: number = FIRST_OP + 37;
/** A connection was accepted, and is lent as well. */
export const ACCEPTED: number = FIRST_OP + 38;
/** The answer to {@linkcode SETTLE}. */
export const SETTLED: number = FIRST_OP + 39;

/** Nobody waits any more. */
export const UNWANT: number = FIRST_OP + 11;

/** What was sent didn't go, and nothing more will. */
export const UNSENT: number = FIRST_OP + 41;

/** Nothing more will come under this number. */
export const GONE: number = FIRST_OP + 40;

/** Operations from this on go to who uses the endpoint. */
export const FIRST_BACK: number = DATA;

/** A datagram with an address before it. */
export function encodeDatagram(
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
export function decodeDatagram(
  payload: Uint8Array,
): [address: SocketAddress | null, data: Uint8Array<ArrayBuffer>] {
  const { buffer, byteOffset } = payload;
  const end = 4 + new DataView(buffer, byteOffset).getUint32(0);
  return [
    decode(payload.subarray(4, end)),
    new Uint8Array(payload.subarray(end)),
  ];
}

/** An error as JSON can tell it. */
export type Told = [code: number | null, words: string];

/** Of what an error says, so many characters are told at most. */
const WORDS = 500;

/** What JSON tells of an error. */
export function tell(error: unknown): Told {
  if (!(error instanceof OSError)) return [errno.EIO, cut(String(error))];
  return [error.errno, cut(error.strerror ?? error.message)];
}

function cut(words: string): string {
  return words.length > WORDS ? `${words.slice(0, WORDS)}…` : words;
}

/** The error back. */
export function told([code, words]: Told): OSError {
  return code === null ? new OSError(words) : new OSError(code, words);
}
