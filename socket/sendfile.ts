/**
 * Sending files.
 *
 * @module
 */

import { integer, kind } from "./bytes.ts";
import { SOCK_STREAM } from "./constants.ts";
import { TimeoutError } from "./errors.ts";
import type { Handle } from "./handle.ts";
import { oserror } from "./oserror.ts";
import { POLLOUT } from "./reactor/events.ts";
import { perform } from "./reactor/wait.ts";
import { send } from "./send.ts";
import type { OpenFile } from "./transport/transport.ts";

/** How much is read and sent at once, in bytes. */
const BLOCK = 64 * 1024;
/** How much the system sends at once, in bytes; nothing else happens meanwhile. */
const PART = 256 * 1024;

/** A file to be sent: a `Deno.FsFile`, or an object that reads like one. */
export interface FileLike {
  /** Reads into a buffer; how many bytes, `null` or 0 at the end. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null>;
  /**
   * Moves to `offset`, counted from the beginning if `whence` is 0. A file
   * without this is read from where it is.
   */
  seek?(offset: number, whence: 0): Promise<number>;
}

/** See `Socket.sendfile()`. */
export async function sendfile(
  handle: Handle,
  file: FileLike,
  offset: number,
  count: number | null,
): Promise<number> {
  check(handle, file, offset, count);
  // Now, as nothing else of this call is under way with the file.
  const open = file instanceof Deno.FsFile
    ? handle.endpoint.openFile?.(file) ?? null
    : null;
  let moves = false;
  try {
    moves = await seek(file, offset);
  } finally {
    if (!moves) open?.close();
  }
  const progress = { sent: 0 };
  try {
    const done = moves && open &&
      await sendParts(handle, open, offset, count, progress);
    if (!done) await sendBlocks(handle, file, count, progress);
    return progress.sent;
  } finally {
    if (moves) await seek(file, offset + progress.sent);
  }
}

/** How many bytes have been sent. */
interface Progress {
  sent: number;
}

/** Has the system send the file; whether it can, which the first part tells. */
async function sendParts(
  handle: Handle,
  file: OpenFile,
  offset: number,
  count: number | null,
  progress: Progress,
): Promise<boolean> {
  try {
    while (count === null || progress.sent < count) {
      const left = count === null ? PART : count - progress.sent;
      const attempt = () =>
        file.send(offset + progress.sent, Math.min(left, PART));
      const { endpoint } = handle;
      const sent = await perform(endpoint, handle.mode(0), POLLOUT, attempt);
      if (sent === 0) break;
      progress.sent += sent;
    }
    return true;
  } catch (error) {
    if (progress.sent > 0 || error instanceof TimeoutError) throw error;
    return false;
  } finally {
    file.close();
  }
}

/** Reads the file and sends what it reads. */
async function sendBlocks(
  handle: Handle,
  file: FileLike,
  count: number | null,
  progress: Progress,
): Promise<void> {
  const buffer = new Uint8Array(Math.min(BLOCK, count ?? BLOCK));
  while (count === null || progress.sent < count) {
    const left = count === null ? BLOCK : count - progress.sent;
    const read = await readFile(file, buffer.subarray(0, left));
    if (read === 0) break;
    for (let start = 0; start < read;) {
      const length = await send(handle, buffer.subarray(start, read), 0);
      start += length;
      progress.sent += length;
    }
  }
}

function check(
  handle: Handle,
  file: FileLike,
  offset: number,
  count: number | null,
): void {
  if (typeof file?.read !== "function") {
    throw new TypeError(`sendfile() takes a file, not ${kind(file)}`);
  }
  if (integer(offset, "offset") < 0) {
    throw new RangeError(`offset must not be negative (got ${offset})`);
  }
  if (handle.endpoint.type !== SOCK_STREAM) {
    throw new RangeError("only SOCK_STREAM type sockets are supported");
  }
  if (count !== null && integer(count, "count") <= 0) {
    throw new RangeError(`count must be a positive integer (got ${count})`);
  }
  if (handle.timeout === 0) {
    throw new RangeError("non-blocking sockets are not supported");
  }
}

/** Reads from the file; how many bytes, 0 at its end. */
async function readFile(
  file: FileLike,
  buffer: Uint8Array<ArrayBuffer>,
): Promise<number> {
  const read: unknown = await ofFile(file, () => file.read(buffer));
  if (read === null) return 0;
  const count = integer(read, "the result of read()");
  if (count >= 0 && count <= buffer.length) return count;
  throw new RangeError(
    `read() returned ${count} for a buffer of ${buffer.length} bytes`,
  );
}

/** Moves to an offset; whether the file can. It must, unless that is 0. */
async function seek(file: FileLike, offset: number): Promise<boolean> {
  try {
    if (typeof file.seek !== "function") {
      throw new TypeError("the file has no seek()");
    }
    await ofFile(file, () => file.seek!(offset, 0));
    return true;
  } catch (error) {
    if (offset === 0) return false;
    throw error;
  }
}

/** An operation of the file: its errors are the caller's own, Deno's are not. */
async function ofFile<T>(
  file: FileLike,
  operation: () => Promise<T>,
): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw file instanceof Deno.FsFile ? oserror(cause) : cause;
  }
}
