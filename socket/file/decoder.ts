/**
 * From bytes to text, piece by piece.
 *
 * @module
 */

import { concat } from "../concat.ts";
import type { Codec, Errors, Fault } from "./codec/codec.ts";

/** Decodes a stream. */
export interface Decoder {
  /**
   * The text of what comes next. Bytes at the end that could be the beginning
   * of a character are kept for the next call.
   *
   * @param final Nothing comes behind.
   * @throws {RangeError} If it can't be decoded, and `errors` is `strict`.
   */
  decode(input: Uint8Array<ArrayBuffer>, final: boolean): string;
}

/** A mark at the beginning of a text, and the codec that it stands for. */
export type Mark = readonly [mark: readonly number[], codec: Codec];

/** One mark at least. */
export type Marks = readonly [Mark, ...Mark[]];

const NONE = new Uint8Array(0);

/** Decodes with a codec, as Python's incremental decoders do. */
export class CodecDecoder implements Decoder {
  readonly #errors: Errors;
  #codec: Codec;
  #rest = NONE;

  constructor(codec: Codec, errors: Errors) {
    this.#codec = codec;
    this.#errors = errors;
  }

  decode(input: Uint8Array<ArrayBuffer>, final: boolean): string {
    const bytes = this.#rest.length > 0 ? concat([this.#rest, input]) : input;
    let text = "";
    let at = 0;
    let fault = this.#codec.fault(bytes, at);
    while (fault !== null && (final || !fault.cut)) {
      text += this.#codec.decode(bytes.subarray(at, fault.at)) +
        this.#handle(fault, bytes);
      at = fault.at + fault.length;
      fault = this.#codec.fault(bytes, at);
    }
    const end = fault?.at ?? bytes.length;
    this.#rest = bytes.slice(end);
    return text + this.#codec.decode(bytes.subarray(at, end));
  }

  #handle(fault: Fault, bytes: Uint8Array): string {
    if (this.#errors === "ignore") return "";
    if (this.#errors === "replace") return "\ufffd";
    const { at, length, reason } = fault;
    const [byte = 0] = bytes.subarray(at);
    const hex = byte.toString(16).padStart(2, "0");
    const where = length === 1
      ? `byte 0x${hex} in position ${at}`
      : `bytes in position ${at}-${at + length - 1}`;
    throw new RangeError(
      `'${this.#codec.name}' codec can't decode ${where}: ${reason}`,
    );
  }
}

/** Decodes what may begin with a mark, which is no part of the text. */
export class MarkDecoder implements Decoder {
  readonly #marks: Marks;
  readonly #otherwise: Codec | null;
  readonly #errors: Errors;
  #begin = NONE;
  #decoder: Decoder | null = null;

  /**
   * @param marks All of the same length.
   * @param otherwise The codec without a mark; `null` if there must be one.
   */
  constructor(
    marks: Marks,
    otherwise: Codec | null,
    errors: Errors,
  ) {
    this.#marks = marks;
    this.#otherwise = otherwise;
    this.#errors = errors;
  }

  decode(input: Uint8Array<ArrayBuffer>, final: boolean): string {
    if (this.#decoder) return this.#decoder.decode(input, final);
    const bytes = concat([this.#begin, input]);
    const agrees = ([mark]: Mark) =>
      mark.every((byte, i) => i >= bytes.length || byte === bytes[i]);
    const found = this.#marks.find(agrees);
    const [[mark, first]] = this.#marks;
    const short = bytes.length < mark.length &&
      (found !== undefined || this.#otherwise === null);
    if (short && !(final && bytes.length > 0)) {
      this.#begin = bytes;
      return "";
    }
    const codec = short ? first : found ? found[1] : this.#otherwise;
    if (codec === null) {
      throw new RangeError("UTF-16 stream does not start with BOM");
    }
    const text = found && !short ? bytes.subarray(mark.length) : bytes;
    this.#decoder = new CodecDecoder(codec, this.#errors);
    return this.#decoder.decode(text, final);
  }
}

/**
 * Decodes with the runtime's own decoder. It doesn't tell where a fault is, so
 * `ignore` drops every U+FFFD.
 */
export class WebDecoder implements Decoder {
  readonly #decoder: TextDecoder;
  readonly #errors: Errors;

  constructor(encoding: string, errors: Errors) {
    const fatal = errors === "strict";
    this.#decoder = new TextDecoder(encoding, { fatal, ignoreBOM: true });
    this.#errors = errors;
  }

  decode(input: Uint8Array<ArrayBuffer>, final: boolean): string {
    let text;
    try {
      text = this.#decoder.decode(input, { stream: !final });
    } catch (cause) {
      throw new RangeError(
        `'${this.#decoder.encoding}' codec can't decode bytes`,
        { cause },
      );
    }
    return this.#errors === "ignore" ? text.replaceAll("\ufffd", "") : text;
  }
}
