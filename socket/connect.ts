/**
 * Connecting.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { OSError } from "./errors.ts";
import type { Handle } from "./handle.ts";
import type { AddressLike } from "./names/address.ts";
import { resolveAddress } from "./names/families.ts";
import { perform, timedOut, waitFor } from "./reactor/wait.ts";
import { traced } from "./stack.ts";
import { POLLNVAL, POLLOUT } from "./reactor/events.ts";
import type { Endpoint, SocketAddress } from "./transport/transport.ts";

/** Milliseconds between two looks at a backlog that is full, at first. */
const PAUSE = 1;
/** The same after many of them. */
const LONGEST_PAUSE = 32;

/** See `Socket.connect()`. */
export async function connect(handle: Handle, to: AddressLike): Promise<void> {
  const { endpoint, timeout } = handle;
  const { family, type, proto } = endpoint;
  const { address, name } = await resolveAddress(
    family,
    type,
    to,
    "connect",
    proto,
  );
  // An earlier attempt may have ended meanwhile.
  if (timeout === 0) await endpoint.settle?.(POLLOUT);
  const start = () => started(endpoint, address, name);
  if (timeout === 0) {
    if (start()) return;
    throw new OSError(errno.EINPROGRESS);
  }
  const deadline = timeout === null
    ? Infinity
    : performance.now() + timeout * 1000;
  if (await startedBy(deadline, endpoint, start)) return;
  // At least a moment: 0 is for calls that don't wait.
  const left = timeout &&
    Math.max(0.001, (deadline - performance.now()) / 1000);
  await perform(endpoint, left, POLLOUT, () => {
    const { readiness } = endpoint;
    if (readiness & POLLNVAL) throw new OSError(errno.EBADF);
    return readiness & POLLOUT ? true : undefined;
  });
  try {
    // A second call tells how it ended; after an error it resets the socket.
    start();
  } catch (error) {
    // The connection was made; recv() raises the error, which came later.
    if ((error as OSError).errno !== errno.EISCONN) throw error;
  }
}

/**
 * Starts to connect, when an `AF_UNIX` listener has room in its backlog: no
 * event tells of that.
 */
async function startedBy(
  deadline: number,
  endpoint: Endpoint,
  start: () => boolean,
): Promise<boolean> {
  const attempt = () => {
    try {
      return start();
    } catch (error) {
      if ((error as OSError).errno === errno.EAGAIN) return undefined;
      throw error;
    }
  };
  let result = attempt();
  for (
    let pause = PAUSE;
    result === undefined;
    pause = Math.min(2 * pause, LONGEST_PAUSE)
  ) {
    const left = deadline - performance.now();
    if (left <= 0) timedOut();
    const time = Math.min(pause, left);
    result = await waitFor(endpoint, 0, time, attempt, () => undefined);
  }
  return result;
}

/** Starts to connect. An error that it throws may be that of an earlier call. */
function started(
  endpoint: Endpoint,
  address: SocketAddress,
  name?: string,
): boolean {
  try {
    return endpoint.connect(address, name);
  } catch (error) {
    throw traced(error);
  }
}
