/**
 * What Deno offers only to programs that ask for it.
 *
 * @module
 */

/**
 * The flag `--unstable-net` was given. `Deno.listen({ reusePort })` ends the
 * process without it.
 */
export const UNSTABLE_NET: boolean = "listenDatagram" in Deno;
