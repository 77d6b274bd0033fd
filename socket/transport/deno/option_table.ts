/**
 * Options of a kind of endpoint: what can be done is done, what is always so
 * reads as it is, and the rest is refused.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { SO_ERROR, SOL_SOCKET } from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { optionName } from "../constant_names.ts";

/** A number, or the bytes of a structure. */
export type Value = number | Uint8Array<ArrayBuffer>;

/** One option of endpoints of type `T`. */
export interface Option<T> {
  get(endpoint: T): Value;
  /** Without it, only the value that the option has already may be set. */
  set?(endpoint: T, value: Value): void;
}

/** The options of endpoints of type `T`. */
export class OptionTable<T> {
  readonly #options = new Map<string, Option<T>>();

  constructor(options: [level: number, name: number, option: Option<T>][]) {
    for (const [level, name, option] of options) {
      this.#options.set(`${level}:${name}`, option);
    }
  }

  /** Reads an option. */
  get(endpoint: T, level: number, name: number): Value {
    return this.#find(level, name).get(endpoint);
  }

  /** Sets an option. */
  set(endpoint: T, level: number, name: number, value: Value): void {
    const option = this.#find(level, name);
    if (option.set) return option.set(endpoint, value);
    // Reading it would fetch the error.
    const fixed = level === SOL_SOCKET && name === SO_ERROR;
    if (fixed || !same(option.get(endpoint), value)) {
      throw new OSError(
        errno.ENOPROTOOPT,
        `Deno can't change ${optionName(level, name)}`,
      );
    }
  }

  #find(level: number, name: number): Option<T> {
    const option = this.#options.get(`${level}:${name}`);
    if (option) return option;
    throw new OSError(
      errno.ENOPROTOOPT,
      `Deno has no access to ${optionName(level, name)}`,
    );
  }
}

/** An option that can't be changed. */
export function always<T>(value: Value): Option<T> {
  return { get: () => value };
}

/** An option that is a number. */
export function numeric<T>(
  get: (endpoint: T) => number,
  set: (endpoint: T, value: number) => void,
): Option<T> {
  return { get, set: (endpoint, value) => set(endpoint, asNumber(value)) };
}

/** The number that a value stands for. */
export function asNumber(value: Value): number {
  if (typeof value === "number") return value;
  if (value.length < 4) throw new OSError(errno.EINVAL);
  const view = new DataView(value.buffer, value.byteOffset);
  return view.getInt32(0, LITTLE_ENDIAN);
}

/** The order of bytes in this machine's structures. */
export const LITTLE_ENDIAN: boolean =
  new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function same(a: Value, b: Value): boolean {
  if (typeof a === "number") return a === asNumber(b);
  return typeof b !== "number" && a.length === b.length &&
    a.every((byte, i) => byte === b[i]);
}
