/**
 * How long things may take.
 *
 * @module
 */

/** The longest time that a timer can measure, in milliseconds. */
export const LONGEST = 0x7fffffff;

/**
 * How long a closed connection goes on trying to deliver what was sent, in
 * milliseconds: about as long as Linux probes a peer that doesn't read.
 */
export const PATIENCE = 100_000;
