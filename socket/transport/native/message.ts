/**
 * Records with addresses and control messages: `recvmsg(2)`, `sendmsg(2)`.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { SCM_RIGHTS, SOL_SOCKET } from "../../constants.ts";
import { CMSG_LEN, CMSG_SPACE } from "../../control.ts";
import { systemNumber } from "../../descriptors.ts";
import { OSError } from "../../errors.ts";
import type { ControlMessage, Message } from "../transport.ts";
import { arrived } from "./descriptor.ts";
import { MSGHDR_SIZE } from "./layout.ts";
import { addressOf, interrupted, libc, MOST } from "./libc.ts";
import { AddressBuffer } from "./sockaddr.ts";

/** The memory that is kept for records, in bytes. */
const KEPT = 64 * 1024;
/** `struct cmsghdr`, in bytes. */
const HEADER = CMSG_LEN(0);
/** The size of a C `int`, in bytes. */
const INT = Int32Array.BYTES_PER_ELEMENT;

/** One `struct msghdr` with one buffer; the kernel finds all by address. */
class Header {
  readonly bytes: Uint8Array<ArrayBuffer> = new Uint8Array(MSGHDR_SIZE + 16);
  readonly #view: DataView = new DataView(this.bytes.buffer);
  /** The memory that the kernel is given the addresses of. */
  readonly #targets: (Uint8Array<ArrayBuffer> | null)[] = [];

  constructor() {
    // struct iovec stands behind struct msghdr.
    this.#point(16, this.bytes.subarray(MSGHDR_SIZE));
    this.#view.setUint32(24, 1, true);
  }

  #point(at: number, target: Uint8Array<ArrayBuffer> | null): void {
    this.#targets.push(target);
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
    const size = Math.min(length, MOST);
    this.#view.setUint32(MSGHDR_SIZE + 8, size, true);
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

  /** Ends the use of the memory, which is kept from the garbage collector before. */
  release(): void {
    this.#targets.length = 0;
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
  count = Math.min(count, MOST);
  const buffer = count <= KEPT ? kept : new Uint8Array(count);
  incoming.release();
  incoming.setData(buffer);
  incoming.dataLength = count;
  incoming.nameLength = sender.reset().length[0]!;
  const control = controlSize > 0 ? new Uint8Array(controlSize) : null;
  incoming.setControl(control);
  let length;
  do {
    length = libc.recvmsg(fd, incoming.bytes, flags);
  } while (interrupted(length));
  // Nothing may come before the caller's look at errno.
  if (length < 0) return null;
  incoming.release();
  // First of all, so that no descriptor is without an owner for long.
  const ancillary = control &&
    parseControl(control.subarray(0, incoming.controlLength));
  sender.length[0] = incoming.nameLength;
  return {
    data: buffer.slice(0, Math.min(length, count)),
    address: sender.address,
    flags: incoming.flags,
    ...(length > count && { length }),
    ...(ancillary && { ancillary }),
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
  const result = libc.sendmsg(fd, header.bytes, flags);
  if (result >= 0) header.release();
  return result;
}

function parseControl(control: Uint8Array<ArrayBuffer>): ControlMessage[] {
  const messages: ControlMessage[] = [];
  const view = new DataView(control.buffer);
  for (let at = 0; at + HEADER <= control.length;) {
    const length = view.getUint32(at, true);
    if (length < HEADER) break;
    const level = view.getInt32(at + 8, true);
    const type = view.getInt32(at + 12, true);
    const data = control.slice(at + HEADER, at + length);
    if (level === SOL_SOCKET && type === SCM_RIGHTS) arrived(numbers(data));
    messages.push([level, type, data]);
    at += CMSG_SPACE(length - HEADER);
  }
  return messages;
}

/** The descriptors of a control message, in its own memory. */
function numbers(data: Uint8Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  return new Int32Array(data.buffer, 0, Math.floor(data.length / INT));
}

function formatControl(
  ancillary: readonly ControlMessage[],
): Uint8Array<ArrayBuffer> {
  const size = ancillary.reduce(
    (sum, [, , data]) => sum + CMSG_SPACE(data.length),
    0,
  );
  // More than 64 bytes, which V8 doesn't move.
  const control = new Uint8Array(new ArrayBuffer(Math.max(size, 128)), 0, size);
  const view = new DataView(control.buffer);
  let at = 0;
  for (const [level, type, data] of ancillary) {
    if (level === SOL_SOCKET && type === SCM_RIGHTS) checkRights(data);
    view.setUint32(at, CMSG_LEN(data.length), true);
    view.setInt32(at + 8, level, true);
    view.setInt32(at + 12, type, true);
    control.set(data, at + HEADER);
    at += CMSG_SPACE(data.length);
  }
  return control;
}

/** Refuses numbers that stand for sockets of another transport. */
function checkRights(data: Uint8Array<ArrayBuffer>): void {
  for (const fd of numbers(data.slice())) {
    if (systemNumber(fd) !== fd) throw new OSError(errno.EBADF);
  }
}
