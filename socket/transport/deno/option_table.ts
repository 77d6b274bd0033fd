/**
 * Tables of socket options. An option that Deno doesn't let change can be read,
 * and set to the value that it has; one that Deno gives no access to raises
 * `ENOPROTOOPT`.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import * as c from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { optionName } from "../constant_names.ts";

/** A number, or the bytes of a structure. */
export type Value = number | Uint8Array<ArrayBuffer>;

/** One option of endpoints of type `T`. */
export interface Option<T> {
  get(endpoint: T): Value;
  /** If left out, only the present value may be set. */
  set?(endpoint: T, value: Value): void;
}

/** An option with its numbers. */
export type Entry<T> = [level: number, name: number, option: Option<T>];

/** The options of endpoints of type `T`. */
export class OptionTable<T> {
  readonly #options = new Map<string, Option<T>>();

  constructor(entries: Entry<T>[]) {
    for (const [level, name, option] of entries) {
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
    // Reading SO_ERROR clears the error.
    const fixed = level === c.SOL_SOCKET && name === c.SO_ERROR;
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

/** An option that has one value. */
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

/** A value as a number. */
export function asNumber(value: Value): number {
  if (typeof value === "number") return value;
  if (value.length < 4) throw new OSError(errno.EINVAL);
  const view = new DataView(value.buffer, value.byteOffset);
  return view.getInt32(0, LITTLE_ENDIAN);
}

/** The byte order of this machine's structures. */
export const LITTLE_ENDIAN: boolean =
  new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function same(a: Value, b: Value): boolean {
  if (typeof a === "number") return a === asNumber(b);
  return typeof b !== "number" && a.length === b.length &&
    a.every((byte, i) => byte === b[i]);
}

/** The smallest limit that a program can set, in bytes. */
const SMALLEST_LIMIT = 1024;

/** The settings that all kinds of endpoints have. */
export interface CommonSettings {
  /** At most so many bytes are received ahead: `SO_RCVBUF`. */
  receive: number;
  /** At most so many bytes are queued: `SO_SNDBUF`. */
  send: number;
}

/** The defaults of those settings. */
export const COMMON_DEFAULTS: Readonly<CommonSettings> = {
  receive: 256 * 1024,
  send: 256 * 1024,
};

/** An endpoint as its options see it. */
export interface Configurable {
  readonly family: number;
  readonly type: number;
  readonly settings: CommonSettings;
  /** Fetches and clears the error. */
  takeError(): OSError | null;
  /** Applies changed settings to the open socket, if there is one. */
  applySettings(): void;
}

function limit(name: keyof CommonSettings): Option<Configurable> {
  return numeric(({ settings }) => settings[name], (endpoint, value) => {
    endpoint.settings[name] = Math.max(value, SMALLEST_LIMIT);
    endpoint.applySettings();
  });
}

/** The options that all kinds of endpoints have. */
export const COMMON: Entry<Configurable>[] = [
  [c.SOL_SOCKET, c.SO_TYPE, { get: ({ type }) => type }],
  [c.SOL_SOCKET, c.SO_DOMAIN, { get: ({ family }) => family }],
  [c.SOL_SOCKET, c.SO_ERROR, { get: (from) => from.takeError()?.errno ?? 0 }],
  [c.SOL_SOCKET, c.SO_RCVBUF, limit("receive")],
  [c.SOL_SOCKET, c.SO_SNDBUF, limit("send")],
  [c.SOL_SOCKET, c.SO_LINGER, always(new Uint8Array(8))],
  [c.SOL_SOCKET, c.SO_DEBUG, always(0)],
  [c.SOL_SOCKET, c.SO_DONTROUTE, always(0)],
];
