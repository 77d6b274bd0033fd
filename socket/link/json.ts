/**
 * Values as JSON in UTF-8: the payloads of records.
 *
 * Short JSON in shared memory costs a fraction of a message of the runtime,
 * and the arguments of most threads are no more than a socket and a number.
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
