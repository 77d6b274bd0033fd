/**
 * What makes an object fit for `select()` and `poll()`.
 *
 * @module
 */

import type { Source } from "../transport/transport.ts";

export type { Source, Watch } from "../transport/transport.ts";

/** The key of {@linkcode Pollable}'s only property. */
export const readiness: unique symbol = Symbol.for(
  "@berkeley/socket.readiness",
);

/**
 * An object that `select()` and `poll()` can wait for.
 *
 * Sockets are, and so is everything else that tells under the symbol
 * `select.readiness` what is true of it now and wakes those who wait for more.
 */
export interface Pollable {
  /** What becomes ready; `OSError` (`EBADF`) once the object is closed. */
  readonly [readiness]: Source;
}
