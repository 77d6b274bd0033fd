/**
 * Records with addresses and control messages: `recvmsg(2)`, `sendmsg(2)`.
 *
 * @module
 */

import { MSG_CMSG_CLOEXEC } from "../../constants.ts";
import type { ControlMessage, Message } from "../transport.ts";
import { aligned, CMSGHDR_SIZE, MSGHDR_SIZE } from "./layout.ts";
import { addressOf, libc } from "./libc.ts";
import { AddressBuffer } from "./sockaddr.ts";

/** The memory that is kept for records, in bytes. */
const KEPT = 64 * 1024;

/** One `struct msghdr` with one buffer; the kernel finds all by address. */
class Header {
  readonly bytes: Uint8Array<ArrayBuffer> = new Uint8Array(MSGHDR_SIZE + 16);
  readonly #view: DataView = new DataView(this.bytes.buffer);

  constructor() {
    // struct iovec stands behind struct msghdr.
    this.#point(16, this.bytes.subarray(MSGHDR_SIZE));
    this.#view.setUint32(24, 1, true);
  }

  #point(at: number, target: Uint8Array<ArrayBuffer> | null): void {
    const pointer = target && target.length > 0 ? addressOf(target) : 0n;
    this.#view.setBigUint64(at, pointer, true);
  }

  setName(name: Uint8Array<ArrayBuffer> | null): void {
    this.#point(0, name);
    this.nameLength = name?.length ?? 0;
  }

  set nameLength(length: number) {
    this.#view.setUint32(8, length, true);
  }

  get nameLength(): number {
    return this.#view.getUint32(8, true);
  }

  setData(data: Uint8Array<ArrayBuffer>): void {
    this.#point(MSGHDR_SIZE, data);
    this.dataLength = data.length;
  }

  set dataLength(length: number) {
    this.#view.setUint32(MSGHDR_SIZE + 8, length, true);
  }

  setControl(control: Uint8Array<ArrayBuffer> | null): void {
    this.#point(32, control);
    this.controlLength = control?.length ?? 0;
  }

  set controlLength(length: number) {
    this.#view.setUint32(40, length, true);
  }

  get controlLength(): number {
    return this.#view.getUint32(40, true);
  }

  get flags(): number {
    return this.#view.getInt32(48, true);
  }
}

const sender = new AddressBuffer();
const kept = new Uint8Array(KEPT);
const incoming = new Header();
incoming.setName(sender.bytes);

/** Receives a record; `null` if the call failed. */
export function receiveRecord(
  fd: number,
  count: number,
  flags: number,
  controlSize: number,
): Message | null {
  const buffer = count <= KEPT ? kept : new Uint8Array(count);
  incoming.setData(buffer);
  incoming.dataLength = count;
  incoming.nameLength = sender.reset().length[0]!;
  const control = controlSize > 0 ? new Uint8Array(controlSize) : null;
  incoming.setControl(control);
  const length = libc.recvmsg(fd, incoming.bytes, flags);
  if (length < 0) return null;
  sender.length[0] = incoming.nameLength;
  return {
    data: buffer.slice(0, Math.min(length, count)),
    address: sender.address,
    flags: incoming.flags & ~MSG_CMSG_CLOEXEC,
    ...(control &&
      { ancillary: parseControl(control.subarray(0, incoming.controlLength)) }),
  };
}

/** Sends a record with control messages; the result of the call. */
export function sendRecord(
  fd: number,
  data: Uint8Array<ArrayBuffer>,
  flags: number,
  to: Uint8Array<ArrayBuffer>,
  ancillary: readonly ControlMessage[],
): number {
  const header = new Header();
  const control = formatControl(ancillary);
  header.setName(to.length > 0 ? to : null);
  header.setData(data);
  header.setControl(control);
  return libc.sendmsg(fd, header.bytes, flags);
}

function parseControl(control: Uint8Array<ArrayBuffer>): ControlMessage[] {
  const messages: ControlMessage[] = [];
  const view = new DataView(control.buffer);
  for (let at = 0; at + CMSGHDR_SIZE <= control.length;) {
    const length = view.getUint32(at, true);
    if (length < CMSGHDR_SIZE) break;
    messages.push([
      view.getInt32(at + 8, true),
      view.getInt32(at + 12, true),
      control.slice(at + CMSGHDR_SIZE, at + length),
    ]);
    at += aligned(length);
  }
  return messages;
}

function formatControl(
  ancillary: readonly ControlMessage[],
): Uint8Array<ArrayBuffer> {
  const size = ancillary.reduce(
    (sum, [, , data]) => sum + aligned(CMSGHDR_SIZE + data.length),
    0,
  );
  // More than 64 bytes, which V8 doesn't move.
  const control = new Uint8Array(new ArrayBuffer(Math.max(size, 128)), 0, size);
  const view = new DataView(control.buffer);
  let at = 0;
  for (const [level, type, data] of ancillary) {
    view.setUint32(at, CMSGHDR_SIZE + data.length, true);
    view.setInt32(at + 8, level, true);
    view.setInt32(at + 12, type, true);
    control.set(data, at + CMSGHDR_SIZE);
    at += aligned(CMSGHDR_SIZE + data.length);
  }
  return control;
}
