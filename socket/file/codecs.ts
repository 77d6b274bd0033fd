/**
 * The encodings in which each character is encoded on its own: tables of 256
 * characters, UTF-8 and UTF-16.
 *
 * One fault is one "maximal subpart" of Unicode, in CPython as on the Web.
 *
 * @module
 */

/** Bytes that stand for no character. */
export interface Fault {
  readonly at: number;
  readonly length: number;
  readonly reason: string;
  /** The input ends here: later bytes may complete a character. */
  readonly cut?: boolean;
}

/** An encoding. */
export interface Codec {
  /** The name in error messages. */
  readonly name: string;
  /** Finds the first fault from `start` on, where a character begins. */
  fault(bytes: Uint8Array<ArrayBuffer>, start: number): Fault | null;
  /** The text of bytes without a fault. */
  decode(bytes: Uint8Array<ArrayBuffer>): string;
  /** Matches characters that can't be encoded, with the flags `gu`. */
  readonly strange: RegExp;
  /** Why those can't be encoded. */
  readonly reason: string;
  /** The bytes of text in which nothing is strange. */
  encode(text: string): Uint8Array<ArrayBuffer>;
}

/** The treatment of bytes and characters that are not in an encoding. */
export type Errors = "strict" | "ignore" | "replace";

// Tables

/** In a table: the byte has no character. */
const NONE = "\ufffd";

export const ascii: Codec = range("ascii", 0x80);

/** ISO 8859-1: each byte is the number of its character. */
export const latin1: Codec = range("latin-1", 0x100);

function range(name: string, end: number): Codec {
  const all = Array.from(
    { length: 0x100 },
    (_, byte) => byte < end ? String.fromCharCode(byte) : NONE,
  );
  return charmap(name, all, `ordinal not in range(${end})`);
}

/**
 * An encoding with one byte for each character.
 *
 * @param characters Those of the bytes 0 to 255.
 * @param reason Why others can't be encoded, or bytes can't be decoded.
 */
export function charmap(
  name: string,
  characters: readonly string[],
  reason = "character maps to <undefined>",
): Codec {
  const bytesOf = new Map(characters.map((char, byte) => [char, byte]));
  bytesOf.delete(NONE);
  const escaped = Array.from(
    bytesOf.keys(),
    (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
  return {
    name,
    fault(bytes, start) {
      for (let at = start; at < bytes.length; at++) {
        if (characters[bytes[at]!] === NONE) return { at, length: 1, reason };
      }
      return null;
    },
    decode(bytes) {
      let text = "";
      for (const byte of bytes) text += characters[byte];
      return text;
    },
    strange: new RegExp(`[^${escaped.join("")}]`, "gu"),
    reason,
    encode: (text) => Uint8Array.from(text, (char) => bytesOf.get(char)!),
  };
}

// Unicode

const SURROGATES = {
  strange: /\p{Surrogate}/gu,
  reason: "surrogates not allowed",
};

const encoder = new TextEncoder();

export const utf8: Codec = {
  ...SURROGATES,
  name: "utf-8",
  fault: utf8Fault,
  decode: textDecoder("utf-8"),
  encode: (text) => encoder.encode(text),
};
export const utf16le: Codec = utf16("utf-16-le", "utf-16le", 1);
export const utf16be: Codec = utf16("utf-16-be", "utf-16be", 0);

function textDecoder(label: string): Codec["decode"] {
  const decoder = new TextDecoder(label, { ignoreBOM: true });
  return (bytes) => decoder.decode(bytes);
}

/** @param high Where in a pair of bytes the high one is. */
function utf16(name: string, label: string, high: 0 | 1): Codec {
  return {
    ...SURROGATES,
    name,
    fault: (bytes, start) => utf16Fault(bytes, start, high),
    decode: textDecoder(label),
    encode(text) {
      const bytes = new Uint8Array(2 * text.length);
      const view = new DataView(bytes.buffer);
      for (let i = 0; i < text.length; i++) {
        view.setUint16(2 * i, text.charCodeAt(i), high === 1);
      }
      return bytes;
    },
  };
}

type Range = readonly [min: number, max: number];

const CONTINUATION: Range = [0x80, 0xbf];

/** The second bytes that make nothing overlong, a surrogate or too large. */
const SECOND: Readonly<Record<number, Range>> = {
  0xe0: [0xa0, 0xbf],
  0xed: [0x80, 0x9f],
  0xf0: [0x90, 0xbf],
  0xf4: [0x80, 0x8f],
};

function utf8Fault(bytes: Uint8Array, start: number): Fault | null {
  const { length } = bytes;
  let at = start;
  while (at < length) {
    const first = bytes[at]!;
    if (first < 0x80) {
      at++;
      continue;
    }
    if (first < 0xc2 || first > 0xf4) {
      return { at, length: 1, reason: "invalid start byte" };
    }
    const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    for (let i = 1; i < size; i++) {
      if (at + i === length) {
        return { at, length: i, reason: "unexpected end of data", cut: true };
      }
      const next = bytes[at + i]!;
      const range = i === 1 && SECOND[first] || CONTINUATION;
      if (next < range[0] || next > range[1]) {
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

function utf16Fault(
  bytes: Uint8Array,
  start: number,
  high: 0 | 1,
): Fault | null {
  const { length } = bytes;
  const kind = (at: number) => bytes[at + high]! & 0xfc;
  for (let at = start; at < length; at += 2) {
    const rest = length - at;
    if (rest === 1) {
      return { at, length: 1, reason: "truncated data", cut: true };
    }
    if (kind(at) === 0xdc) return { at, length: 2, reason: "illegal encoding" };
    if (kind(at) !== 0xd8) continue;
    if (rest < 4) {
      return { at, length: rest, reason: "unexpected end of data", cut: true };
    }
    if (kind(at + 2) !== 0xdc) {
      return { at, length: 2, reason: "illegal UTF-16 surrogate" };
    }
    at += 2;
  }
  return null;
}
