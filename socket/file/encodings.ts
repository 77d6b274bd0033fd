/**
 * Encodings of streams, by their names.
 *
 * @module
 */

import { concat } from "../bytes.ts";
import * as codecs from "./codecs.ts";
import type { Codec, Errors, Fault } from "./codecs.ts";

/**
 * The text of the next bytes. Bytes at the end that could be the beginning of
 * a character are kept for the next call, unless this one is `final`. Raises a
 * `RangeError` for bytes that can't be decoded if `errors` is `strict`.
 */
export type Decode = (input: Uint8Array<ArrayBuffer>, final: boolean) => string;

/**
 * The bytes of the next text. Raises a `RangeError` for characters that can't
 * be encoded if `errors` is `strict`.
 */
export type Encode = (text: string) => Uint8Array<ArrayBuffer>;

/** Makes the decoders and encoders of streams. */
export interface Encoding {
  decoder(errors: Errors): Decode;
  /** Missing if text can't be encoded. */
  encoder?(errors: Errors): Encode;
}

/** A byte order mark, and the codec that it stands for. */
type Mark = readonly [mark: readonly number[], codec: Codec];

type Marks = readonly [Mark, ...Mark[]];

const NONE = new Uint8Array(0);

const UTF8_MARKS: Marks = [[[0xef, 0xbb, 0xbf], codecs.utf8]];
const UTF16_MARKS: Marks = [
  [[0xff, 0xfe], codecs.utf16le],
  [[0xfe, 0xff], codecs.utf16be],
];

/** Encodings by Python's names, without the separators of their parts. */
const ENCODINGS: readonly (readonly [names: string, Encoding])[] = [
  ["utf8 u8 utf cp65001", plain(codecs.utf8)],
  ["utf8sig", {
    decoder: (errors) => markDecoder(UTF8_MARKS, codecs.utf8, errors),
    encoder: (errors) => encoder(codecs.utf8, errors, UTF8_MARKS[0][0]),
  }],
  ["utf16 u16", {
    decoder: (errors) => markDecoder(UTF16_MARKS, null, errors),
    // CPython writes no mark to a stream that can't tell its position.
    encoder: (errors) => encoder(codecs.utf16le, errors),
  }],
  ["utf16le unicodelittleunmarked", plain(codecs.utf16le)],
  ["utf16be unicodebigunmarked", plain(codecs.utf16be)],
  [
    "ascii usascii us 646 ansix341968 cp367 ibm367 iso646us isoir6",
    plain(codecs.ascii),
  ],
  [
    "latin1 latin l1 iso88591 iso8859 8859 cp819 ibm819 csisolatin1 isoir100",
    plain(codecs.latin1),
  ],
];

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
  return byName(label) ?? plain(codecs.charmap(label, table(label)));
}

function byName(name: string): Encoding | undefined {
  const plainName = name.toLowerCase().replace(/[^a-z0-9]/g, "");
  return ENCODINGS.find(([names]) => names.split(" ").includes(plainName))?.[1];
}

const SEVERAL_BYTES =
  /^(gbk|gb18030|big5|euc-jp|iso-2022-jp|shift_jis|euc-kr)$/;

/** The characters of the bytes 0 to 255; U+FFFD for none. */
function table(label: string): string[] {
  const decoder = new TextDecoder(label);
  // The Web fills the gaps of these with control characters, Python doesn't.
  const gaps = label.startsWith("windows-");
  return Array.from({ length: 0x100 }, (_, byte) => {
    const char = decoder.decode(Uint8Array.of(byte));
    return gaps && /[\u0080-\u009f]/.test(char) ? "\ufffd" : char;
  });
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

/** Decodes as Python's incremental decoders do. */
function decoder(codec: Codec, errors: Errors): Decode {
  let rest = NONE;
  return (input, final) => {
    const bytes = rest.length > 0 ? concat([rest, input]) : input;
    let text = "";
    let at = 0;
    let fault = codec.fault(bytes, at);
    while (fault !== null && (final || !fault.cut)) {
      text += codec.decode(bytes.subarray(at, fault.at));
      if (errors === "strict") throw undecodable(codec.name, bytes, fault);
      if (errors === "replace") text += "\ufffd";
      at = fault.at + fault.length;
      fault = codec.fault(bytes, at);
    }
    const end = fault?.at ?? bytes.length;
    rest = bytes.slice(end);
    return text + codec.decode(bytes.subarray(at, end));
  };
}

function undecodable(
  name: string,
  bytes: Uint8Array,
  { at, length, reason }: Fault,
): RangeError {
  const hex = bytes[at]!.toString(16).padStart(2, "0");
  const where = length === 1
    ? `byte 0x${hex} in position ${at}`
    : `bytes in position ${at}-${at + length - 1}`;
  return new RangeError(`'${name}' codec can't decode ${where}: ${reason}`);
}

/**
 * Decodes text that may begin with a byte order mark, and drops that.
 *
 * @param marks All of the same length.
 * @param otherwise The codec without a mark; `null` if there must be one.
 */
function markDecoder(
  marks: Marks,
  otherwise: Codec | null,
  errors: Errors,
): Decode {
  const [[{ length }, first]] = marks;
  let begin = NONE;
  let decode: Decode | null = null;
  return (input, final) => {
    if (decode) return decode(input, final);
    const bytes = concat([begin, input]);
    const found = marks.find(([mark]) =>
      mark.every((byte, i) => i >= bytes.length || byte === bytes[i])
    );
    const short = bytes.length < length;
    if (short && (found || !otherwise) && !(final && bytes.length > 0)) {
      begin = bytes;
      return "";
    }
    const codec = short ? first : found?.[1] ?? otherwise;
    if (codec === null) {
      throw new RangeError("UTF-16 stream does not start with BOM");
    }
    decode = decoder(codec, errors);
    return decode(found && !short ? bytes.subarray(length) : bytes, final);
  };
}

/**
 * Decodes with the runtime's own decoder. It doesn't tell where a fault is, so
 * `ignore` drops every U+FFFD.
 */
function webDecoder(label: string, errors: Errors): Decode {
  const fatal = errors === "strict";
  const decoder = new TextDecoder(label, { fatal, ignoreBOM: true });
  return (input, final) => {
    let text;
    try {
      text = decoder.decode(input, { stream: !final });
    } catch (cause) {
      throw new RangeError(`'${label}' codec can't decode bytes`, { cause });
    }
    return errors === "ignore" ? text.replaceAll("\ufffd", "") : text;
  };
}

/** Encodes as Python's incremental encoders do; the first text behind `mark`. */
function encoder(
  codec: Codec,
  errors: Errors,
  mark: readonly number[] = [],
): Encode {
  const { name, strange, reason } = codec;
  let pending = mark;
  const substitute = (char: string, at: number) => {
    if (errors === "ignore") return "";
    if (errors === "replace") return "?";
    const code = char.codePointAt(0)!.toString(16);
    throw new RangeError(
      `'${name}' codec can't encode character U+${
        code.toUpperCase().padStart(4, "0")
      } in position ${at}: ${reason}`,
    );
  };
  return (text) => {
    // As in Python the mark is gone even if the text can't be encoded.
    const front = pending;
    pending = [];
    const bytes = codec.encode(text.replace(strange, substitute));
    return front.length > 0 ? concat([Uint8Array.from(front), bytes]) : bytes;
  };
}
