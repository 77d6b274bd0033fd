/**
 * Flags of the send and receive operations.
 *
 * Follows `send(2)` and `recv(2)`.
 *
 * @module
 */

/** Urgent data. */
export const MSG_OOB: number = 0x1;
/** Look at what has come, and leave it there. */
export const MSG_PEEK: number = 0x2;
/** Skip routing: to the local network only. */
export const MSG_DONTROUTE: number = 0x4;
/** In a result: the ancillary data was cut off. */
export const MSG_CTRUNC: number = 0x8;
/** Return a datagram's real length; in a result: it was cut off. */
export const MSG_TRUNC: number = 0x20;
/** Don't wait, whatever the mode of the socket. */
export const MSG_DONTWAIT: number = 0x40;
/** The end of a record. */
export const MSG_EOR: number = 0x80;
/** Wait until the whole buffer is filled. */
export const MSG_WAITALL: number = 0x100;
/** Tell the link layer that the peer has answered. */
export const MSG_CONFIRM: number = 0x800;
/** Receive from the socket's queue of errors. */
export const MSG_ERRQUEUE: number = 0x2000;
/** Raise no SIGPIPE; there never is one here. */
export const MSG_NOSIGNAL: number = 0x4000;
/** More is coming: hold back a segment that isn't full. */
export const MSG_MORE: number = 0x8000;
/** Connect and send in one step. */
export const MSG_FASTOPEN: number = 0x20000000;
/** Child processes don't inherit descriptors received. */
export const MSG_CMSG_CLOEXEC: number = 0x40000000;
