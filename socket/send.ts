/**
 * Sending bytes and messages.
 *
 * @module
 */

import { int } from "./arguments.ts";
import { bytes, concat, intact, view } from "./bytes.ts";
import { TimeoutError } from "./errors.ts";
import type { Handle } from "./handle.ts";
import type { AddressLike } from "./names/address.ts";
import { resolveAddress } from "./names/families.ts";
import { perform } from "./reactor/wait.ts";
import type { Ancillary } from "./receive.ts";
import { POLLOUT } from "./reactor/events.ts";
import {
  type ControlMessage,
  type Endpoint,
  isConnectionless,
  type SocketAddress,
} from "./transport/transport.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** See `Socket.send()`. */
export function send(
  handle: Handle,
  data: string | BufferSource,
  flags: number,
): Promise<number> {
  const whole = bytes(data);
  const { length } = whole;
  const written = write(handle, whole, flags);
  if (written) return written.then(() => length);
  return sendFront(handle, whole, flags, handle.mode(flags));
}

/** See `Socket.sendall()`. */
export function sendAll(
  handle: Handle,
  data: string | BufferSource,
  flags: number,
): Promise<void> {
  const whole = bytes(data);
  return write(handle, whole, flags) ?? sendParts(handle, whole, flags);
}

/** Sends all of `data` by the short cut of the transport, if that is open. */
function write(
  handle: Handle,
  data: Bytes,
  flags: number,
): Promise<void> | undefined {
  return isPlain(handle, flags) ? handle.endpoint.write?.(data) : undefined;
}

/**
 * Whether a short cut of the transport may be taken. A datagram is gone at
 * once, or never: with a time-out, too, the call tells how it ended.
 */
function isPlain(handle: Handle, flags: number): boolean {
  const { timeout } = handle;
  if (flags !== 0 || timeout === null) return flags === 0;
  const { endpoint } = handle;
  if (!isConnectionless(endpoint)) return false;
  return timeout > 0 || (endpoint.readiness & POLLOUT) !== 0;
}

async function sendParts(
  handle: Handle,
  rest: Bytes,
  flags: number,
): Promise<void> {
  const timeout = handle.mode(flags);
  const deadline = timeout && performance.now() + timeout * 1000;
  let left = timeout;
  for (let size = rest.length;;) {
    const count = await sendFront(handle, intact(rest, size), flags, left);
    if (count === size) return;
    rest = intact(rest, size).subarray(count);
    size -= count;
    if (!deadline) continue;
    left = (deadline - performance.now()) / 1000;
    // The time is up even if each part was sent at once.
    if (left <= 0) throw new TimeoutError("timed out");
  }
}

function sendFront(
  { endpoint }: Handle,
  data: Bytes,
  flags: number,
  timeout: number | null,
): Promise<number> {
  const { length } = data;
  return transmit(
    endpoint,
    timeout,
    () => endpoint.send(intact(data, length), flags),
  );
}

/** Sends, and gives queued bytes a chance to leave: the program may end next. */
async function transmit(
  endpoint: Endpoint,
  timeout: number | null,
  attempt: () => number | undefined,
): Promise<number> {
  const count = await perform(endpoint, timeout, POLLOUT, attempt);
  const flushing = endpoint.flush?.();
  if (flushing) await flushing;
  return count;
}

/** See `Socket.sendto()`. */
export async function sendTo(
  handle: Handle,
  data: string | BufferSource,
  rest: [address: AddressLike] | [flags: number, address: AddressLike],
): Promise<number> {
  const count = rest.length as number;
  if (count !== 1 && count !== 2) {
    throw new TypeError(`sendto() takes 2 or 3 arguments (${count + 1} given)`);
  }
  const [flags, address] = rest.length === 1 ? [0, rest[0]] : rest;
  return await sendMessage(handle, bytes(data), [], flags, address, "sendto");
}

/** See `Socket.sendmsg()`. */
export async function sendmsg(
  handle: Handle,
  buffers: Iterable<string | BufferSource>,
  ancdata: Iterable<Ancillary>,
  flags: number,
  address: AddressLike | null,
): Promise<number> {
  if (typeof buffers === "string") {
    throw new TypeError("sendmsg(): the buffers must be in an array");
  }
  const ancillary = [...ancdata].map(controlMessage);
  const whole = concat([...buffers].map(bytes));
  return await sendMessage(handle, whole, ancillary, flags, address, "sendmsg");
}

function controlMessage(item: Ancillary): ControlMessage {
  if (!Array.isArray(item) || item.length !== 3) {
    throw new TypeError("sendmsg(): ancdata must be [level, type, data] items");
  }
  const [level, type, data] = item;
  return [int(level, "cmsg_level"), int(type, "cmsg_type"), view(data)];
}

async function sendMessage(
  handle: Handle,
  data: Bytes,
  ancillary: readonly ControlMessage[],
  flags: number,
  address: AddressLike | null,
  caller: string,
): Promise<number> {
  const { endpoint } = handle;
  const { length } = data;
  const timeout = handle.mode(flags);
  const { family, type } = endpoint;
  const to = address === null
    ? null
    : (await resolveAddress(family, type, address, caller)).address;
  if (ancillary.length === 0 && isPlain(handle, flags)) {
    // Looking its address up may have taken a while.
    intact(data, length);
    const written = to === null
      ? endpoint.write?.(data)
      : endpoint.writeMessage?.(data, to);
    if (written) return await written.then(() => length);
  }
  return await transmit(endpoint, timeout, () => {
    intact(data, length);
    return endpoint.sendMessage(data, flags, to, ancillary);
  });
}
