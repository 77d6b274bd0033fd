/**
 * What may be sent, and where received bytes may go.
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

/** The bytes of what is to be sent; text becomes UTF-8. */
export function bytes(data: string | BufferSource): Uint8Array<ArrayBuffer> {
  if (typeof data === "string") return ENCODER.encode(data);
  const whole = view(data);
  // Memory that other threads may change can't be lent to the system.
  return whole.buffer instanceof ArrayBuffer ? whole : whole.slice();
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
