/**
 * Decoders and encoders of streams: text comes and goes in pieces.
 *
 * @module
 */

import { concat } from "../concat.ts";
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

/** A byte order mark, and the codec that it stands for. */
export type Mark = readonly [mark: readonly number[], codec: Codec];

const NONE = new Uint8Array(0);

/** Decodes as Python's incremental decoders do. */
export function decoder(codec: Codec, errors: Errors): Decode {
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
export function markDecoder(
  marks: readonly [Mark, ...Mark[]],
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
export function webDecoder(label: string, errors: Errors): Decode {
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
export function encoder(
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
