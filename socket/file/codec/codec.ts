/**
 * What an encoding has to know.
 *
 * @module
 */

/** Bytes that stand for no character. */
export interface Fault {
  /** Where they begin. */
  readonly at: number;
  /** How many they are. */
  readonly length: number;
  /** Why. */
  readonly reason: string;
  /** They end with the input: what comes behind may complete them. */
  readonly cut: boolean;
}

/** An encoding in which each character is encoded for itself. */
export interface Codec {
  /** What error messages call it. */
  readonly name: string;
  /** Finds the first fault behind `start`, where a character begins. */
  fault(bytes: Uint8Array<ArrayBuffer>, start: number): Fault | null;
  /** The text of bytes without a fault. */
  decode(bytes: Uint8Array<ArrayBuffer>): string;
  /** Matches what can't be encoded, with the flags `gu`. */
  readonly strange: RegExp;
  /** Why that can't be encoded. */
  readonly reason: string;
  /** The bytes of text in which nothing is strange. */
  encode(text: string): Uint8Array<ArrayBuffer>;
}

/** What happens with what can't be decoded or encoded. */
export type Errors = "strict" | "ignore" | "replace";

/** An argument of that type; a `TypeError` or a `RangeError` if it isn't. */
export function checkErrors(errors: unknown): Errors {
  if (errors === "strict" || errors === "ignore" || errors === "replace") {
    return errors;
  }
  if (typeof errors === "string") {
    throw new RangeError(`unknown error handler name '${errors}'`);
  }
  throw new TypeError("errors must be a string or null");
}
