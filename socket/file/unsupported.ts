/**
 * What a file can't do.
 *
 * @module
 */

import { OSError } from "../errors.ts";

/**
 * The file isn't meant for that: to be written when it was opened to be read,
 * or to be moved about in.
 *
 * Follows Python's
 * [`io.UnsupportedOperation`](https://docs.python.org/3/library/io.html#io.UnsupportedOperation).
 */
export class UnsupportedOperation extends OSError {
  /** The name of the class. */
  override name = "UnsupportedOperation";
}
