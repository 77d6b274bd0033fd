/**
 * Modules of Node that are loaded when the first socket is wrapped, so that
 * only programs that use TLS pay for them.
 *
 * @module
 */

import process from "node:process";

/** Node's module for cryptography. */
export function nodeCrypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}

/** Node's module for streams. */
export function nodeStream(): typeof import("node:stream") {
  return process.getBuiltinModule("node:stream");
}

/** Node's module for TLS. */
export function nodeTls(): typeof import("node:tls") {
  return process.getBuiltinModule("node:tls");
}

/** A stream takes so many rounds from an end or a failure to all its events. */
const ROUNDS = 4;

/**
 * Calls a function once the events that Node's streams have under way are
 * emitted, and what they put off is done. They put off by ticks and by
 * microtasks, and all ticks come before the microtasks.
 */
export function afterEvents(callback: () => void, rounds = ROUNDS): void {
  process.nextTick(() =>
    queueMicrotask(
      rounds > 1 ? () => afterEvents(callback, rounds - 1) : callback,
    )
  );
}
