/**
 * Taking as much from a stream as somebody asks for, or leaving it there.
 *
 * @module
 */

import { concat } from "./concat.ts";
import { MSG_PEEK, MSG_WAITALL } from "./constants.ts";
import { BlockingIOError } from "./errors.ts";
import { POLLIN } from "./reactor/events.ts";
import type { Endpoint } from "./transport/transport.ts";
import { perform } from "./reactor/wait.ts";

/** So much is taken at once of all that comes, in bytes. */
const CHUNK = 64 * 1024;

/** How much somebody asks for. */
export interface Wish {
  /**
   * How many bytes it is of use to look at.
   *
   * @param seen How many came into view the last time.
   * @param taken How many were taken before those.
   */
  view(seen: number, taken: number): number;
  /** How many of the bytes in view fulfil the wish; 0 if it takes more. */
  measure(bytes: Uint8Array<ArrayBuffer>, taken: number): number;
}

/**
 * Takes what fulfils a wish: less at the end of the stream, or if a
 * non-blocking socket would have to wait; `null` if nothing has come there.
 *
 * The bytes stay where they are until the wish is fulfilled, so that nobody
 * else gets a part of them. Only if the endpoint keeps no more of them (see
 * `SO_RCVBUF`) they are taken before, and put back if the call fails.
 *
 * @param timeout How long to wait for more, in seconds, each time anew.
 */
export async function collect(
  endpoint: Endpoint,
  timeout: number | null,
  wish: Wish,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let taken = 0;
  let seen = 0;

  /** Whether all of it was there: another holder may have been faster. */
  const take = (count: number): boolean | undefined => {
    const part = endpoint.recv(count, 0);
    if (part === undefined) return undefined;
    parts.push(part);
    taken += part.length;
    seen = 0;
    return part.length === count;
  };

  /** `true` at the end, `false` if there is something new. */
  const step = (): boolean | undefined => {
    const bytes = endpoint.recv(wish.view(seen, taken), MSG_PEEK);
    if (bytes === undefined) return undefined;
    if (bytes.length === 0) return true;
    const count = wish.measure(bytes, taken);
    // Looked at and taken at once: no other call of this thread comes between.
    if (count > 0) return take(count);
    if (bytes.length !== seen) {
      seen = bytes.length;
      return false;
    }
    const more = endpoint.recv(seen + 1, MSG_PEEK | MSG_WAITALL);
    if (more === undefined) return undefined;
    const late = more.length === seen && take(seen) === undefined;
    return late ? undefined : false;
  };

  try {
    while (!await perform(endpoint, timeout, POLLIN, step));
  } catch (error) {
    if (timeout !== 0 || !(error instanceof BlockingIOError)) {
      endpoint.putBack?.(concat(parts));
      throw error;
    }
    if (seen > 0) take(seen);
    if (parts.length === 0) return null;
  }
  return concat(parts);
}

/**
 * Takes everything up to the end of the stream, in all else as
 * {@linkcode collect}: nobody else can have a use for a part of it.
 */
export async function collectAll(
  endpoint: Endpoint,
  timeout: number | null,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const take = () => endpoint.recv(CHUNK, 0);
  try {
    for (;;) {
      const part = await perform(endpoint, timeout, POLLIN, take);
      if (part.length === 0) return concat(parts);
      parts.push(part);
    }
  } catch (error) {
    if (timeout === 0 && error instanceof BlockingIOError) {
      return parts.length === 0 ? null : concat(parts);
    }
    endpoint.putBack?.(concat(parts));
    throw error;
  }
}
