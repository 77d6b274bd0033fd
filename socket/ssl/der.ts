/**
 * DER, the encoding of certificates.
 *
 * @module
 */

import { latin1 } from "../bytes.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Tags of the values that certificates consist of. */
export const Tag = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  OCTET_STRING: 0x04,
  OBJECT: 0x06,
  UTF8_STRING: 0x0c,
  BMP_STRING: 0x1e,
  UTC_TIME: 0x17,
  SEQUENCE: 0x30,
} as const;

/** A value with its encoding. */
export interface Value {
  readonly tag: number;
  /** What it contains. */
  readonly content: Bytes;
  /** The whole of it. */
  readonly encoded: Bytes;
}

/** The values that stand one behind the other in `bytes`. */
export function values(bytes: Bytes): Value[] {
  const found: Value[] = [];
  for (let at = 0; at < bytes.length;) {
    const value = first(bytes.subarray(at));
    found.push(value);
    at += value.encoded.length;
  }
  return found;
}

/** The value that `bytes` begin with. */
export function first(bytes: Bytes): Value {
  const [tag, short] = bytes;
  if (tag === undefined || short === undefined) throw truncated();
  let start = 2;
  let length = short;
  if (short & 0x80) {
    const digits = short & 0x7f;
    // Four bytes are more than any certificate has.
    if (digits === 0 || digits > 4) throw truncated();
    length = 0;
    for (; start < 2 + digits; start++) {
      length = length * 256 + (bytes[start] ?? NaN);
    }
  }
  const end = start + length;
  if (!(end <= bytes.length)) throw truncated();
  return {
    tag,
    content: bytes.subarray(start, end),
    encoded: bytes.subarray(0, end),
  };
}

function truncated(): RangeError {
  return new RangeError("not enough data");
}

/** An object identifier in its usual form, with dots. */
export function oid({ content }: Value): string {
  const numbers: number[] = [];
  let number = 0;
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    numbers.push(number);
    number = 0;
  }
  const [both = 0, ...rest] = numbers;
  const top = Math.min(2, Math.floor(both / 40));
  return [top, both - 40 * top, ...rest].join(".");
}

/** A text of any of the types that names are in. */
export function string({ tag, content }: Value): string {
  if (tag === Tag.UTF8_STRING) return new TextDecoder().decode(content);
  if (tag === Tag.BMP_STRING) {
    return new TextDecoder("utf-16be").decode(content);
  }
  return latin1(content);
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** A time as OpenSSL prints it: `Jun  1 12:00:00 2036 GMT`. */
export function time(value: Value): string {
  const digits = latin1(value.content).replace(/Z$/, "");
  const short = value.tag === Tag.UTC_TIME;
  const year = short
    ? (Number(digits.slice(0, 2)) < 50 ? "20" : "19") + digits.slice(0, 2)
    : digits.slice(0, 4);
  const [month, day, hour, minute, second] = digits.slice(short ? 2 : 4)
    .match(/../g) ?? [];
  return `${MONTHS[Number(month) - 1]} ${
    String(Number(day)).padStart(2)
  } ${hour}:${minute}:${second ?? "00"} ${year} GMT`;
}
