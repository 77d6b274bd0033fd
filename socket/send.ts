/**
 * Sending bytes and messages.
 *
 * @module
 */

import { int } from "./arguments.ts";
import { bytes, concat, intact, view } from "./bytes.ts";
import { SOCK_STREAM } from "./constants.ts";
import { TimeoutError } from "./errors.ts";
import type { Handle } from "./handle.ts";
import type { AddressLike } from "./names/address.ts";
import { resolveAddress } from "./names/families.ts";
import { perform } from "./reactor/wait.ts";
import type { Ancillary } from "./receive.ts";
import { POLLOUT } from "./reactor/events.ts";
import { traced } from "./stack.ts";
import {
  type ControlMessage,
  type Endpoint,
  isConnectionless,
  type SocketAddress,
} from "./transport/transport.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const NONE: readonly ControlMessage[] = [];

/** See `Socket.send()`. */
export function send(
  handle: Handle,
  data: string | BufferSource,
  flags: number,
): Promise<number> {
  const whole = bytes(data);
  const { length } = whole;
  const written = write(handle, whole, flags);
  return written ? written.then(() => length) : transmit(handle, whole, flags);
}

/** See `Socket.sendall()`. */
export function sendAll(
  handle: Handle,
  data: string | BufferSource,
  flags: number,
): Promise<void> {
  const whole = bytes(data);
  return write(handle, whole, flags) ??
    transmit(handle, whole, flags, true).then(() => {});
}

/** Sends all of `data` by the short cut of the transport, if that is open. */
function write(
  handle: Handle,
  data: Bytes,
  flags: number,
): Promise<void> | undefined {
  return isPlain(handle, flags) ? writeTo(handle.endpoint, data) : undefined;
}

/** The short cut, which may be closed. */
function writeTo(endpoint: Endpoint, data: Bytes): Promise<void> | undefined {
  try {
    return endpoint.write?.(data);
  } catch (error) {
    throw traced(error, writeTo);
  }
}

/**
 * Whether a short cut of the transport may be taken. A datagram is sent at once
 * or fails, so the short cut also serves calls with a time-out, and reports the
 * outcome.
 */
function isPlain(handle: Handle, flags: number): boolean {
  const { timeout } = handle;
  if (flags !== 0 || timeout === null) return flags === 0;
  const { endpoint } = handle;
  if (!isConnectionless(endpoint)) return false;
  return timeout > 0 || (endpoint.readiness & POLLOUT) !== 0;
}

/**
 * Sends in the mode that the flags and the socket say; how many bytes. As in
 * Linux a blocking call sends the whole of a stream's bytes.
 *
 * An error of the first attempt is thrown, not rejected: callers promise.
 */
function transmit(
  handle: Handle,
  data: Bytes,
  flags: number,
  whole = false,
  address: SocketAddress | null = null,
  ancillary: readonly ControlMessage[] = NONE,
): Promise<number> {
  const { endpoint } = handle;
  const timeout = handle.mode(flags);
  if (timeout === null && endpoint.type === SOCK_STREAM) whole = true;
  let sent: number | undefined;
  try {
    sent = endpoint.sendMessage(data, flags, address, ancillary);
  } catch (error) {
    throw traced(error, transmit);
  }
  if (sent !== undefined && (!whole || sent === data.length)) {
    const flushing = endpoint.flush?.();
    const result = Promise.resolve(sent);
    return flushing ? flushing.then(() => result) : result;
  }
  const { length } = data;
  const part = (from: number) => {
    const rest = intact(data, length).subarray(from);
    // Ancillary data goes with the first part.
    const control = from === 0 ? ancillary : NONE;
    return endpoint.sendMessage(rest, flags, address, control);
  };
  const end = whole ? length : 0;
  return transmitRest(endpoint, timeout, part, sent ?? 0, end);
}

/**
 * Sends what the first attempt has left.
 *
 * @param part Sends the data from a place on; how many bytes.
 * @param end After so many bytes the call is over; 0 for any number.
 */
async function transmitRest(
  endpoint: Endpoint,
  timeout: number | null,
  part: (from: number) => number | undefined,
  sent: number,
  end: number,
): Promise<number> {
  const deadline = timeout && performance.now() + timeout * 1000;
  let over = false;
  // One wait for all parts: calls that wait at the same time keep their order.
  const attempt = () => {
    for (;;) {
      const count = part(sent);
      if (count === undefined) return undefined;
      sent += count;
      over = sent >= end;
      // Without waiting, the system takes each part before the next is queued.
      if (over || timeout === 0) return sent;
      // The time is up even if each part was sent at once.
      if (deadline && performance.now() >= deadline) {
        throw new TimeoutError("timed out");
      }
    }
  };
  // No other call's bytes may come in between, unless this one never waits.
  if (timeout === 0 && sent > 0) await endpoint.flush?.();
  do {
    await perform(endpoint, timeout, POLLOUT, attempt);
    await endpoint.flush?.();
  } while (!over);
  return sent;
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
  // It may wait for its turn, and must not change meanwhile.
  return [int(level, "cmsg_level"), int(type, "cmsg_type"), view(data).slice()];
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
  handle.mode(flags);
  const { family, type, proto } = endpoint;
  const to = address === null
    ? null
    : (await resolveAddress(family, type, address, caller, proto)).address;
  if (ancillary.length === 0 && isPlain(handle, flags)) {
    // Looking its address up may have taken a while.
    intact(data, length);
    const written = to === null
      ? writeTo(endpoint, data)
      : endpoint.writeMessage?.(data, to);
    if (written) return await written.then(() => length);
  }
  return await transmit(handle, data, flags, false, to, ancillary);
}
