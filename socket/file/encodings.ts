/**
 * Encodings by their names.
 *
 * @module
 */

import { ascii, charmap, latin1 } from "./codec/charmap.ts";
import type { Codec, Errors } from "./codec/codec.ts";
import { utf16be, utf16le, utf8 } from "./codec/unicode.ts";
import {
  CodecDecoder,
  type Decoder,
  MarkDecoder,
  type Marks,
  WebDecoder,
} from "./decoder.ts";
import { Encoder } from "./encoder.ts";

/** How text is decoded and encoded. */
export interface Encoding {
  /** Begins to decode a stream. */
  decoder(errors: Errors): Decoder;
  /** Begins to encode a stream; `null` if nothing can be. */
  readonly encoder: ((errors: Errors) => Encoder) | null;
}

const UTF8_MARK = [0xef, 0xbb, 0xbf];
const UTF16_MARKS: Marks = [
  [[0xff, 0xfe], utf16le],
  [[0xfe, 0xff], utf16be],
];

/** Python's names, without what separates their parts. */
const NAMES = new Map<string, Encoding>([
  ...named("utf8 u8 utf cp65001", plain(utf8)),
  ...named("utf8sig", {
    decoder: (errors) => new MarkDecoder([[UTF8_MARK, utf8]], utf8, errors),
    encoder: (errors) => new Encoder(utf8, errors, UTF8_MARK),
  }),
  ...named("utf16 u16", {
    decoder: (errors) => new MarkDecoder(UTF16_MARKS, null, errors),
    // CPython writes no mark where it can't tell that it is at the beginning.
    encoder: (errors) => new Encoder(utf16le, errors),
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
    decoder: (errors) => new CodecDecoder(codec, errors),
    encoder: (errors) => new Encoder(codec, errors),
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
  return byName(name) ?? ofTheWeb(name);
}

function byName(name: string): Encoding | undefined {
  return NAMES.get(name.toLowerCase().replace(/[^a-z0-9]/g, ""));
}

function ofTheWeb(name: string): Encoding {
  const label = webLabel(name);
  if (label === null) throw new RangeError(`unknown encoding: ${name}`);
  if (SEVERAL_BYTES.test(label)) {
    return {
      decoder: (errors) => new WebDecoder(label, errors),
      encoder: null,
    };
  }
  return byName(label) ?? plain(charmap(label, table(label)));
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

/** The name that the runtime knows an encoding by; Python separates by `_`. */
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
