/**
 * How a socket leaves for another thread: by its descriptor, with the bytes that
 * were put back.
 *
 * @module
 */

import { forgetDescriptor } from "../../descriptors.ts";
import type { Departure } from "../transport.ts";
import type { Front } from "./front.ts";
import { give, marks, self } from "./owners.ts";
import type { PolledSocket } from "./polled.ts";

/** The kind of {@linkcode Departure} of native sockets. */
export const NATIVE = "native";

/** A socket on its way to another thread. */
export type Sent = [
  fd: number,
  /** The thread that it comes from. */
  from: number,
  family: number,
  type: number,
  proto: number,
  unread: Uint8Array<ArrayBuffer> | null,
];

/** Prepares to hand a socket over; `null` if it has to be lent. */
export function depart(
  socket: PolledSocket,
  fd: number,
  front: Front,
  peer: number | null,
): Departure | null {
  if (peer === null || fd >= marks.length) return null;
  const { family, type, proto } = socket;
  const unread = front.length > 0 ? front.look(front.length) : null;
  // Another descriptor of the same socket may leave in the same message.
  if (unread) front.skip(unread.length);
  const message: Sent = [fd, self, family, type, proto, unread];
  const send = () => {
    front.leave(socket);
    forgetDescriptor(fd);
    socket.end();
  };
  // The other thread may have it, and close it, before this call ends.
  if (self === 0) give(fd, peer);
  // Behind a copy of the descriptor, a registration would outlive that.
  socket.unregister();
  const cancel = () => {
    if (self === 0) give(fd, 0);
    socket.register();
    if (unread) front.unshift(unread);
  };
  return { kind: NATIVE, message, send, cancel };
}
