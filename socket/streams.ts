/**
 * Sockets as Web streams.
 *
 * @module
 */

import { SHUT_RD, SHUT_WR, SOCK_STREAM } from "./constants.ts";
import { OSError } from "./errors.ts";
import type { Handle } from "./handle.ts";
import { receiveMessage, recvInto } from "./receive.ts";
import { sendAll } from "./send.ts";

const CHUNK = 64 * 1024;

/** See `Socket.readable`. */
export function readableStream(
  handle: Handle,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: CHUNK,
    async pull(controller) {
      const request = (controller as ReadableByteStreamController).byobRequest!;
      const count = await receive(
        handle,
        request.view as Uint8Array<ArrayBuffer>,
      );
      if (count === 0) controller.close();
      request.respond(count);
    },
    cancel: () => shutdown(handle, SHUT_RD),
  });
}

/** How many bytes came; 0 at the end. An empty record is not the end. */
async function receive(
  handle: Handle,
  buffer: Uint8Array<ArrayBuffer>,
): Promise<number> {
  if (handle.endpoint.type === SOCK_STREAM) {
    return await recvInto(handle, buffer, 0, 0);
  }
  for (;;) {
    const { data, end } = await receiveMessage(
      handle,
      [buffer],
      0,
      "recv_into",
    );
    if (data.length > 0 || end) return data.length;
  }
}

/** See `Socket.writable`. */
export function writableStream(
  handle: Handle,
): WritableStream<string | BufferSource> {
  return new WritableStream({
    write: (chunk) => sendAll(handle, chunk, 0),
    close: () => shutdown(handle, SHUT_WR),
    abort: () => handle.close(),
  });
}

/** Closes a direction that may be closed, or gone, already. */
function shutdown({ endpoint }: Handle, how: number): void {
  try {
    endpoint.shutdown(how);
  } catch (error) {
    if (!(error instanceof OSError)) throw error;
  }
}
