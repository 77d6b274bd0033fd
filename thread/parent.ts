/**
 * The way from a worker to the main thread.
 *
 * @module
 */

import type { WayEnd } from "./way.ts";

let way: WayEnd | null = null;

/** Sets it, in a worker. */
export function setParent(end: WayEnd): void {
  way = end;
}

/** The way to the main thread; `null` there. */
export function parent(): WayEnd | null {
  return way;
}
