/**
 * The connection between two threads: records in shared memory, and messages
 * that structured clone takes, in one order.
 *
 * Bytes go through shared memory: a message of the runtime's costs more than
 * the bytes that it carries. A thread is woken only if it sleeps, and once for
 * all that happened in one turn.
 *
 * @module
 */

import { decode, encode } from "./json.ts";
import { Pump } from "./pump.ts";
import { Op } from "./records.ts";
import {
  type Head,
  LONGEST_PAYLOAD,
  type Receive,
  Ring,
  RING_BYTES,
} from "./ring.ts";
import { Waker } from "./waker.ts";

/** Room for the answer to a call, in bytes. */
export const ANSWER: number = 8 * 1024;
/** Two wakers and the word that tells of an answer. */
const CONTROL = 16;

/** Shared memory for a link. */
export function linkMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL + ANSWER + 2 * RING_BYTES);
}

/** What carries the messages. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
}

/** What comes out of a link. */
export interface Receiver {
  /** Gets a record. The payload is only there during the call. */
  receive: Receive;
  /** Gets a message. */
  message(message: unknown): void;
}

/** A record that waits for room. */
type Waiting = [...head: Head, payload: Uint8Array | undefined];

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
  readonly #waiting: Waiting[] = [];
  /** Messages that came before their record. */
  readonly #early = new Map<number, unknown>();
  /** The message that must come before anything else does. */
  #missing = 0;
  #sent = 0;
  #waking = false;
  #closed = false;
  #receiver: Receiver | null = null;
  /** What has come of a payload that is too long for one record. */
  readonly #parts: Uint8Array<ArrayBuffer>[] = [];
  readonly #pump = new Pump(() => {
    this.#flush();
    if (this.#in.read(this.#receive, this.#stopped)) this.wake();
  });

  /**
   * @param first Whether this is the end that made the memory.
   * @param block Lets the other end work while this one waits for an answer;
   * left out, it is another thread that does so anyway.
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

  /** Begins to give out what comes. */
  open(receiver: Receiver): void {
    this.#receiver = receiver;
    this.#serve();
  }

  /** Stops giving out what comes. */
  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    // Ends the sleep.
    this.#waker.wake();
  }

  async #serve(): Promise<void> {
    while (!this.#closed) {
      this.poll();
      await this.#waker.sleep(this.#work);
    }
  }

  readonly #work = () => {
    // Who tells of room now rings, but who did before saw nobody asleep.
    this.#flush();
    return this.#missing === 0 && !this.#in.empty;
  };

  readonly #stopped = () => this.#missing !== 0 || this.#closed;

  /** Gives out what has come. */
  poll(): void {
    this.#pump.run();
  }

  readonly #receive: Receive = (op, id, a, b, payload) => {
    if (op === Op.Part) this.#parts.push(new Uint8Array(payload));
    else if (op !== Op.Message) {
      const whole = this.#parts.length === 0 ? payload : this.#join(payload);
      this.#receiver!.receive(op, id, a, b, whole);
    } else if (this.#early.has(id)) this.#give(id);
    else this.#missing = id;
  };

  /** The whole of a payload of which this is the last part. */
  #join(last: Uint8Array): Uint8Array {
    const parts = [...this.#parts.splice(0), last];
    const whole = new Uint8Array(
      parts.reduce((length, part) => length + part.length, 0),
    );
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  #give(number: number): void {
    const message = this.#early.get(number);
    this.#early.delete(number);
    this.#receiver!.message(message);
  }

  /** To be called with what the port of the other end was given. */
  arrived([number, message]: [number, unknown]): void {
    this.#early.set(number, message);
    if (this.#missing !== number) return;
    this.#missing = 0;
    this.#give(number);
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
      this.#waiting.length > 0 || !this.#out.write(op, id, a, b, payload)
    ) {
      this.#waiting.push([op, id, a, b, payload?.slice()]);
      this.#flush();
    }
    if (this.#waking) return;
    this.#waking = true;
    queueMicrotask(this.#wakeLater);
  }

  readonly #wakeLater = () => {
    this.#waking = false;
    this.wake();
  };

  /**
   * Wakes the other end at once. Otherwise that is done at the end of the turn,
   * which is long if the rest of it computes.
   */
  wake(): void {
    this.#peer.wake();
  }

  /** Writes what waits for room; whether all of it was written. */
  #flush(): boolean {
    do {
      this.#write();
      if (this.#waiting.length === 0) return true;
      this.#out.waitForRoom();
      // What was read before that was known nobody tells of: so the last try
      // must be one in vain.
    } while (this.#write());
    return false;
  }

  /** Writes what there is room for; whether that is anything. */
  #write(): boolean {
    let count = 0;
    for (const record of this.#waiting) {
      if (!this.#out.write(...record)) break;
      count++;
    }
    if (count === 0) return false;
    this.#waiting.splice(0, count);
    this.wake();
    return true;
  }

  /**
   * Sends a message, behind the records and messages that were sent before.
   *
   * @throws What the port throws for what can't be cloned; nothing was sent
   * then.
   */
  post(message: unknown, transfer: Transferable[] = []): void {
    const number = this.#sent + 1 & 0x7fffffff || 1;
    this.#port.postMessage([number, message], transfer);
    this.#sent = number;
    this.send(Op.Message, number);
  }

  // Calls that block

  /**
   * Sends a record, and blocks this thread until the other end, which must not
   * call itself, has answered with {@linkcode answer}.
   */
  call(op: Op, id: number, payload?: Uint8Array): unknown {
    Atomics.store(this.#answer, 0, 0);
    this.send(op, id, 0, 0, payload);
    // There is room only once the other end has read.
    this.wake();
    while (!this.#flush()) this.#out.blockForRoom();
    while (Atomics.load(this.#answer, 0) === 0) this.#block();
    const length = Atomics.load(this.#answer, 0) - 1;
    return decode(this.#answerBytes.subarray(0, length));
  }

  /**
   * Answers a {@linkcode call}, with what JSON can tell in
   * {@linkcode ANSWER} bytes; with something shorter if it can't.
   */
  answer(value: unknown, shorter: unknown): void {
    let bytes = encode(value);
    if (bytes.length > ANSWER) bytes = encode(shorter);
    this.#answerBytes.set(bytes);
    Atomics.store(this.#answer, 0, bytes.length + 1);
    Atomics.notify(this.#answer, 0);
  }
}
