/**
 * Files that Deno has opened, and `sendfile(2)`.
 *
 * Deno doesn't tell the descriptor of a file. But the file and its descriptor
 * have one position in common: what follows the file when that is moved, is it.
 *
 * @module
 */

import { close, duplicate } from "./descriptor.ts";
import { libc } from "./libc.ts";

const O_RDONLY = 0;
const O_CLOEXEC = 0x80000;
/** Tells how many descriptors the process has room for, in its first lines. */
const STATUS = new TextEncoder().encode("/proc/self/status\0");
/** More than those lines have, in bytes. */
const STATUS_SIZE = 1024;
/** Positions that no file is likely to be at by itself, in bytes. */
const FAR = 2 ** 28;

/** Where the descriptors of files were found: the first place to look at. */
const found = new WeakMap<Deno.FsFile, number>();
const position = new Uint8Array(8);
const view = new DataView(position.buffer);

/**
 * A descriptor of this thread's own for the open file; `null` if it can't be
 * found, or the file has no position.
 */
export function descriptorOf(file: Deno.FsFile): number | null {
  try {
    const before = file.seekSync(0, Deno.SeekMode.Current);
    try {
      return find(file);
    } finally {
      file.seekSync(before, Deno.SeekMode.Start);
    }
  } catch (error) {
    const known = found.get(file);
    // While another call uses the file, it is open, and its descriptor the same.
    if (known !== undefined && error instanceof Deno.errors.Busy) {
      return duplicate(known);
    }
    // It is closed or in use: reading it will tell.
    return null;
  }
}

function find(file: Deno.FsFile): number | null {
  const known = found.get(file);
  const copy = known === undefined ? null : copyIf(file, known);
  if (copy !== null) return copy;
  const place = move(file);
  const count = descriptorCount();
  for (let fd = 0; fd < count; fd++) {
    if (tell(fd) !== place) continue;
    const copy = copyIf(file, fd);
    if (copy === null) continue;
    found.set(file, fd);
    return copy;
  }
  return null;
}

/** A copy of a descriptor, if that is the file's. */
function copyIf(file: Deno.FsFile, fd: number): number | null {
  if (tell(fd) < 0) return null;
  const copy = duplicate(fd);
  // Only the copy is sure to stay what it is.
  if (move(file) === tell(copy) && move(file) === tell(copy)) return copy;
  close(copy);
  return null;
}

/** Moves a file to where no other is. */
function move(file: Deno.FsFile): number {
  const place = FAR + Math.floor(Math.random() * FAR);
  file.seekSync(place, Deno.SeekMode.Start);
  return place;
}

/** The position of a descriptor, or the lower half of it; -1 without one. */
function tell(fd: number): number {
  return libc.lseek(fd, 0n, Deno.SeekMode.Current);
}

/** All descriptors of the process are below that. */
function descriptorCount(): number {
  const fd = libc.open(STATUS, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const bytes = new Uint8Array(STATUS_SIZE);
  const length = libc.read(fd, bytes, bytes.length);
  libc.close(fd);
  const text = new TextDecoder().decode(bytes.subarray(0, Math.max(0, length)));
  return Number(/^FDSize:\s*(\d+)$/m.exec(text)?.[1] ?? 0);
}

/** Sends a part of a file; the result of the call. */
export function sendFile(
  socket: number,
  file: number,
  offset: number,
  count: number,
): number {
  view.setUint32(0, offset % 2 ** 32, true);
  view.setUint32(4, Math.floor(offset / 2 ** 32), true);
  return libc.sendfile(socket, file, position, count);
}
