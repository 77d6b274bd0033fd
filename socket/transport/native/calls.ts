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

/** The operations that calls wait for: `undefined` for "not yet". */
interface Operations {
  tryRecv(count: number): Bytes | undefined;
  tryRecvInto(buffer: Bytes): number | undefined;
  trySend(data: Bytes): number | undefined;
}

/** A call that waits, whatever its result. */
interface Pending {
  next: Pending | null;
  /** Tries again; whether the call has ended. */
  ends(socket: Operations): boolean;
}

/** A call that waits. */
abstract class Call<T> implements Pending {
  readonly promise: Promise<T>;
  protected resolve!: (value: T | Promise<never>) => void;
  next: Pending | null = null;

  constructor() {
    this.promise = new Promise<T>((resolve) => this.resolve = resolve);
  }

  /** Resolves the promise, unless the call has to wait on; whether it did. */
  protected abstract attempt(socket: Operations): boolean;

  ends(socket: Operations): boolean {
    try {
      return this.attempt(socket);
    } catch (error) {
      this.resolve(raise(error));
      return true;
    }
  }
}

/** A call that receives an array of its own. */
export class Receive extends Call<Bytes> {
  readonly #count: number;

  constructor(count: number) {
    super();
    this.#count = count;
  }

  attempt(socket: Operations): boolean {
    const bytes = socket.tryRecv(this.#count);
    if (bytes === undefined) return false;
    this.resolve(bytes);
    return true;
  }
}

/** A call that receives into a buffer. */
export class ReceiveInto extends Call<number> {
  readonly #buffer: Bytes;
  readonly #length: number;

  constructor(buffer: Bytes) {
    super();
    this.#buffer = buffer;
    this.#length = buffer.length;
  }

  attempt(socket: Operations): boolean {
    const count = socket.tryRecvInto(intact(this.#buffer, this.#length));
    if (count === undefined) return false;
    this.resolve(count);
    return true;
  }
}

/** A call that sends all of its data. */
export class Send extends Call<void> {
  readonly #data: Bytes;
  readonly #length: number;
  #sent: number;

  constructor(data: Bytes, sent: number) {
    super();
    this.#data = data;
    this.#length = data.length;
    this.#sent = sent;
  }

  attempt(socket: Operations): boolean {
    do {
      const rest = intact(this.#data, this.#length).subarray(this.#sent);
      const count = socket.trySend(rest);
      if (count === undefined) return false;
      this.#sent += count;
    } while (this.#sent < this.#length);
    this.resolve();
    return true;
  }
}

/** The calls that wait for one direction. */
export class Calls {
  #first: Pending | null = null;
  #last: Pending | null = null;

  get empty(): boolean {
    return this.#first === null;
  }

  add<T>(call: Call<T>): Promise<T> {
    if (this.#last) this.#last.next = call;
    else this.#first = call;
    this.#last = call;
    return call.promise;
  }

  /** Tries the calls in turn, up to one that has to wait on. */
  serve(socket: Operations): void {
    while (this.#first?.ends(socket)) this.#first = this.#first.next;
    if (!this.#first) this.#last = null;
  }
}
