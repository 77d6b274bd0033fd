/**
 * Names of TCP's options, at the level `IPPROTO_TCP`.
 *
 * Follows `tcp(7)`.
 *
 * @module
 */

/** Whether to send at once, without Nagle's waiting for more. */
export const TCP_NODELAY: number = 1;
/** The largest segment, in bytes. */
export const TCP_MAXSEG: number = 2;
/** Whether to hold back all but full segments. */
export const TCP_CORK: number = 3;
/** Seconds of silence before the first keep-alive probe. */
export const TCP_KEEPIDLE: number = 4;
/** Seconds between keep-alive probes. */
export const TCP_KEEPINTVL: number = 5;
/** How many unanswered keep-alive probes end the connection. */
export const TCP_KEEPCNT: number = 6;
/** How often an attempt to connect is repeated. */
export const TCP_SYNCNT: number = 7;
/** Seconds that an orphaned connection waits for the peer's end. */
export const TCP_LINGER2: number = 8;
/** Seconds to wait for data before a connection is accepted. */
export const TCP_DEFER_ACCEPT: number = 9;
/** The largest window to advertise, in bytes. */
export const TCP_WINDOW_CLAMP: number = 10;
/** What the kernel knows of the connection; a C `struct tcp_info`. */
export const TCP_INFO: number = 11;
/** Whether to acknowledge at once. */
export const TCP_QUICKACK: number = 12;
/** The name of the congestion control algorithm. */
export const TCP_CONGESTION: number = 13;
/** Milliseconds that data may stay unacknowledged. */
export const TCP_USER_TIMEOUT: number = 18;
/** How many connections may wait that began with data. */
export const TCP_FASTOPEN: number = 23;
/** How many unsent bytes still leave the socket writable. */
export const TCP_NOTSENT_LOWAT: number = 25;
