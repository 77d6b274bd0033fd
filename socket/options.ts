/**
 * Arguments and results of `getsockopt()` and `setsockopt()`.
 *
 * @module
 */

import { int } from "./arguments.ts";
import { integer, kind, view } from "./bytes.ts";
import { OSError } from "./errors.ts";
import type { Handle } from "./handle.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** See `Socket.getsockopt()`. */
export function getsockopt(
  handle: Handle,
  level: number,
  optname: number,
  buflen: number,
): number | Bytes {
  int(level, "level");
  int(optname, "optname");
  if (int(buflen, "buflen") < 0 || buflen > 1024) {
    throw new OSError("getsockopt buflen out of range");
  }
  const value = handle.endpoint.getsockopt(level, optname, buflen);
  if (typeof value === "number") {
    if (buflen === 0) return value;
    return new Uint8Array(Int32Array.of(value).buffer).slice(0, buflen);
  }
  if (buflen > 0) return value.slice(0, buflen);
  const first = new Int32Array(1);
  new Uint8Array(first.buffer).set(value.subarray(0, 4));
  return first[0]!;
}

/** See `Socket.setsockopt()`. */
export function setsockopt(
  handle: Handle,
  level: number,
  optname: number,
  value: number | boolean | BufferSource | null,
  optlen?: number,
): void {
  int(level, "level");
  int(optname, "optname");
  if ((value === null) !== (optlen !== undefined)) {
    throw new TypeError(
      "setsockopt() takes optlen with a null value, and only then",
    );
  }
  handle.endpoint.setsockopt(level, optname, optionValue(value, optlen));
}

function optionValue(
  value: number | boolean | BufferSource | null,
  optlen = 0,
): number | Bytes {
  if (value === null) return new Uint8Array(integer(optlen, "optlen"));
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "object") return view(value);
  // As in CPython, a number that is too large for an `int` is a wrong type.
  if (value === (value | 0)) return value;
  throw new TypeError(
    `an option's value must be an integer of 32 bits or bytes, not ${
      typeof value === "number" ? value : kind(value)
    }`,
  );
}
