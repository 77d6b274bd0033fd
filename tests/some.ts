/**
 * A list that must not be empty.
 *
 * @module
 */

import { assert } from "@std/assert";

/** The list, which has to have something in it. */
export function some<T>(list: Iterable<T>): [T, ...T[]] {
  const [first, ...others] = list;
  assert(first !== undefined, "an empty list");
  return [first, ...others];
}
