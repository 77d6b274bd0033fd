/**
 * The events that a source may have, with Linux's values.
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

/** The events that `poll(2)` reports whether it was asked for them or not. */
export const POLLALWAYS: number = POLLERR | POLLHUP | POLLNVAL;

/** The events that become known by reading ahead. */
export const POLLINCOMING: number = POLLIN | POLLRDHUP | POLLERR | POLLHUP;
