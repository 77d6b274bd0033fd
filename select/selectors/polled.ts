/**
 * What `poll()` and `epoll()` have in common for selectors.
 *
 * @module
 */

import { POLLIN, POLLOUT } from "../../socket/reactor/events.ts";
import type { Event } from "../interest.ts";
import type { Selectable } from "../watches.ts";
import { EVENT_READ, EVENT_WRITE } from "./key.ts";
import type { Target } from "./registered.ts";

/** The mask for `EVENT_` bits; epoll's has the same numbers. */
export function maskOf(events: number): number {
  return (events & EVENT_READ ? POLLIN : 0) |
    (events & EVENT_WRITE ? POLLOUT : 0);
}

/** An event as `EVENT_` bits. Errors and the end are news for both ways. */
export function targetOf([what, mask]: Event<Selectable>): Target {
  const events = (mask & ~POLLIN ? EVENT_WRITE : 0) |
    (mask & ~POLLOUT ? EVENT_READ : 0);
  return [what, events];
}

/** Whole milliseconds, as Python rounds them: at least as long. */
export function milliseconds(seconds: number | null): number | null {
  return seconds && Math.ceil(seconds * 1000);
}
