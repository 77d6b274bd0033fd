/**
 * Bytes for the tests to send, and how to take them in.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { BlockingIOError, type Socket, TimeoutError } from "../socket/mod.ts";

/** Bytes as text. */
export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Bytes that differ from those around them: the period is a prime. */
export function pattern(length: number, start = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < 251; i++) bytes[i] = (start + i) % 251;
  for (let done = 251; done < length; done *= 2) {
    bytes.copyWithin(done, 0, Math.min(done, length - done));
  }
  return bytes;
}

/** Asserts that `count` bytes of {@linkcode pattern} come, from `start` on. */
export async function receivePattern(
  socket: Socket,
  count: number,
  start = 0,
): Promise<void> {
  const buffer = new Uint8Array(256 * 1024);
  // Any 251 bytes in a row are those of the pattern at some start.
  const expected = pattern(buffer.length + 251);
  for (let received = 0; received < count;) {
    const length = await socket.recv_into(
      buffer,
      Math.min(buffer.length, count - received),
    );
    if (length === 0) throw new Error(`The end came after ${received} bytes`);
    const from = (start + received) % 251;
    const same = indexOfDifference(
      buffer.subarray(0, length),
      expected.subarray(from, from + length),
    );
    assertEquals(same, -1, `a wrong byte after ${received} bytes`);
    received += length;
  }
}

/** Takes everything in until the end of the stream. */
export async function receiveAll(socket: Socket): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const part = await socket.recv(64 * 1024);
    if (part.length === 0) {
      return new Uint8Array(await new Blob(parts).arrayBuffer());
    }
    parts.push(part);
  }
}

/** After that many milliseconds without room a connection counts as full. */
const IDLE = 40;

/**
 * Sends {@linkcode pattern} until the way is full, as the mode of the socket
 * says it, or `most` bytes are on their way; how many those are.
 */
export async function fill(
  socket: Socket,
  most = 64 * 1024 * 1024,
): Promise<number> {
  const bytes = pattern(64 * 1024 + 251);
  let sent = 0;
  // Data on its way through another thread makes room when it arrives.
  for (let idle = 0; sent < most && idle < IDLE;) {
    const from = sent % 251;
    try {
      sent += await socket.send(bytes.subarray(from, from + 64 * 1024));
      idle = 0;
    } catch (error) {
      if (error instanceof TimeoutError) break;
      if (!(error instanceof BlockingIOError)) throw error;
      idle++;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
  return sent;
}

function indexOfDifference(a: Uint8Array, b: Uint8Array): number {
  if (Buffer.compare(a, b) === 0) return -1;
  return a.length === b.length ? a.findIndex((byte, i) => byte !== b[i]) : 0;
}
