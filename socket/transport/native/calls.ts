/**
 * Calls that wait for a socket, in their order.
 *
 * The poller tries them where the event arrives, which is cheaper than waking a
 * function that tries.
 *
 * @module
 */

import { intact } from "../../bytes.ts";
import { raise } from "../../stack.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The operations that receiving calls wait for: `undefined` for "not yet". */
export interface Receiving {
  tryRecv(count: number): Bytes | undefined;
  tryRecvInto(buffer: Bytes): number | undefined;
}

/** The operation that sending calls wait for: `undefined` for "not yet". */
export interface Sending {
  trySend(data: Bytes): number | undefined;
}

/** A call that waits, whatever its result. */
interface Pending<Way> {
  next: Pending<Way> | null;
  /** Tries again; whether the call has ended. */
  ends(way: Way): boolean;
}

/** A call that waits for its way, in or out. */
abstract class Call<T, Way> implements Pending<Way> {
  readonly promise: Promise<T>;
  protected resolve!: (value: T | Promise<never>) => void;
  next: Pending<Way> | null = null;

  constructor() {
    this.promise = new Promise<T>((resolve) => this.resolve = resolve);
  }

  /** Resolves the promise, unless the call has to wait on; whether it did. */
  protected abstract attempt(way: Way): boolean;

  ends(way: Way): boolean {
    try {
      return this.attempt(way);
    } catch (error) {
      this.resolve(raise(error));
      return true;
    }
  }
}

/** A call that receives an array of its own. */
export class Receive extends Call<Bytes, Receiving> {
  readonly #count: number;

  constructor(count: number) {
    super();
    this.#count = count;
  }

  attempt(way: Receiving): boolean {
    const bytes = way.tryRecv(this.#count);
    if (bytes === undefined) return false;
    this.resolve(bytes);
    return true;
  }
}

/** A call that receives into a buffer. */
export class ReceiveInto extends Call<number, Receiving> {
  readonly #buffer: Bytes;
  readonly #length: number;

  constructor(buffer: Bytes) {
    super();
    this.#buffer = buffer;
    this.#length = buffer.length;
  }

  attempt(way: Receiving): boolean {
    const count = way.tryRecvInto(intact(this.#buffer, this.#length));
    if (count === undefined) return false;
    this.resolve(count);
    return true;
  }
}

/** A call that sends all of its data. */
export class Send extends Call<void, Sending> {
  readonly #data: Bytes;
  readonly #length: number;
  #sent: number;

  constructor(data: Bytes, sent: number) {
    super();
    this.#data = data;
    this.#length = data.length;
    this.#sent = sent;
  }

  attempt(way: Sending): boolean {
    do {
      const rest = intact(this.#data, this.#length).subarray(this.#sent);
      const count = way.trySend(rest);
      if (count === undefined) return false;
      this.#sent += count;
    } while (this.#sent < this.#length);
    this.resolve();
    return true;
  }
}

/** The calls that wait for one direction. */
export class Calls<Way> {
  #first: Pending<Way> | null = null;
  #last: Pending<Way> | null = null;

  get empty(): boolean {
    return this.#first === null;
  }

  add<T>(call: Call<T, Way>): Promise<T> {
    if (this.#last) this.#last.next = call;
    else this.#first = call;
    this.#last = call;
    return call.promise;
  }

  /** Tries the calls in turn, up to one that has to wait on. */
  serve(way: Way): void {
    while (this.#first?.ends(way)) this.#first = this.#first.next;
    if (!this.#first) this.#last = null;
  }
}
