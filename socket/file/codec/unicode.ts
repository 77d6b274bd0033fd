/**
 * UTF-8 and UTF-16.
 *
 * What counts as one fault is Unicode's "maximal subpart", in CPython as on
 * the Web.
 *
 * @module
 */

import type { Codec, Fault } from "./codec.ts";

const SURROGATES = /\p{Surrogate}/gu;
const REASON = "surrogates not allowed";

const encoder = new TextEncoder();

/** UTF-8. */
export const utf8: Codec = {
  name: "utf-8",
  fault: utf8Fault,
  decode: textDecoder("utf-8"),
  strange: SURROGATES,
  reason: REASON,
  encode: (text) => encoder.encode(text),
};

/** UTF-16, the low byte first. */
export const utf16le: Codec = utf16("utf-16-le", true);

/** UTF-16, the high byte first. */
export const utf16be: Codec = utf16("utf-16-be", false);

function utf16(name: string, littleEndian: boolean): Codec {
  return {
    name,
    fault: (bytes, start) => utf16Fault(bytes, start, littleEndian),
    decode: textDecoder(littleEndian ? "utf-16le" : "utf-16be"),
    strange: SURROGATES,
    reason: REASON,
    encode: (text) => {
      const bytes = new Uint8Array(2 * text.length);
      const view = new DataView(bytes.buffer);
      for (let i = 0; i < text.length; i++) {
        view.setUint16(2 * i, text.charCodeAt(i), littleEndian);
      }
      return bytes;
    },
  };
}

function textDecoder(label: string): Codec["decode"] {
  const decoder = new TextDecoder(label, { ignoreBOM: true });
  return (bytes) => decoder.decode(bytes);
}

function utf8Fault(bytes: Uint8Array, start: number): Fault | null {
  const { length } = bytes;
  let at = start;
  while (at < length) {
    const first = bytes[at]!;
    if (first < 0x80) {
      at++;
      continue;
    }
    const size = first < 0xc2
      ? 0
      : first < 0xe0
      ? 2
      : first < 0xf0
      ? 3
      : first < 0xf5
      ? 4
      : 0;
    if (size === 0) {
      return { at, length: 1, reason: "invalid start byte", cut: false };
    }
    for (let i = 1; i < size; i++) {
      if (at + i === length) {
        return { at, length: i, reason: "unexpected end of data", cut: true };
      }
      const next = bytes[at + i]!;
      if (
        (next & 0xc0) !== 0x80 || i === 1 && !isSecond(first, next)
      ) {
        const reason = "invalid continuation byte";
        // CPython waits for the rest of a surrogate before it refuses it.
        const cut = first === 0xed && at + 2 === length &&
          (next & 0xc0) === 0x80;
        return { at, length: i, reason, cut };
      }
    }
    at += size;
  }
  return null;
}

/** Whether a byte may follow: no character is overlong, a surrogate, or too large. */
function isSecond(first: number, second: number): boolean {
  switch (first) {
    case 0xe0:
      return second >= 0xa0;
    case 0xed:
      return second < 0xa0;
    case 0xf0:
      return second >= 0x90;
    case 0xf4:
      return second < 0x90;
  }
  return true;
}

function utf16Fault(
  bytes: Uint8Array,
  start: number,
  littleEndian: boolean,
): Fault | null {
  const { length } = bytes;
  const high = littleEndian ? 1 : 0;
  let at = start;
  for (; at + 1 < length; at += 2) {
    const kind = bytes[at + high]! & 0xfc;
    if (kind === 0xdc) {
      return { at, length: 2, reason: "illegal encoding", cut: false };
    }
    if (kind !== 0xd8) continue;
    if (at + 3 >= length) {
      const reason = "unexpected end of data";
      return { at, length: length - at, reason, cut: true };
    }
    if ((bytes[at + 2 + high]! & 0xfc) !== 0xdc) {
      return { at, length: 2, reason: "illegal UTF-16 surrogate", cut: false };
    }
    at += 2;
  }
  return at < length
    ? { at, length: 1, reason: "truncated data", cut: true }
    : null;
}
