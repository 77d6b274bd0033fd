/**
 * The way from a worker to the main thread.
 *
 * @module
 */

import type { LinkEnd } from "./link_end.ts";

let link: LinkEnd | null = null;

/** Sets it, in a worker. */
export function setParent(end: LinkEnd): void {
  link = end;
}

/** The way to the main thread; `null` there. */
export function parent(): LinkEnd | null {
  return link;
}
