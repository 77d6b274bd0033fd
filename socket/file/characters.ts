/**
 * Characters as Python counts them: code points.
 *
 * @module
 */

/** How many characters a text has. */
export function count(text: string): number {
  let characters = text.length;
  for (let i = 1; i < text.length; i++) {
    if (isPair(text, i - 1)) characters--;
  }
  return characters;
}

/**
 * Finds the end of the first `characters` behind `from`.
 *
 * @returns Where they end, and how many are missing.
 */
export function advance(
  text: string,
  from: number,
  characters: number,
): [end: number, missing: number] {
  let at = from;
  let left = characters;
  for (; left > 0 && at < text.length; left--) at += isPair(text, at) ? 2 : 1;
  return [at, left];
}

function isPair(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800 &&
    (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}
