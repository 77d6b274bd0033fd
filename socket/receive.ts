/**
 * Receiving bytes and messages.
 *
 * @module
 */

import type { Address } from "./names/address.ts";
import { formatAddress } from "./names/families.ts";
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
import { perform } from "./reactor/wait.ts";
import { POLLERR, POLLIN } from "./reactor/events.ts";
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

/** What `recvmsg()` returns behind the bytes or their number. */
export type MessageRest = [
  ancdata: Ancillary<Bytes>[],
  msg_flags: number,
  address: Address | null,
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
    if (!(flags & MSG_PEEK)) return receiveNew(handle, bufsize, flags);
    if (handle.mode(flags) === 0) flags &= ~MSG_WAITALL;
  }
  return isPlain(handle, flags) && endpoint.receive?.(bufsize) || perform(
    endpoint,
    handle.mode(flags),
    POLLIN,
    () => endpoint.recv(bufsize, flags),
  );
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
  return isPlain(handle, flags) && endpoint.read?.(target) || perform(
    endpoint,
    handle.mode(flags),
    POLLIN,
    () => endpoint.recvInto(intact(target, length), flags),
  );
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
function front(
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

async function receiveNew(
  handle: Handle,
  bufsize: number,
  flags: number,
): Promise<Bytes> {
  const buffer = new Uint8Array(bufsize);
  return buffer.subarray(0, await receiveAll(handle, buffer, flags));
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

/** See `Socket.recvfrom()`. */
export async function recvfrom(
  handle: Handle,
  bufsize: number,
  flags: number,
): Promise<[data: Bytes, address: Address | null]> {
  checkSize(bufsize, "recvfrom");
  const { family } = handle.endpoint;
  const { data, address } = await receiveMessage(handle, bufsize, flags);
  return [data, formatAddress(family, address)];
}

/** See `Socket.recvfrom_into()`. */
export async function recvfromInto(
  handle: Handle,
  buffer: BufferSource,
  nbytes: number,
  flags: number,
): Promise<[count: number, address: Address | null]> {
  const target = front(
    buffer,
    nbytes,
    "recvfrom_into",
    "nbytes is greater than the length of the buffer",
  );
  const [count, , , address] = await scatter(handle, [target], 0, flags);
  return [count, address];
}

/** See `Socket.recvmsg()`. */
export async function recvmsg(
  handle: Handle,
  bufsize: number,
  ancbufsize: number,
  flags: number,
): Promise<[data: Bytes, ...MessageRest]> {
  checkControlSize(ancbufsize, "recvmsg");
  checkSize(bufsize, "recvmsg");
  const { family } = handle.endpoint;
  const message = await receiveMessage(handle, bufsize, flags, ancbufsize);
  return [message.data, ...rest(family, message)];
}

/** See `Socket.recvmsg_into()`. */
export async function recvmsgInto(
  handle: Handle,
  buffers: Iterable<BufferSource>,
  ancbufsize: number,
  flags: number,
): Promise<[count: number, ...MessageRest]> {
  checkControlSize(ancbufsize, "recvmsg_into");
  const targets = [...buffers].map((buffer) => view(buffer));
  return await scatter(handle, targets, ancbufsize, flags);
}

function checkControlSize(ancbufsize: number, caller: string): void {
  if (int(ancbufsize, "ancbufsize") < 0) {
    throw new RangeError(`negative ancillary data buffer size in ${caller}`);
  }
}

/** Receives a message into buffers, one after the other. */
async function scatter(
  handle: Handle,
  targets: readonly Bytes[],
  controlSize: number,
  flags: number,
): Promise<[count: number, ...MessageRest]> {
  const lengths = targets.map(({ length }) => length);
  const size = lengths.reduce((sum, length) => sum + length, 0);
  const { endpoint } = handle;
  const attempt = () => {
    // Detached memory must show before a message is taken for it.
    targets.forEach((target, index) => intact(target, lengths[index]!));
    const message = endpoint.receiveMessage(size, flags, controlSize);
    let at = 0;
    for (const target of message ? targets : []) {
      target.set(message!.data.subarray(at, at += target.length));
    }
    return message;
  };
  const mode = handle.mode(flags);
  const message = await perform(endpoint, mode, POLLIN, attempt);
  return [message.data.length, ...rest(endpoint.family, message)];
}

/** Receives a message. */
export function receiveMessage(
  handle: Handle,
  size: number,
  flags: number,
  controlSize = 0,
): Promise<Message> {
  const { endpoint } = handle;
  return perform(
    endpoint,
    handle.mode(flags),
    POLLIN,
    () => endpoint.receiveMessage(size, flags, controlSize),
  );
}

function rest(
  family: number,
  { ancillary = [], flags, address }: Message,
): MessageRest {
  const control: Ancillary<Bytes>[] = ancillary.map((each) => [...each]);
  return [control, flags, formatAddress(family, address)];
}
