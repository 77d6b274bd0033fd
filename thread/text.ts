/**
 * Values on their way to another thread as text.
 *
 * A short text in shared memory costs a fraction of what a message of the
 * runtime's does, and most threads get no more than a socket and a number.
 *
 * @module
 */

import * as json from "../socket/link/json.ts";

/** Anything longer, or of more parts, is no cheaper as text. */
const LONGEST = 16 * 1024;
const MOST_PARTS = 1024;

/** The key that a place has as text, which no other object may have. */
const PLACE = "@berkeley/socket.place";

/** What stands in the place of a movable object. */
export class Place {
  readonly #number: number;

  /** The places of one value have numbers from 0. */
  constructor(number: number) {
    this.#number = number;
  }

  /** What stands for it in a text. */
  toJSON(): Record<string, number> {
    return { [PLACE]: this.#number };
  }
}

/** The text, in UTF-8; `null` if it would lose or change something. */
export function encode(value: unknown): Uint8Array<ArrayBuffer> | null {
  if (!new Check().passes(value)) return null;
  const text = json.encode(value);
  return text.length > LONGEST ? null : text;
}

/** Whether JSON can tell a value as it is. */
class Check {
  readonly #seen = new Set<object>();
  #length = 0;

  passes(value: unknown): boolean {
    switch (typeof value) {
      case "boolean":
        return true;
      case "number":
        return Number.isFinite(value) && !Object.is(value, -0);
      case "string":
        this.#length += value.length;
        return this.#length <= LONGEST;
      case "object":
        return value === null || value instanceof Place ||
          this.#passesOnce(value);
      default:
        return false;
    }
  }

  /** In a text, what is met twice would become two. */
  #passesOnce(value: object): boolean {
    if (this.#seen.has(value) || this.#seen.size === MOST_PARTS) return false;
    this.#seen.add(value);
    if (Array.isArray(value)) return this.#passesArray(value);
    if (Object.getPrototypeOf(value) !== Object.prototype) return false;
    for (const [key, each] of Object.entries(value)) {
      if (key === PLACE || key === "toJSON" || !this.passes(each)) return false;
    }
    return true;
  }

  #passesArray(array: unknown[]): boolean {
    // It may have other properties than its elements.
    if (Object.keys(array).length !== array.length) return false;
    for (let i = 0; i < array.length; i++) {
      if (!this.passes(array[i])) return false;
    }
    return true;
  }
}

/** The value back. */
export function decode(payload: Uint8Array): unknown {
  return withPlaces(json.decode(payload), []);
}

/** Each place is one object again, wherever it is met. */
function withPlaces(value: unknown, places: object[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (PLACE in value) return places[value[PLACE] as number] ??= {};
  const parts = value as Record<string, unknown>;
  for (const key of Object.keys(parts)) {
    const part = parts[key];
    if (typeof part === "object" && part !== null) {
      parts[key] = withPlaces(part, places);
    }
  }
  return value;
}
