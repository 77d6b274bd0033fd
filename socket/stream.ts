/**
 * MicroPython's stream methods.
 *
 * They take a whole line, or as many bytes as they were asked for, or leave the
 * bytes in the stream.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { bytes, concat, integer, view } from "./bytes.ts";
import { MSG_PEEK, MSG_WAITALL, SOCK_STREAM } from "./constants.ts";
import { OSError } from "./errors.ts";
import type { Handle } from "./handle.ts";
import { perform } from "./reactor/wait.ts";
import { recvInto } from "./receive.ts";
import { send, sendAll } from "./send.ts";
import { POLLIN } from "./reactor/events.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const LF = 10;
/** How much more of a line is looked at, in bytes, at first. */
const LINE = 512;
/** How much is taken at once of everything up to the end, in bytes. */
const CHUNK = 64 * 1024;

/** How many bytes a call is to take. */
interface Demand {
  /**
   * How many bytes are worth looking at.
   *
   * @param seen How many the last look found.
   * @param taken How many were taken before those.
   */
  view(seen: number, taken: number): number;
  /** How many of the bytes meet the demand; 0 if it takes more of them. */
  measure(bytes: Bytes, taken: number): number;
}

/** `null`, Python's `None`, for an operation that would have to wait. */
export async function unlessBlocked<T>(
  operation: Promise<T>,
): Promise<T | null> {
  try {
    return await operation;
  } catch (error) {
    if (isBlocked(error)) return null;
    throw error;
  }
}

function isBlocked(error: unknown): boolean {
  return error instanceof OSError && error.errno === errno.EAGAIN;
}

function checkStream({ endpoint }: Handle): void {
  if (endpoint.type === SOCK_STREAM) return;
  throw new OSError(
    errno.EOPNOTSUPP,
    "A datagram is no part of a stream: receive it with recv()",
  );
}

/** See `Socket.read()`. */
export async function read(
  handle: Handle,
  size: number | null,
): Promise<Bytes | null> {
  const count = size === null ? -1 : integer(size, "size");
  checkStream(handle);
  if (count < 0) return await collectAll(handle);
  const buffer = new Uint8Array(count);
  const received = await fill(handle, buffer);
  return received === null ? null : buffer.subarray(0, received);
}

/** See `Socket.readinto()`. */
export async function readInto(
  handle: Handle,
  buffer: BufferSource,
  nbytes: number | null,
): Promise<number | null> {
  const target = view(buffer);
  const count = nbytes === null ? target.length : integer(nbytes, "nbytes");
  if (count < 0) throw new RangeError("negative buffersize in readinto");
  checkStream(handle);
  return await fill(handle, target.subarray(0, count));
}

/** Fills `target`, or as much of it as can be had. */
async function fill(handle: Handle, target: Bytes): Promise<number | null> {
  if (handle.timeout === 0) {
    return await unlessBlocked(recvInto(handle, target, 0, MSG_WAITALL));
  }
  if (handle.timeout === null) return await fillWaiting(handle, target);
  // Not received before all of it has come: the time may run out.
  const { length } = target;
  const bytes = await collect(handle, {
    view: (_, taken) => length - taken,
    measure: (bytes, taken) =>
      taken + bytes.length < length ? 0 : length - taken,
  });
  if (bytes !== null) target.set(bytes);
  return bytes && bytes.length;
}

/** Fills `target`, or its front if the stream ends earlier. */
async function fillWaiting(handle: Handle, target: Bytes): Promise<number> {
  const { endpoint } = handle;
  let count = 0;
  try {
    while (count < target.length) {
      const rest = target.subarray(count);
      // It may return less before an error, too.
      const received = await recvInto(handle, rest, 0, MSG_WAITALL);
      if (received === 0) break;
      count += received;
    }
    return count;
  } catch (error) {
    endpoint.putBack?.(target.slice(0, count));
    throw error;
  }
}

/** See `Socket.readline()`. */
export async function readLine(
  handle: Handle,
  size: number | null,
): Promise<Bytes | null> {
  const most = size === null ? -1 : integer(size, "size");
  checkStream(handle);
  const limit = most < 0 ? Infinity : most;
  return await collect(handle, {
    view: (seen, taken) => Math.min(2 * seen + LINE, limit - taken),
    measure: (bytes, taken) => {
      const end = bytes.indexOf(LF) + 1;
      const left = limit - taken;
      if (end > 0) return Math.min(end, left);
      return bytes.length < left ? 0 : left;
    },
  });
}

/**
 * Takes what meets a demand: less at the end of the stream, or if a
 * non-blocking socket would have to wait; `null` if nothing has come there.
 *
 * The bytes stay in the stream until the demand is met, so that another call
 * can't get a part of them. Only if the endpoint keeps no more of them (see
 * `SO_RCVBUF`) they are taken before, and put back if the call fails. The
 * time-out is one for each part that comes.
 */
async function collect(
  { endpoint, timeout }: Handle,
  demand: Demand,
): Promise<Bytes | null> {
  const parts: Bytes[] = [];
  let taken = 0;
  let seen = 0;

  /** Whether all of the bytes were there: another thread may be faster. */
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
    const bytes = endpoint.recv(demand.view(seen, taken), MSG_PEEK);
    if (bytes === undefined) return undefined;
    if (bytes.length === 0) return true;
    const count = demand.measure(bytes, taken);
    // No other call of this thread comes between the look and the taking.
    if (count > 0) return take(count);
    if (bytes.length !== seen) {
      seen = bytes.length;
      return false;
    }
    const more = endpoint.recv(seen + 1, MSG_PEEK | MSG_WAITALL);
    if (more === undefined) return undefined;
    if (more.length === seen) take(seen);
    return false;
  };

  // A transport may let a look for no bytes wait for some.
  if (demand.view(0, 0) === 0) return new Uint8Array(0);
  try {
    while (!await perform(endpoint, timeout, POLLIN, step));
  } catch (error) {
    if (timeout !== 0 || !isBlocked(error)) {
      endpoint.putBack?.(concat(parts));
      throw error;
    }
    if (seen > 0) take(seen);
    if (parts.length === 0) return null;
  }
  return concat(parts);
}

/** Takes everything up to the end of the stream; else as {@linkcode collect}. */
async function collectAll(
  { endpoint, timeout }: Handle,
): Promise<Bytes | null> {
  const parts: Bytes[] = [];
  const take = () => endpoint.recv(CHUNK, 0);
  try {
    for (;;) {
      const part = await perform(endpoint, timeout, POLLIN, take);
      if (part.length === 0) return concat(parts);
      parts.push(part);
    }
  } catch (error) {
    if (timeout === 0 && isBlocked(error)) {
      return parts.length === 0 ? null : concat(parts);
    }
    endpoint.putBack?.(concat(parts));
    throw error;
  }
}

/** See `Socket.write()`. */
export async function write(
  handle: Handle,
  data: string | BufferSource,
): Promise<number | null> {
  const whole = bytes(data);
  if (handle.timeout !== 0) {
    await sendAll(handle, whole, 0);
    return whole.length;
  }
  let count = 0;
  do {
    const sent = await unlessBlocked(send(handle, whole.subarray(count), 0));
    if (sent === null) return count || null;
    count += sent;
  } while (count < whole.length);
  return count;
}
