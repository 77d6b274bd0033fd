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
