/**
 * What a context counts.
 *
 * @module
 */

/** How often something has happened: see `session_stats()`. */
export interface SessionStats {
  /** Sessions that are kept: 0, as Deno doesn't tell. */
  number: number;
  /** Handshakes that were begun as a client. */
  connect: number;
  /** Those that were done. */
  connect_good: number;
  /** 0: there is no renegotiation. */
  connect_renegotiate: number;
  /** Handshakes that were begun as a server. */
  accept: number;
  /** Those that were done. */
  accept_good: number;
  /** 0: there is no renegotiation. */
  accept_renegotiate: number;
  /** Handshakes that went on with an earlier session. */
  hits: number;
  /** 0, as Deno doesn't tell. */
  misses: number;
  /** 0, as Deno doesn't tell. */
  timeouts: number;
  /** 0, as Deno doesn't tell. */
  cache_full: number;
}

/** Counters of things that have not happened yet. */
export function newStats(): SessionStats {
  return {
    number: 0,
    connect: 0,
    connect_good: 0,
    connect_renegotiate: 0,
    accept: 0,
    accept_good: 0,
    accept_renegotiate: 0,
    hits: 0,
    misses: 0,
    timeouts: 0,
    cache_full: 0,
  };
}
