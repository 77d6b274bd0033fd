/**
 * How line ends are treated.
 *
 * | | read | written |
 * |---|---|---|
 * | `null` | `\n`, `\r` and `\r\n` end a line, and become `\n` | as they are |
 * | `""` | the three end a line, and stay as they are | as they are |
 * | `"\n"` | this ends a line | as they are |
 * | `"\r"`, `"\r\n"` | this ends a line | in the place of `\n` |
 */
export type Newline = null | "" | "\n" | "\r" | "\r\n";

/**
 * Finds the end of a line.
 *
 * @param from Where to begin to look for the whole of it.
 * @returns Where the next line begins; -1 if there is no end.
 */
export function lineEnd(text: string, from: number, newline: Newline): number {
  if (newline === "") {
    const ends = /\r\n?|\n/g;
    ends.lastIndex = from;
    return ends.test(text) ? ends.lastIndex : -1;
  }
  const end = newline ?? "\n";
  const at = text.indexOf(end, from);
  return at === -1 ? -1 : at + end.length;
}

/**
 * Text in which any of `\n`, `\r` and `\r\n` ends a line, piece by piece. No
 * piece ends within a `\r\n`.
 *
 * Follows Python's
 * [`io.IncrementalNewlineDecoder`](https://docs.python.org/3/library/io.html#io.IncrementalNewlineDecoder).
 */
export class UniversalNewlines {
  readonly #translate: boolean;
  readonly #seen = new Set<string>();
  #pending = "";

  /** @param translate Whether all of them become `\n`. */
  constructor(translate: boolean) {
    this.#translate = translate;
  }

  /** The line ends so far, in the order of Python's tuples. */
  get seen(): string[] {
    return ["\r", "\n", "\r\n"].filter((end) => this.#seen.has(end));
  }

  /** The next piece; with `final` nothing is kept for later. */
  decode(input: string, final: boolean): string {
    let text = this.#pending + input;
    this.#pending = "";
    if (text.endsWith("\r") && !final) {
      text = text.slice(0, -1);
      this.#pending = "\r";
    }
    if (!text.includes("\r")) {
      if (text.includes("\n")) this.#seen.add("\n");
      return text;
    }
    for (const end of text.match(/\r\n?|\n/g)!) this.#seen.add(end);
    return this.#translate ? text.replace(/\r\n?/g, "\n") : text;
  }
}
