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
import { perform } from "./reactor/wait.ts";
import { traced } from "./stack.ts";
import { POLLERR, POLLNVAL, POLLOUT } from "./reactor/events.ts";
import type { Endpoint, SocketAddress } from "./transport/transport.ts";

/** See `Socket.connect()`. */
export async function connect(handle: Handle, to: AddressLike): Promise<void> {
  const { endpoint, timeout } = handle;
  const { family, type } = endpoint;
  const { address, name } = await resolveAddress(family, type, to, "connect");
  // An earlier attempt may have ended meanwhile.
  if (timeout === 0) await endpoint.settle?.(POLLOUT);
  if (started(endpoint, address, name)) return;
  if (timeout === 0) throw new OSError(errno.EINPROGRESS);
  await perform(endpoint, timeout, POLLOUT, () => {
    const { readiness } = endpoint;
    if (readiness & POLLNVAL) throw new OSError(errno.EBADF);
    return readiness & POLLOUT ? true : undefined;
  });
  if (!(endpoint.readiness & POLLERR)) return;
  try {
    // A second call raises the error, and resets the socket.
    started(endpoint, address, name);
  } catch (error) {
    // The connection was made; recv() raises the error, which came later.
    if ((error as OSError).errno !== errno.EISCONN) throw error;
  }
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
