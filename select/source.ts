/**
 * From what programs register or list to what can be waited for.
 *
 * @module
 */

import { int } from "../socket/arguments.ts";
import { endpointOf } from "../socket/descriptors.ts";
import {
  type Pollable,
  readiness,
  type Source,
} from "../socket/reactor/readiness.ts";

/** A descriptor, or anything that can be waited for. */
export type Selectable = number | Pollable;

/** What becomes ready; `EBADF` if it is closed. */
export function sourceOf(object: Selectable): Source {
  if (typeof object === "number") {
    return endpointOf(int(object, "a file descriptor"));
  }
  if (typeof object === "object" && object !== null && readiness in object) {
    return object[readiness];
  }
  throw new TypeError(
    "argument must be a descriptor, a socket or another object that can be waited for",
  );
}
