/**
 * Arguments that are bytes, or buffers for them.
 *
 * @module
 */

const ENCODER = new TextEncoder();

/** A view of the bytes of a buffer; the bytes are shared. */
export function view(buffer: BufferSource): Uint8Array<ArrayBuffer> {
  if (buffer instanceof Uint8Array) return buffer as Uint8Array<ArrayBuffer>;
  if (ArrayBuffer.isView(buffer)) {
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  throw new TypeError(`a buffer is required, not ${kind(buffer)}`);
}

/** The bytes to be sent for an argument; text becomes UTF-8. */
export function bytes(data: string | BufferSource): Uint8Array<ArrayBuffer> {
  if (typeof data === "string") return ENCODER.encode(data);
  const whole = view(data);
  // Memory that other threads may change can't be lent to the system.
  return whole.buffer instanceof ArrayBuffer ? whole : whole.slice();
}

/** The bytes of all parts, one behind the other. */
export function concat(
  parts: readonly Uint8Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer> {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * A buffer that a call uses, if it still is as long as it was: its memory may
 * have been detached or resized while the call waited.
 */
export function intact<T extends Uint8Array>(buffer: T, length: number): T {
  if (buffer.length === length) return buffer;
  throw new TypeError("the buffer was detached or resized while it was in use");
}

/** Bytes as characters of the same numbers. */
export function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** How an error message names a value of the wrong type. */
export function kind(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object"
    ? value.constructor?.name ?? "object"
    : typeof value;
}

/** An integer argument, or a `TypeError`. */
export function integer(value: unknown, what: string): number {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  if (typeof value === "boolean") return Number(value);
  throw new TypeError(
    `${what} must be an integer, not ${
      typeof value === "number" ? value : kind(value)
    }`,
  );
}
