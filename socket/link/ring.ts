/**
 * Records in shared memory, from one thread that writes to one that reads.
 *
 * @module
 */

import { Op } from "./records.ts";

/** The capacity in bytes; a power of two. */
const SIZE = 1024 * 1024;
/** The size of a record without its payload, in bytes. */
const HEAD = 16;
/** The size of the positions, in bytes: a cache line each. */
const CONTROL = 192;

// The words of the control part. Positions count bytes modulo 2³²; their lowest
// 20 bits are an offset in the ring.
const READ = 0;
const WRITTEN = 16;
const WAITING = 32;

export const RING_BYTES: number = CONTROL + SIZE;

/** The longest payload of one record: it must fit even if the ring is used. */
export const LONGEST_PAYLOAD: number = 64 * 1024;

/** The lowest bits of the first word are the type, the others the length. */
const TYPE_BITS = 8;
const TYPE = (1 << TYPE_BITS) - 1;

const NONE = new Uint8Array(0);

/** A record without its payload; see {@linkcode Op}. */
export type Head = [op: Op, id: number, a: number, b: number];

/** Receives a record. The payload is valid during the call only. */
export type Receive = (
  ...record: [...head: Head, payload: Uint8Array]
) => void;

/** The records that one thread sends another. */
export class Ring {
  readonly #control: Int32Array;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(memory: SharedArrayBuffer, offset: number) {
    this.#control = new Int32Array(memory, offset, CONTROL / 4);
    this.#words = new Int32Array(memory, offset + CONTROL, SIZE / 4);
    this.#bytes = new Uint8Array(memory, offset + CONTROL, SIZE);
  }

  // The writer's side

  /** Writes a record; `false` if there is no room for it. */
  write(
    op: Op,
    id: number,
    a: number,
    b: number,
    payload: Uint8Array = NONE,
  ): boolean {
    const control = this.#control;
    const size = HEAD + (payload.length + 15 & ~15);
    let written = Atomics.load(control, WRITTEN);
    const left = SIZE - (written & SIZE - 1);
    const needed = left < size ? left + size : size;
    const used = written - Atomics.load(control, READ) >>> 0;
    if (SIZE - used < needed) return false;
    if (left < size) {
      this.#words[(written & SIZE - 1) >>> 2] = Op.Filler;
      written = written + left | 0;
    }
    const at = (written & SIZE - 1) >>> 2;
    const words = this.#words;
    words[at] = op | payload.length << TYPE_BITS;
    words[at + 1] = id;
    words[at + 2] = a;
    words[at + 3] = b;
    if (payload.length > 0) this.#bytes.set(payload, at * 4 + HEAD);
    Atomics.store(control, WRITTEN, written + size | 0);
    return true;
  }

  /** Asks the reader to report that there is room again. */
  waitForRoom(): void {
    Atomics.store(this.#control, WAITING, 1);
  }

  /** Blocks this thread until the reader has made progress, or for 1 ms. */
  blockForRoom(): void {
    const read = Atomics.load(this.#control, READ);
    Atomics.wait(this.#control, READ, read, 1);
  }

  // The reader's side

  get empty(): boolean {
    return Atomics.load(this.#control, READ) ===
      Atomics.load(this.#control, WRITTEN);
  }

  /**
   * Reads the records that are there now, until `stopped()`. Later ones are
   * left for the next call, so that a fast writer can't keep it busy for ever.
   *
   * @returns Whether the writer has asked for a report of room.
   */
  read(receive: Receive, stopped: () => boolean): boolean {
    const control = this.#control;
    const words = this.#words;
    const end = Atomics.load(control, WRITTEN);
    let read = Atomics.load(control, READ);
    while (read !== end && !stopped()) {
      const place = read & SIZE - 1;
      const at = place >>> 2;
      const first = words[at]!;
      const op: Op = first & TYPE;
      if (op === Op.Filler) {
        read = read + SIZE - place | 0;
        continue;
      }
      const length = first >>> TYPE_BITS;
      const payload = length === 0
        ? NONE
        : this.#bytes.subarray(place + HEAD, place + HEAD + length);
      receive(op, words[at + 1]!, words[at + 2]!, words[at + 3]!, payload);
      read = read + HEAD + (length + 15 & ~15) | 0;
      // Stored for each record: the writer may use the room at once.
      Atomics.store(control, READ, read);
    }
    Atomics.store(control, READ, read);
    return Atomics.exchange(control, WAITING, 0) === 1;
  }
}
