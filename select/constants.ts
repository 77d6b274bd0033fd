/**
 * The events and flags of `epoll()`, with Linux's values.
 *
 * @module
 */

import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLMSG,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from "../socket/reactor/events.ts";

/** As {@linkcode POLLIN}. */
export const EPOLLIN: number = POLLIN;
/** As {@linkcode POLLPRI}. */
export const EPOLLPRI: number = POLLPRI;
/** As {@linkcode POLLOUT}. */
export const EPOLLOUT: number = POLLOUT;
/** As {@linkcode POLLERR}. */
export const EPOLLERR: number = POLLERR;
/** As {@linkcode POLLHUP}. */
export const EPOLLHUP: number = POLLHUP;
/** As {@linkcode POLLRDNORM}. */
export const EPOLLRDNORM: number = POLLRDNORM;
/** As {@linkcode POLLRDBAND}. */
export const EPOLLRDBAND: number = POLLRDBAND;
/** As {@linkcode POLLWRNORM}. */
export const EPOLLWRNORM: number = POLLWRNORM;
/** As {@linkcode POLLWRBAND}. */
export const EPOLLWRBAND: number = POLLWRBAND;
/** As {@linkcode POLLMSG}. */
export const EPOLLMSG: number = POLLMSG;
/** As {@linkcode POLLRDHUP}. */
export const EPOLLRDHUP: number = POLLRDHUP;
/** Wake only one of several `epoll` objects: accepted, and without effect here. */
export const EPOLLEXCLUSIVE: number = 0x10000000;
/** Report an object once, then not before it is modified. */
export const EPOLLONESHOT: number = 0x40000000;
/** Edge-triggered: report only what is new since the last report. */
export const EPOLLET: number = 0x80000000;
/** Flag of `epoll()`: closed in child processes, which is always so here. */
export const EPOLL_CLOEXEC: number = 0x80000;
