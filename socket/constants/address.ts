/**
 * Well-known addresses, as numbers in host order, and ports.
 *
 * Follows `ip(7)`.
 *
 * @module
 */

/** `0.0.0.0`: every address of this machine. */
export const INADDR_ANY: number = 0x0;
/** `255.255.255.255`: everybody on the local network. */
export const INADDR_BROADCAST: number = 0xffffffff;
/** `127.0.0.1`: this machine. */
export const INADDR_LOOPBACK: number = 0x7f000001;
/** `255.255.255.255`, as C's `inet_addr()` reports a failure. */
export const INADDR_NONE: number = 0xffffffff;
/** `224.0.0.0`, where multicast addresses begin. */
export const INADDR_UNSPEC_GROUP: number = 0xe0000000;
/** `224.0.0.1`: all hosts of the local network. */
export const INADDR_ALLHOSTS_GROUP: number = 0xe0000001;
/** `224.0.0.255`, the last multicast address of the local network. */
export const INADDR_MAX_LOCAL_GROUP: number = 0xe00000ff;

/** Ports below this one are the system's. */
export const IPPORT_RESERVED: number = 1024;
/** Ports from this one on are for servers; an old convention. */
export const IPPORT_USERRESERVED: number = 5000;
