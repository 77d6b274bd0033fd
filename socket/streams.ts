/**
 * Sockets as Web streams.
 *
 * @module
 */

import { SHUT_RD, SHUT_WR } from "./constants.ts";
import { OSError } from "./errors.ts";
import type { Socket } from "./socket.ts";

const CHUNK = 64 * 1024;

/** What a socket receives. */
export function readableStream(
  socket: Socket,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: CHUNK,
    async pull(controller) {
      const request = (controller as ReadableByteStreamController).byobRequest!;
      const count = await socket.recv_into(
        request.view as Uint8Array<ArrayBuffer>,
      );
      if (count === 0) controller.close();
      request.respond(count);
    },
    cancel: () => shutdown(socket, SHUT_RD),
  });
}

/** What a socket sends. */
export function writableStream(
  socket: Socket,
): WritableStream<string | BufferSource> {
  return new WritableStream({
    write: (chunk) => socket.sendall(chunk),
    close: () => shutdown(socket, SHUT_WR),
    abort: () => socket.close(),
  });
}

/** Closes a way that may be closed, or gone, already. */
function shutdown(socket: Socket, how: number): void {
  try {
    socket.shutdown(how);
  } catch (error) {
    if (!(error instanceof OSError)) throw error;
  }
}
