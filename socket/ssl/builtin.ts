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

/**
 * Calls a function once the events that Node's streams have under way are
 * emitted: a stream takes two ticks from its end to the event that tells of it.
 */
export function afterEvents(callback: () => void): void {
  const { nextTick } = process;
  nextTick(() => nextTick(() => nextTick(callback)));
}
