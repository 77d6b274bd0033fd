/**
 * From text to bytes, piece by piece.
 *
 * @module
 */

import { concat } from "../concat.ts";
import type { Codec, Errors } from "./codec/codec.ts";

/** Encodes a stream. */
export class Encoder {
  readonly #codec: Codec;
  readonly #errors: Errors;
  /** What goes before the first text. */
  #mark: readonly number[];

  constructor(codec: Codec, errors: Errors, mark: readonly number[] = []) {
    this.#codec = codec;
    this.#errors = errors;
    this.#mark = mark;
  }

  /**
   * The bytes of what comes next.
   *
   * @throws {RangeError} If it can't be encoded, and `errors` is `strict`.
   */
  encode(text: string): Uint8Array<ArrayBuffer> {
    // As in Python it is gone even if the text can't be encoded.
    const mark = this.#mark;
    this.#mark = [];
    const bytes = this.#codec.encode(this.#known(text));
    return mark.length > 0 ? concat([Uint8Array.from(mark), bytes]) : bytes;
  }

  #known(text: string): string {
    const { name, strange, reason } = this.#codec;
    return text.replace(strange, (char, at: number) => {
      if (this.#errors === "ignore") return "";
      if (this.#errors === "replace") return "?";
      const code = char.codePointAt(0)!.toString(16);
      throw new RangeError(
        `'${name}' codec can't encode character U+${
          code.toUpperCase().padStart(4, "0")
        } in position ${at}: ${reason}`,
      );
    });
  }
}
