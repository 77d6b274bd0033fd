/**
 * A pair of connected streams within this thread, for `socketpair()`.
 *
 * @module
 */

import { hold, release } from "../../reactor/alive.ts";
import { turn } from "../../reactor/turn.ts";
import type { Stream } from "./domain.ts";

/** How many bytes one direction holds: about as many as on Linux. */
const CAPACITY = 208 * 1024;

/**
 * After so many reads the event loop turns: promises alone never let it. The
 * budget of `select()` won't do, as a wait for a pipe resets it without a turn.
 */
const BUDGET = 32;

let reads = 0;

const NAMELESS: Deno.UnixAddr = { transport: "unix", path: "" };

/** One direction: bytes that were written and not read yet. */
class Direction {
  #chunks: Uint8Array[] = [];
  #length = 0;
  #waiting: (() => void)[] = [];
  #reading = false;
  #referenced = true;
  #held = false;
  /** The writing end is closed. */
  ended = false;
  /** The reading end is closed. */
  abandoned = false;

  async read(buffer: Uint8Array): Promise<number | null> {
    if (++reads === BUDGET) {
      reads = 0;
      await turn();
    }
    while (this.#length === 0) {
      if (this.abandoned) throw new Deno.errors.BadResource();
      if (this.ended) return null;
      this.#reading = true;
      this.#keepAlive();
      await this.#change();
      this.#reading = false;
      this.#keepAlive();
    }
    let count = 0;
    while (count < buffer.length) {
      const chunk = this.#chunks[0];
      if (!chunk) break;
      const part = chunk.subarray(0, buffer.length - count);
      buffer.set(part, count);
      count += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#length -= count;
    this.changed();
    return count;
  }

  async write(data: Uint8Array): Promise<number> {
    while (this.#length >= CAPACITY && !this.abandoned && !this.ended) {
      await this.#change();
    }
    if (this.abandoned || this.ended) throw new Deno.errors.BrokenPipe();
    const count = Math.min(data.length, CAPACITY - this.#length);
    this.#chunks.push(data.slice(0, count));
    this.#length += count;
    this.changed();
    return count;
  }

  /** A read that waits keeps the process alive, as with a stream of Deno. */
  set referenced(referenced: boolean) {
    this.#referenced = referenced;
    this.#keepAlive();
  }

  #keepAlive(): void {
    const needed = this.#reading && this.#referenced;
    if (needed === this.#held) return;
    this.#held = needed;
    if (needed) hold();
    else release();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Makes pending reads and writes check again. */
  changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** One end of the pair. */
class End implements Stream {
  readonly localAddr = NAMELESS;
  readonly remoteAddr = NAMELESS;
  readonly #incoming: Direction;
  readonly #outgoing: Direction;
  #closed = false;

  constructor(incoming: Direction, outgoing: Direction) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#incoming.read(buffer);
  }

  async write(data: Uint8Array): Promise<number> {
    try {
      return await this.#outgoing.write(data);
    } catch (error) {
      // A write that this end's own close() ended met no broken pipe.
      if (this.#closed) throw new Deno.errors.BadResource();
      throw error;
    }
  }

  ref(): void {
    this.#incoming.referenced = true;
  }

  unref(): void {
    this.#incoming.referenced = false;
  }

  closeWrite(): Promise<void> {
    this.#outgoing.ended = true;
    this.#outgoing.changed();
    return Promise.resolve();
  }

  close(): void {
    if (this.#closed) throw new Deno.errors.BadResource();
    this.#closed = true;
    this.#outgoing.ended = this.#incoming.abandoned = true;
    this.#outgoing.changed();
    this.#incoming.changed();
  }
}

/** Makes the pair. */
export function pipe(): [Stream, Stream] {
  const there = new Direction();
  const back = new Direction();
  return [new End(there, back), new End(back, there)];
}
