/**
 * The page that lists all names, `docs/names.md`.
 *
 * @module
 */

import { assert } from "@std/assert";

const page = await Deno.readTextFile(
  new URL("../docs/names.md", import.meta.url),
);

/** The entry of one name in `docs/names.md`. */
export interface Entry {
  /** A member of a class stands behind its name: `Queue.put`. */
  readonly name: string;
  readonly mark: string;
}

/** The names in a text, each between two backquotes. */
function names(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
}

/** The entries of those chapters whose headings begin so. */
export function entries(heading: string): Entry[] {
  const found: Entry[] = [];
  const own = page.split("\n## ").filter((text) => text.startsWith(heading))
    .join("\n");
  for (
    const [, first = "", mark = ""] of own.matchAll(/^\| (.*?) *\| (.*?) *\|/gm)
  ) {
    for (const name of names(first)) found.push({ name, mark });
  }
  // The names of an item end at its first full stop.
  for (
    const [, mark = "", list = ""] of own.matchAll(
      /^- \*\*(\w+)\*\*: ((?:`[^`]+`|[^.])*)\./gm,
    )
  ) {
    for (const name of names(list)) found.push({ name, mark });
  }
  assert(found.length > 0, `no chapter "${heading}"`);
  return found;
}

/** The names that have one of some marks. */
export function filter(of: readonly Entry[], ...marks: string[]): string[] {
  return of.filter(({ mark }) => marks.includes(mark)).map(({ name }) => name);
}

/** The constants of `socket`. */
export const constants: readonly Entry[] = entries("`socket`: constants");
