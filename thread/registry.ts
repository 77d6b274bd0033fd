/**
 * The threads that can be looked up, in memory that all threads share: those of
 * `threading`, and others that asked for an object of their own.
 *
 * @module
 */

import { alive } from "../socket/reactor/alive.ts";
import { rootIdent } from "./current.ts";
import { RuntimeError } from "./errors.ts";

// A row of the table, in bytes: the ident, words, the name.
const ROW = 256;
const IDENT = 0;
/** How many threads of this row have ended. */
const ENDS = 8;
const DAEMON = 12;
/** The system's number of the thread; 0 if it is unknown. */
const NATIVE = 16;
/** How many bytes the name has. */
const LENGTH = 20;
const NAME = 24;

/** How many rows there are at first, and at most. */
const FEW = 32;
const MOST = 65536;

/** The row of the counters, and that of the main thread. */
const COUNTERS = 0;
const MAIN = 1;

// The idents of rows without a thread.
const FREE = 0n;
/** The row is being filled. */
const CLAIMED = -1n;

// Some runtimes have no shared memory, and so no other threads.
const Memory = globalThis.SharedArrayBuffer ?? ArrayBuffer;

class Table {
  readonly memory: SharedArrayBuffer;
  // Without a length, the views grow with the memory.
  readonly #idents: BigInt64Array<SharedArrayBuffer>;
  readonly words: Int32Array<SharedArrayBuffer>;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#idents = new BigInt64Array(memory);
    this.words = new Int32Array(memory);
  }

  get length(): number {
    return this.memory.byteLength / ROW;
  }

  ident(row: number): bigint {
    return Atomics.load(this.#idents, (row * ROW + IDENT) / 8);
  }

  changeIdent(row: number, from: bigint, to: bigint): boolean {
    const index = (row * ROW + IDENT) / 8;
    return Atomics.compareExchange(this.#idents, index, from, to) === from;
  }

  name(row: number): Uint8Array<SharedArrayBuffer> {
    return new Uint8Array(this.memory, row * ROW + NAME, ROW - NAME);
  }

  /** Claims a free row; the memory grows if there is none. */
  claim(): number {
    for (let row = MAIN + 1;; row++) {
      if (row === MOST) throw new RuntimeError("can't start new thread");
      if (row >= this.length) this.#grow();
      if (this.changeIdent(row, FREE, CLAIMED)) return row;
    }
  }

  #grow(): void {
    const size = Math.min(this.length * 2, MOST) * ROW;
    try {
      this.memory.grow(size);
    } catch (error) {
      // Another thread may have been faster.
      if (this.memory.byteLength < size) throw error;
    }
  }
}

let table: Table | null = null;

/** The table; the main thread makes it when it is first needed. */
function theTable(): Table {
  if (table) return table;
  const memory = new Memory(FEW * ROW, { maxByteLength: MOST * ROW });
  table = new Table(memory as SharedArrayBuffer);
  const entry = new Entry(MAIN, rootIdent());
  entry.fill({ name: "MainThread", daemon: false });
  return table;
}

/** The memory of the table, for a new worker. */
export function registryMemory(): SharedArrayBuffer {
  return theTable().memory;
}

/** To be called in a worker, with the memory of the main thread. */
export function useRegistry(memory: SharedArrayBuffer): void {
  table = new Table(memory);
}

/** The next number for the name of a thread: 1, 2, 3, over all threads. */
export function nextNumber(kind: "Thread" | "Dummy"): number {
  const { words } = theTable();
  const index = (COUNTERS * ROW + (kind === "Thread" ? DAEMON : NATIVE)) / 4;
  return Atomics.add(words, index, 1) + 1;
}

/** What can be told of a thread. */
export interface Details {
  readonly name: string;
  readonly daemon: boolean;
}

/** The place of a thread in the table, which another one may have later. */
export class Entry {
  readonly row: number;
  readonly ident: number;
  readonly #table: Table;

  constructor(row: number, ident: number) {
    this.row = row;
    this.ident = ident;
    this.#table = theTable();
  }

  #index(word: number): number {
    return (this.row * ROW + word) / 4;
  }

  #get(word: number): number {
    return Atomics.load(this.#table.words, this.#index(word));
  }

  #set(word: number, value: number): void {
    Atomics.store(this.#table.words, this.#index(word), value);
  }

  /** Sets everything, and last the ident. */
  fill({ name, daemon }: Details): void {
    this.name = name;
    this.#set(DAEMON, daemon ? 1 : 0);
    this.#set(NATIVE, 0);
    const before = this.#table.ident(this.row);
    this.#table.changeIdent(this.row, before, BigInt(this.ident));
  }

  /** Whether the thread hasn't ended yet. */
  get alive(): boolean {
    return this.#table.ident(this.row) === BigInt(this.ident);
  }

  get main(): boolean {
    return this.row === MAIN;
  }

  get daemon(): boolean {
    return this.#get(DAEMON) !== 0;
  }

  get nativeId(): number | null {
    return this.#get(NATIVE) || null;
  }

  set nativeId(id: number) {
    this.#set(NATIVE, id);
  }

  /** The name, of which 232 bytes are kept. */
  get name(): string {
    const bytes = this.#table.name(this.row).slice(0, this.#get(LENGTH));
    return new TextDecoder().decode(new Uint8Array(bytes));
  }

  set name(name: string) {
    const place = this.#table.name(this.row);
    const bytes = new Uint8Array(place.length);
    const { written } = new TextEncoder().encodeInto(name, bytes);
    place.set(bytes);
    this.#set(LENGTH, written);
  }

  /** Whether a name is the one that is kept, as far as it fits. */
  isNamed(name: string): boolean {
    const kept = this.name;
    if (name === kept) return true;
    // A character takes up to four bytes.
    const full = this.#get(LENGTH) > ROW - NAME - 4;
    return full && name.startsWith(kept);
  }

  /** The thread has ended: it is removed, unless it was before. */
  end(): void {
    if (!this.#table.changeIdent(this.row, BigInt(this.ident), FREE)) return;
    Atomics.add(this.#table.words, this.#index(ENDS), 1);
    Atomics.notify(this.#table.words, this.#index(ENDS));
  }

  /** Waits until the thread has ended, or for so many milliseconds. */
  async ended(milliseconds: number): Promise<void> {
    const { words } = this.#table;
    const index = this.#index(ENDS);
    const deadline = performance.now() + milliseconds;
    for (;;) {
      const ends = Atomics.load(words, index);
      // The ident goes first: either it is gone, or the wait sees the other.
      if (!this.alive) return;
      const rest = Math.max(deadline - performance.now(), 0);
      const wait = Atomics.waitAsync(words, index, ends, rest);
      const outcome = wait.async ? await alive(wait.value) : wait.value;
      if (outcome === "timed-out") return;
      // It may have been the end of the thread that had the row before.
    }
  }
}

/** Registers a thread. */
export function register(ident: number, details: Details): Entry {
  const entry = new Entry(theTable().claim(), ident);
  entry.fill(details);
  return entry;
}

/** An entry for what isn't in the table. */
export function unlisted(ident: number): Entry {
  return new Entry(COUNTERS, ident);
}

/** The entry of the main thread. */
export function mainEntry(): Entry {
  return new Entry(MAIN, Number(theTable().ident(MAIN)));
}

/** The entries of all threads, from the main one on. */
export function* entries(): Generator<Entry> {
  const table = theTable();
  for (let row = MAIN; row < table.length; row++) {
    const ident = table.ident(row);
    if (ident > FREE) yield new Entry(row, Number(ident));
  }
}

/** The entries of threads of this worker. */
const here = new Map<number, Entry>();

/** Has the entry of a thread of this worker end with it. */
export function keepHere(entry: Entry): void {
  here.set(entry.ident, entry);
}

/** A thread of this worker has ended. */
export function endHere(ident: number): void {
  here.get(ident)?.end();
  here.delete(ident);
}

/** Removes a thread whose worker can't do it, or hasn't run it. */
export function lost(ident: number): void {
  if (!table) return;
  for (const entry of entries()) {
    if (entry.ident === ident) entry.end();
  }
}
