/**
 * Encodings by their names.
 *
 * @module
 */

import {
  ascii,
  charmap,
  type Codec,
  type Errors,
  latin1,
  utf16be,
  utf16le,
  utf8,
} from "./codecs.ts";
import {
  type Decode,
  decoder,
  type Encode,
  encoder,
  markDecoder,
  webDecoder,
} from "./incremental.ts";

/** How text is decoded and encoded. */
export interface Encoding {
  /** Begins to decode a stream. */
  decoder(errors: Errors): Decode;
  /** Begins to encode a stream; missing if text can't be encoded. */
  encoder?(errors: Errors): Encode;
}

const UTF8_MARK = [0xef, 0xbb, 0xbf];

/** Python's names, without what separates their parts. */
const NAMES = new Map<string, Encoding>([
  ...named("utf8 u8 utf cp65001", plain(utf8)),
  ...named("utf8sig", {
    decoder: (errors) => markDecoder([[UTF8_MARK, utf8]], utf8, errors),
    encoder: (errors) => encoder(utf8, errors, UTF8_MARK),
  }),
  ...named("utf16 u16", {
    decoder: (errors) =>
      markDecoder(
        [[[0xff, 0xfe], utf16le], [[0xfe, 0xff], utf16be]],
        null,
        errors,
      ),
    // CPython writes no mark to a stream that can't tell its position.
    encoder: (errors) => encoder(utf16le, errors),
  }),
  ...named("utf16le unicodelittleunmarked", plain(utf16le)),
  ...named("utf16be unicodebigunmarked", plain(utf16be)),
  ...named(
    "ascii usascii us 646 ansix341968 cp367 ibm367 iso646us isoir6",
    plain(ascii),
  ),
  ...named(
    "latin1 latin l1 iso88591 iso8859 8859 cp819 ibm819 csisolatin1 isoir100",
    plain(latin1),
  ),
]);

function named(names: string, encoding: Encoding): [string, Encoding][] {
  return names.split(" ").map((name) => [name, encoding]);
}

function plain(codec: Codec): Encoding {
  return {
    decoder: (errors) => decoder(codec, errors),
    encoder: (errors) => encoder(codec, errors),
  };
}

/**
 * Finds an encoding: Python's Unicode ones, ASCII and ISO 8859-1 under Python's
 * names, others under those of the
 * [Encoding Standard](https://encoding.spec.whatwg.org/#names-and-labels).
 *
 * @throws {RangeError} For an unknown one (Python's `LookupError`).
 */
export function encodingOf(name: string): Encoding {
  const known = byName(name);
  if (known) return known;
  const label = webLabel(name);
  if (label === null) throw new RangeError(`unknown encoding: ${name}`);
  if (SEVERAL_BYTES.test(label)) {
    return { decoder: (errors) => webDecoder(label, errors) };
  }
  return byName(label) ?? plain(charmap(label, table(label)));
}

function byName(name: string): Encoding | undefined {
  return NAMES.get(name.toLowerCase().replace(/[^a-z0-9]/g, ""));
}

const SEVERAL_BYTES =
  /^(gbk|gb18030|big5|euc-jp|iso-2022-jp|shift_jis|euc-kr)$/;

/** The characters of the bytes 0 to 255; U+FFFD for none. */
function table(label: string): string[] {
  const decoder = new TextDecoder(label);
  const characters = Array.from(
    { length: 0x100 },
    (_, byte) => decoder.decode(Uint8Array.of(byte)),
  );
  // The Web fills the gaps of these with control characters, Python doesn't.
  return label.startsWith("windows-")
    ? characters.map((char) => char.replace(/[\u0080-\u009f]/, "\ufffd"))
    : characters;
}

/** The runtime's name of an encoding, whose parts Python separates by `_`. */
function webLabel(name: string): string | null {
  for (const label of [name, name.replaceAll("_", "-")]) {
    try {
      return new TextDecoder(label).encoding;
    } catch {
      // Not under this name.
    }
  }
  return null;
}
