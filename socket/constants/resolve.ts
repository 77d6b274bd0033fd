/**
 * Flags and errors of name look-ups.
 *
 * Follows `getaddrinfo(3)` and `getnameinfo(3)`.
 *
 * @module
 */

/** For `bind()`: without a host, every address of this machine. */
export const AI_PASSIVE: number = 0x1;
/** Give the host's canonical name too. */
export const AI_CANONNAME: number = 0x2;
/** The host is an address: look nothing up. */
export const AI_NUMERICHOST: number = 0x4;
/** Give IPv4 addresses as IPv6 ones if there are no others. */
export const AI_V4MAPPED: number = 0x8;
/** With `AI_V4MAPPED`: give both, always. */
export const AI_ALL: number = 0x10;
/** Only families for which this machine has an address. */
export const AI_ADDRCONFIG: number = 0x20;
/** The service is a number: look nothing up. */
export const AI_NUMERICSERV: number = 0x400;

/** Give the host's address, not its name. */
export const NI_NUMERICHOST: number = 1;
/** Give the service's port, not its name. */
export const NI_NUMERICSERV: number = 2;
/** Give the name alone for hosts of the own domain. */
export const NI_NOFQDN: number = 4;
/** Fail if the host has no name. */
export const NI_NAMEREQD: number = 8;
/** The service is one of datagrams (UDP). */
export const NI_DGRAM: number = 16;
/** The longest host name that C's `getnameinfo()` gives, with its end. */
export const NI_MAXHOST: number = 1025;
/** The longest service name that C's `getnameinfo()` gives, with its end. */
export const NI_MAXSERV: number = 32;

/** Flags that don't exist, or don't go together. */
export const EAI_BADFLAGS: number = -1;
/** No such host or service. */
export const EAI_NONAME: number = -2;
/** The name server doesn't answer now; try again later. */
export const EAI_AGAIN: number = -3;
/** The name server failed for good. */
export const EAI_FAIL: number = -4;
/** The name exists and has no address. */
export const EAI_NODATA: number = -5;
/** The address family is not supported. */
export const EAI_FAMILY: number = -6;
/** The socket type is not supported. */
export const EAI_SOCKTYPE: number = -7;
/** The service is not available for that socket type. */
export const EAI_SERVICE: number = -8;
/** The name has no address of that family. */
export const EAI_ADDRFAMILY: number = -9;
/** Out of memory. */
export const EAI_MEMORY: number = -10;
/** A system error, told by its own number. */
export const EAI_SYSTEM: number = -11;
/** The name is too long for the buffer. */
export const EAI_OVERFLOW: number = -12;
