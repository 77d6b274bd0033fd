/**
 * Values on their way to another thread as text.
 *
 * A short text in shared memory costs a fraction of what a message of the
 * runtime's does, and most threads get no more than a socket and a number.
 *
 * @module
 */

import * as json from "./json.ts";

/** Anything longer, or of more objects, is no cheaper as text. */
export const LONGEST_TEXT = 16 * 1024;
/** How many objects a text is made of at most. */
export const MOST_PARTS = 1024;

/** The key that a place has as text, which no other object may have. */
export const PLACE = "@berkeley/socket.place";

/** Stands in the place of a movable object. */
export class Place {
  readonly #number: number;

  /** The places of one value have numbers from 0. */
  constructor(number: number) {
    this.#number = number;
  }

  /** The form that a text has of it. */
  toJSON(): Record<string, number> {
    return { [PLACE]: this.#number };
  }
}

/** The text, in UTF-8, of something that is fit for it; `null` if too long. */
export function encode(value: unknown): Uint8Array<ArrayBuffer> | null {
  const text = json.encode(value);
  return text.length > LONGEST_TEXT ? null : text;
}

/** The value back, with the form of each place in it. */
export function decode(payload: Uint8Array): unknown {
  return json.decode(payload);
}
