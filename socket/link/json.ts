/**
 * Values as JSON in UTF-8: what the two halves of a lent endpoint tell each
 * other beside bytes.
 *
 * @module
 */

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** The bytes of a value that JSON keeps as it is. */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(JSON.stringify(value));
}

/** The value of such bytes. */
export function decode<T>(payload: Uint8Array): T {
  // TextDecoder refuses views of shared memory.
  return JSON.parse(DECODER.decode(payload.slice()));
}
