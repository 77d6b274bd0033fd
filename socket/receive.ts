/**
 * Receiving bytes and messages.
 *
 * @module
 */

import { int } from "./arguments.ts";
import { intact, integer, view } from "./bytes.ts";
import {
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_WAITALL,
  SOCK_STREAM,
} from "./constants.ts";
import { BlockingIOError, TimeoutError } from "./errors.ts";
import type { Handle } from "./handle.ts";
import { perform, retry } from "./reactor/wait.ts";
import { POLLERR, POLLIN } from "./reactor/events.ts";
import { traced } from "./stack.ts";
import type { Message } from "./transport/transport.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Ancillary data, also called a control message: such as descriptors
 * (`SOL_SOCKET`, `SCM_RIGHTS`) or the sender's process.
 */
export type Ancillary<Data = BufferSource> = [
  level: number,
  type: number,
  data: Data,
];

/** See `Socket.recv()`. */
export function recv(
  handle: Handle,
  bufsize: number,
  flags: number,
): Promise<Bytes> {
  checkSize(bufsize, "recv");
  if (bufsize === 0) return Promise.resolve(new Uint8Array(0));
  const { endpoint } = handle;
  if (flags & MSG_WAITALL && endpoint.type === SOCK_STREAM) {
    if (!(flags & MSG_PEEK)) {
      const buffer = new Uint8Array(bufsize);
      return receiveAll(handle, buffer, flags)
        .then((count) => buffer.subarray(0, count));
    }
    if (handle.mode(flags) === 0) flags &= ~MSG_WAITALL;
  }
  const timeout = handle.mode(flags);
  try {
    if (isPlain(handle, flags)) {
      const received = endpoint.receive?.(bufsize);
      if (received) return received;
    }
    const data = endpoint.recv(bufsize, flags);
    if (data) return Promise.resolve(data);
  } catch (error) {
    throw traced(error, recv);
  }
  const attempt = () => endpoint.recv(bufsize, flags);
  return retry(endpoint, timeout, POLLIN, attempt);
}

/** See `Socket.recv_into()`. */
export function recvInto(
  handle: Handle,
  buffer: BufferSource,
  nbytes: number,
  flags: number,
): Promise<number> {
  const target = front(
    buffer,
    nbytes,
    "recv_into",
    "buffer too small for requested bytes",
  );
  const { length } = target;
  if (length === 0) return Promise.resolve(0);
  const { endpoint } = handle;
  if (flags & MSG_WAITALL && endpoint.type === SOCK_STREAM) {
    if (!(flags & MSG_PEEK)) return receiveAll(handle, target, flags);
    if (handle.mode(flags) === 0) flags &= ~MSG_WAITALL;
  }
  const timeout = handle.mode(flags);
  try {
    if (isPlain(handle, flags)) {
      const received = endpoint.read?.(target);
      if (received) return received;
    }
    const count = endpoint.recvInto(target, flags);
    if (count !== undefined) return Promise.resolve(count);
  } catch (error) {
    throw traced(error, recvInto);
  }
  const attempt = () => endpoint.recvInto(intact(target, length), flags);
  return retry(endpoint, timeout, POLLIN, attempt);
}

/** Whether a short cut of the transport may be taken. */
function isPlain({ timeout }: Handle, flags: number): boolean {
  return flags === 0 && timeout === null;
}

function checkSize(size: number, caller: string): void {
  if (integer(size, "bufsize") < 0) {
    throw new RangeError(`negative buffersize in ${caller}`);
  }
}

/** The first `nbytes` bytes of a buffer; all of them if that is 0. */
export function front(
  buffer: BufferSource,
  nbytes: number,
  caller: string,
  tooLarge: string,
): Bytes {
  const target = view(buffer);
  if (nbytes === 0) return target;
  if (integer(nbytes, "nbytes") < 0) {
    throw new RangeError(`negative buffersize in ${caller}`);
  }
  if (nbytes > target.length) throw new RangeError(tooLarge);
  return target.subarray(0, nbytes);
}

/** Fills `target`, unless the stream ends or the time runs out before. */
async function receiveAll(
  handle: Handle,
  target: Bytes,
  flags: number,
): Promise<number> {
  const { endpoint } = handle;
  const { length } = target;
  let count = 0;
  const attempt = () => {
    // An error is left for the next call to raise, as in Linux.
    if (count > 0 && endpoint.readiness & POLLERR) return 0;
    // Detached memory must show before bytes are taken for it.
    const rest = intact(target, length).subarray(count);
    return endpoint.recvInto(rest, flags & ~MSG_WAITALL);
  };
  try {
    do {
      const mode = handle.mode(flags);
      const received = await perform(endpoint, mode, POLLIN, attempt);
      count += received;
      if (received === 0) break;
    } while (count < length && !(flags & MSG_DONTWAIT));
  } catch (error) {
    // The bytes that came are not lost: the next call meets the error again.
    const waiting = error instanceof BlockingIOError ||
      error instanceof TimeoutError;
    if (count === 0 || !waiting) throw error;
  }
  return count;
}

/**
 * Receives a message, of so many bytes or into buffers, one after the other.
 *
 * @param caller The method, for the messages of errors.
 */
export async function receiveMessage(
  handle: Handle,
  into: number | readonly Bytes[],
  flags: number,
  caller: string,
  controlSize = 0,
): Promise<Message> {
  const targets = typeof into === "object" ? into : [];
  const lengths = targets.map(({ length }) => length);
  const size = typeof into === "object"
    ? lengths.reduce((sum, length) => sum + length, 0)
    : into;
  if (int(controlSize, "ancbufsize") < 0) {
    throw new RangeError(`negative ancillary data buffer size in ${caller}`);
  }
  checkSize(size, caller);
  const { endpoint } = handle;
  return await perform(endpoint, handle.mode(flags), POLLIN, () => {
    // Detached memory must show before a message is taken for it.
    targets.forEach((target, index) => intact(target, lengths[index]!));
    const message = endpoint.receiveMessage(size, flags, controlSize);
    let at = 0;
    for (const target of message ? targets : []) {
      target.set(message!.data.subarray(at, at += target.length));
    }
    return message;
  });
}

/** How long a message is, as the calls with buffers of the caller's tell it. */
export function lengthOf({ data, length = data.length }: Message): number {
  return length;
}

/** The ancillary data and the flags of a message, as `recvmsg()` returns them. */
export function details(
  { ancillary = [], flags }: Message,
): [ancdata: Ancillary<Bytes>[], msg_flags: number] {
  return [ancillary.map((each) => [...each]), flags];
}
