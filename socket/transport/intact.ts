/**
 * Memory of the caller's.
 *
 * @module
 */

/**
 * A buffer that a call uses, if it still is as long as it was: its memory may
 * have been detached or resized while the call waited.
 */
export function intact<T extends Uint8Array>(buffer: T, length: number): T {
  if (buffer.length === length) return buffer;
  throw new TypeError("the buffer was detached or resized while it was in use");
}
