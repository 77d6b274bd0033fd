/**
 * A pair of connected streams within this thread, for `socketpair()`.
 *
 * @module
 */

import { turn } from "../../reactor/turn.ts";
import type { Stream } from "./stream.ts";

/** How many bytes one way holds: about as many as on Linux. */
const CAPACITY = 208 * 1024;

/**
 * After so many reads the event loop turns. Promises alone never let it, so two
 * who only talk to each other would stop the world.
 */
const STREAK = 32;

let streak = 0;

const NAMELESS: Deno.UnixAddr = { transport: "unix", path: "" };

/** One way: bytes that were written and not read yet. */
class Way {
  #chunks: Uint8Array[] = [];
  #length = 0;
  /** The writer will write no more. */
  ended = false;
  /** The reader will read no more. */
  abandoned = false;
  #waiting: (() => void)[] = [];

  async read(buffer: Uint8Array): Promise<number | null> {
    if (++streak === STREAK) {
      streak = 0;
      await turn();
    }
    while (this.#length === 0) {
      if (this.abandoned) throw new Deno.errors.BadResource();
      if (this.ended) return null;
      await this.#change();
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

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets those who wait look again. */
  changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** One end of the pair. */
class End implements Stream {
  readonly localAddr = NAMELESS;
  readonly remoteAddr = NAMELESS;
  readonly #in: Way;
  readonly #out: Way;
  #closed = false;

  constructor(incoming: Way, outgoing: Way) {
    this.#in = incoming;
    this.#out = outgoing;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#in.read(buffer);
  }

  async write(data: Uint8Array): Promise<number> {
    try {
      return await this.#out.write(data);
    } catch (error) {
      // Who closed it can't complain that nobody listens.
      if (this.#closed) throw new Deno.errors.BadResource();
      throw error;
    }
  }

  closeWrite(): Promise<void> {
    this.#out.ended = true;
    this.#out.changed();
    return Promise.resolve();
  }

  close(): void {
    if (this.#closed) throw new Deno.errors.BadResource();
    this.#closed = true;
    this.#out.ended = this.#in.abandoned = true;
    this.#out.changed();
    this.#in.changed();
  }
}

/** Makes the pair. */
export function pipe(): [Stream, Stream] {
  const there = new Way();
  const back = new Way();
  return [new End(there, back), new End(back, there)];
}
