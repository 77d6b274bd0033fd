/**
 * Memory of the C library's, for what it reads and writes on another thread.
 *
 * Memory of JavaScript's would be freed with the isolate, which a worker's end
 * takes away in the middle of such a call.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { OSError } from "../../errors.ts";
import { POINTER } from "./layout.ts";
import { libc } from "./libc.ts";

/** A piece of memory, which is freed at the end of its scope. */
export class Memory implements Disposable {
  readonly address: bigint;

  /** One of so many bytes, all 0. */
  constructor(size: number) {
    this.address = libc.allocate(size);
    if (this.address === 0n) throw new OSError(errno.ENOMEM);
    this.write(0, new Uint8Array(size));
  }

  /** The address of a byte in it. */
  at(offset: number): bigint {
    return this.address + BigInt(offset);
  }

  write(offset: number, bytes: Uint8Array<ArrayBuffer>): void {
    libc.store(this.at(offset), bytes, bytes.length);
  }

  [Symbol.dispose](): void {
    libc.free(this.address);
  }
}

/** A view of a copy of what is at an address. */
export function viewAt(address: bigint, length: number): DataView {
  return new DataView(bytesAt(address, length).buffer);
}

/** A copy of the bytes at an address. */
export function bytesAt(
  address: bigint,
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  libc.copy(bytes, address, length);
  return bytes;
}

/** The pointer at an address. */
export function pointerAt(address: bigint): bigint {
  return viewAt(address, POINTER).getBigUint64(0, true);
}

/** The pointers at an address, up to the null pointer behind them. */
export function pointersAt(address: bigint): bigint[] {
  const pointers: bigint[] = [];
  for (;; address += BigInt(POINTER)) {
    const pointer = pointerAt(address);
    if (pointer === 0n) return pointers;
    pointers.push(pointer);
  }
}

const decoder = new TextDecoder();

/** The bytes at an address, up to the NUL behind them. */
export function stringAt(address: bigint): Uint8Array<ArrayBuffer> {
  return bytesAt(address, libc.strlen(address));
}

/** The same as text; `""` for a null pointer. */
export function textAt(address: bigint): string {
  return address === 0n ? "" : decoder.decode(stringAt(address));
}

/** A text with a byte a character, and the NUL behind it. */
export function terminated(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(`${text}\0`, (character) => character.charCodeAt(0));
}
