/**
 * The connection between two threads: records in shared memory, and messages
 * that structured clone takes, in one order.
 *
 * Bytes go through shared memory because a message of the runtime costs more
 * than the bytes in it. A thread is woken only if it sleeps, and once for all
 * records of one turn of the event loop.
 *
 * @module
 */

import { concat } from "../bytes.ts";
import { decode, encode } from "./json.ts";
import { Op } from "./records.ts";
import {
  type Head,
  LONGEST_PAYLOAD,
  type Receive,
  Ring,
  RING_BYTES,
} from "./ring.ts";

/** The longest answer to a call, in bytes. */
export const ANSWER: number = 8 * 1024;
/** The words of both wakers and the length of the answer, padded, in bytes. */
const CONTROL = 16;

export function linkMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL + ANSWER + 2 * RING_BYTES);
}

export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
}

export interface Receiver {
  /** Receives a record. The payload is valid during the call only. */
  receive: Receive;
  message(message: unknown): void;
}

/** A record that the full ring could not take yet. */
type Queued = [...head: Head, payload: Uint8Array | undefined];

/** One end of the connection. */
export class Link {
  readonly #port: Port;
  readonly #out: Ring;
  readonly #in: Ring;
  readonly #waker: Waker;
  readonly #peer: Waker;
  readonly #answer: Int32Array;
  readonly #answerBytes: Uint8Array;
  readonly #block: () => void;
  readonly #queued: Queued[] = [];
  /** Messages whose record has not been read yet. */
  readonly #messages = new Map<number, unknown>();
  /** The message that the next record has to wait for; 0 if none. */
  #missing = 0;
  #sent = 0;
  #wakeScheduled = false;
  #polling = false;
  #pollAgain = false;
  #closed = false;
  #receiver: Receiver | null = null;
  /** The first parts of a payload that is too long for one record. */
  #parts: Uint8Array<ArrayBuffer>[] = [];

  /**
   * @param first Whether this is the end that made the memory.
   * @param block Runs the other end while this one waits for an answer. By
   * default this thread sleeps, and the other end is in another thread.
   */
  constructor(
    memory: SharedArrayBuffer,
    port: Port,
    first: boolean,
    block?: () => void,
  ) {
    this.#port = port;
    this.#block = block ?? (() => Atomics.wait(this.#answer, 0, 0));
    const rings = CONTROL + ANSWER;
    this.#out = new Ring(memory, rings + (first ? 0 : RING_BYTES));
    this.#in = new Ring(memory, rings + (first ? RING_BYTES : 0));
    this.#waker = new Waker(memory, first ? 0 : 4);
    this.#peer = new Waker(memory, first ? 4 : 0);
    this.#answer = new Int32Array(memory, 8, 1);
    this.#answerBytes = new Uint8Array(memory, CONTROL, ANSWER);
  }

  open(receiver: Receiver): void {
    this.#receiver = receiver;
    this.#serve();
  }

  close(): void {
    this.#closed = true;
    this.#queued.length = 0;
    // Ends the sleep of #serve().
    this.#waker.wake();
  }

  async #serve(): Promise<void> {
    while (!this.#closed) {
      this.poll();
      await this.#waker.sleep(this.#hasWork);
    }
  }

  readonly #hasWork = () => {
    // The reader of the full ring wakes this thread only if it sleeps already:
    // room that came earlier has to be used now.
    this.#flush();
    return this.#missing === 0 && !this.#in.empty;
  };

  readonly #stopped = () => this.#missing !== 0 || this.#closed;

  /** Delivers all that has arrived. A nested call has the outer one go on. */
  poll(): void {
    this.#pollAgain = true;
    if (this.#polling) return;
    this.#polling = true;
    try {
      while (this.#pollAgain) {
        this.#pollAgain = false;
        this.#flush();
        if (this.#in.read(this.#receive, this.#stopped)) this.wake();
      }
    } finally {
      this.#polling = false;
    }
  }

  readonly #receive: Receive = (op, id, a, b, payload) => {
    if (op === Op.Part) this.#parts.push(new Uint8Array(payload));
    else if (op !== Op.Message) {
      const whole = this.#parts.length === 0 ? payload : this.#join(payload);
      this.#receiver!.receive(op, id, a, b, whole);
    } else if (this.#messages.has(id)) this.#deliver(id);
    else this.#missing = id;
  };

  /** The whole of a payload of which this is the last part. */
  #join(last: Uint8Array): Uint8Array {
    const parts = [...this.#parts, new Uint8Array(last)];
    this.#parts = [];
    return concat(parts);
  }

  #deliver(number: number): void {
    const message = this.#messages.get(number);
    this.#messages.delete(number);
    this.#receiver!.message(message);
  }

  /** To be called with each message that arrives at this end's port. */
  arrived([number, message]: [number, unknown]): void {
    this.#messages.set(number, message);
    if (this.#missing !== number) return;
    this.#missing = 0;
    this.#deliver(number);
    this.poll();
  }

  /** Sends a record. The payload is copied, and may be of any length. */
  send(op: Op, id: number, a = 0, b = 0, payload?: Uint8Array): void {
    while (payload && payload.length > LONGEST_PAYLOAD) {
      this.#send(Op.Part, 0, 0, 0, payload.subarray(0, LONGEST_PAYLOAD));
      payload = payload.subarray(LONGEST_PAYLOAD);
    }
    this.#send(op, id, a, b, payload);
  }

  #send(op: Op, id: number, a: number, b: number, payload?: Uint8Array): void {
    if (this.#closed) return;
    if (
      this.#queued.length > 0 || !this.#out.write(op, id, a, b, payload)
    ) {
      this.#queued.push([op, id, a, b, payload?.slice()]);
      this.#flush();
    }
    if (this.#wakeScheduled) return;
    this.#wakeScheduled = true;
    queueMicrotask(this.#wakeLater);
  }

  readonly #wakeLater = () => {
    this.#wakeScheduled = false;
    this.wake();
  };

  /**
   * Wakes the other end at once. By default it is woken at the end of the turn,
   * which may be long if the rest of the turn computes.
   */
  wake(): void {
    this.#peer.wake();
  }

  /** Writes the queued records; `false` if some are left. */
  #flush(): boolean {
    for (let asked = false;; asked = true) {
      let count = 0;
      for (const record of this.#queued) {
        if (!this.#out.write(...record)) break;
        count++;
      }
      if (count > 0) {
        this.#queued.splice(0, count);
        this.wake();
      }
      if (this.#queued.length === 0) return true;
      // Reads that precede the request are not reported: try once more.
      if (asked && count === 0) return false;
      this.#out.waitForRoom();
    }
  }

  /**
   * Sends a message, in order with all other records and messages.
   *
   * @throws The port's error if the message can't be cloned; then nothing was
   * sent.
   */
  post(message: unknown, transfer: Transferable[] = []): void {
    const number = this.#sent + 1 & 0x7fffffff || 1;
    this.#port.postMessage([number, message], transfer);
    this.#sent = number;
    this.send(Op.Message, number);
  }

  /**
   * Sends a record, and blocks this thread until the other end has answered
   * with {@linkcode answer}. Only one of the two ends may make calls.
   */
  call(op: Op, id: number, payload?: Uint8Array): unknown {
    Atomics.store(this.#answer, 0, 0);
    this.send(op, id, 0, 0, payload);
    // A full ring has room only once the other end has read.
    this.wake();
    while (!this.#flush()) this.#out.blockForRoom();
    while (Atomics.load(this.#answer, 0) === 0) this.#block();
    const length = Atomics.load(this.#answer, 0) - 1;
    return decode(this.#answerBytes.subarray(0, length));
  }

  /**
   * Answers a {@linkcode call} with a JSON value, or with `shorter` if that is
   * longer than {@linkcode ANSWER}.
   */
  answer(value: unknown, shorter: unknown): void {
    let bytes = encode(value);
    if (bytes.length > ANSWER) bytes = encode(shorter);
    this.#answerBytes.set(bytes);
    Atomics.store(this.#answer, 0, bytes.length + 1);
    Atomics.notify(this.#answer, 0);
  }
}

const AWAKE = 0;
const ASLEEP = 1;

/** One word of shared memory on which one thread sleeps and another wakes it. */
class Waker {
  readonly #word: Int32Array;

  constructor(memory: SharedArrayBuffer, offset: number) {
    this.#word = new Int32Array(memory, offset, 1);
  }

  wake(): void {
    if (Atomics.exchange(this.#word, 0, AWAKE) === ASLEEP) {
      Atomics.notify(this.#word, 0);
    }
  }

  /**
   * Sleeps until another thread wakes this one, or for one turn of the event
   * loop if `hasWork()`.
   */
  async sleep(hasWork: () => boolean): Promise<void> {
    Atomics.store(this.#word, 0, ASLEEP);
    const woken = Atomics.waitAsync(this.#word, 0, ASLEEP);
    // Asked only now: work that comes later wakes this thread.
    if (hasWork()) this.wake();
    if (woken.async) await woken.value;
  }
}
