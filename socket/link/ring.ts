/**
 * Records in shared memory, from one thread that writes to one that reads.
 *
 * @module
 */

import { Op } from "./records.ts";

/** How many bytes wait at most; a power of two. */
const SIZE = 1024 * 1024;
/** What a record takes beside its payload, in bytes. */
const HEAD = 16;
/** What the positions take, in bytes: a cache line each. */
const CONTROL = 192;

// The words of the control part. Positions count bytes and never go back: they
// run through all 32 bits, of which the lowest 20 are a place in the ring.
const READ = 0;
const WRITTEN = 16;
const WAITING = 32;

/** What one ring takes, in bytes. */
export const RING_BYTES: number = CONTROL + SIZE;

/**
 * The longest payload of one record. Longer ones would have to wait for much
 * of the ring to be empty, or for ever.
 */
export const LONGEST_PAYLOAD: number = 64 * 1024;

/** The lowest bits of the first word are the type, the others the length. */
const TYPE_BITS = 8;
const TYPE = (1 << TYPE_BITS) - 1;

const NONE = new Uint8Array(0);

/** A record: its type, the number of what it is about, two integers. */
export type Head = [op: Op, id: number, a: number, b: number];

/** Gets a record. The payload is only there during the call. */
export type Receive = (
  ...record: [...head: Head, payload: Uint8Array]
) => void;

/** One way between two threads. */
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

  /** Has the reader say when there is room again. */
  waitForRoom(): void {
    Atomics.store(this.#control, WAITING, 1);
  }

  /** Blocks this thread until the reader has made progress, or a moment. */
  blockForRoom(): void {
    Atomics.wait(
      this.#control,
      READ,
      Atomics.load(this.#control, READ),
      1,
    );
  }

  // The reader's side

  /** Nothing waits to be read. */
  get empty(): boolean {
    return Atomics.load(this.#control, READ) ===
      Atomics.load(this.#control, WRITTEN);
  }

  /**
   * Reads what waits, until `receive` asks to stop. What comes meanwhile is
   * left for the next time, so that this comes to an end.
   *
   * @returns Whether the writer waits to hear that there is room.
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
      // The writer gets the room early, not at the end of a long round.
      Atomics.store(control, READ, read);
    }
    Atomics.store(control, READ, read);
    return Atomics.exchange(control, WAITING, 0) === 1;
  }
}
