/**
 * Values as text, in UTF-8.
 *
 * @module
 */

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** Bytes of a value that JSON can tell. */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(JSON.stringify(value));
}

/** The value back. */
export function decode<T>(payload: Uint8Array): T {
  // Shared memory can't be decoded in place.
  return JSON.parse(DECODER.decode(payload.slice()));
}
