/**
 * Encodings with one byte for each character.
 *
 * @module
 */

import type { Codec } from "./codec.ts";

/** The character that stands for none in a {@linkcode charmap}. */
const NONE = "\ufffd";

/** No more than this is passed to one call. */
const AT_ONCE = 8192;

/** ASCII. */
export const ascii: Codec = range("ascii", 0x80);

/** ISO 8859-1, where each byte is the number of the character. */
export const latin1: Codec = range("latin-1", 0x100);

function range(name: string, end: number): Codec {
  const all = Array.from(
    { length: 0x100 },
    (_, byte) => byte < end ? String.fromCharCode(byte) : NONE,
  );
  return charmap(name, all, `ordinal not in range(${end})`);
}

/**
 * An encoding by its table.
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
  const codes = characters.map((char) => char.charCodeAt(0));
  const escaped = Array.from(
    bytesOf.keys(),
    (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
  const undefinedBytes = new Set(
    characters.flatMap((char, byte) => char === NONE ? [byte] : []),
  );
  return {
    name,
    fault(bytes, start) {
      if (undefinedBytes.size === 0) return null;
      for (let at = start; at < bytes.length; at++) {
        if (undefinedBytes.has(bytes[at]!)) {
          return { at, length: 1, reason, cut: false };
        }
      }
      return null;
    },
    decode(bytes) {
      const units = Uint16Array.from(bytes, (byte) => codes[byte]!);
      let text = "";
      for (let at = 0; at < units.length; at += AT_ONCE) {
        text += String.fromCharCode(...units.subarray(at, at + AT_ONCE));
      }
      return text;
    },
    strange: new RegExp(`[^${escaped.join("")}]`, "gu"),
    reason,
    encode: (text) => Uint8Array.from(text, (char) => bytesOf.get(char)!),
  };
}
