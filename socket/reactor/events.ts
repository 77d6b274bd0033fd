/**
 * The events of `poll()` and `epoll()`, with Linux's values.
 *
 * @module
 */

/** Something can be read: bytes, a connection, the end of the stream, an error. */
export const POLLIN: number = 0x001;
/** Urgent data can be read. */
export const POLLPRI: number = 0x002;
/** Something can be written without waiting. */
export const POLLOUT: number = 0x004;
/** An error waits to be fetched. Reported whether asked for or not. */
export const POLLERR: number = 0x008;
/** The connection is over, or there never was one. Reported whether asked for or not. */
export const POLLHUP: number = 0x010;
/** The socket is closed. Reported whether asked for or not. */
export const POLLNVAL: number = 0x020;
/** As {@linkcode POLLIN}. */
export const POLLRDNORM: number = 0x040;
/** Priority data can be read. */
export const POLLRDBAND: number = 0x080;
/** As {@linkcode POLLOUT}. */
export const POLLWRNORM: number = 0x100;
/** Priority data can be written. */
export const POLLWRBAND: number = 0x200;
/** Unused on Linux. */
export const POLLMSG: number = 0x400;
/** The peer closed its way of writing. */
export const POLLRDHUP: number = 0x2000;

export {
  POLLERR as EPOLLERR,
  POLLHUP as EPOLLHUP,
  POLLIN as EPOLLIN,
  POLLMSG as EPOLLMSG,
  POLLOUT as EPOLLOUT,
  POLLPRI as EPOLLPRI,
  POLLRDBAND as EPOLLRDBAND,
  POLLRDHUP as EPOLLRDHUP,
  POLLRDNORM as EPOLLRDNORM,
  POLLWRBAND as EPOLLWRBAND,
  POLLWRNORM as EPOLLWRNORM,
};
/** Wake only one of several `epoll` objects: without effect over Deno. */
export const EPOLLEXCLUSIVE: number = 0x10000000;
/** Report an object once, then not before it is modified. */
export const EPOLLONESHOT: number = 0x40000000;
/** Edge-triggered: report only what is new since the last report. */
export const EPOLLET: number = 0x80000000;
/** Flag of `epoll()`: closed in child processes, which is always so here. */
export const EPOLL_CLOEXEC: number = 0x80000;
