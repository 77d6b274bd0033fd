/**
 * The ends of the links between the main thread and its workers.
 *
 * @module
 */

import { Decoder, Encoder } from "../socket/link/codec.ts";
import { disposeAll } from "../socket/link/inspect.ts";
import { Link, type Port } from "../socket/link/link.ts";
import {
  copyOf,
  type Packed,
  Packing,
  Unpacking,
} from "../socket/link/packing.ts";
import { Op } from "../socket/link/records.ts";
import type { Movable, ThreadLink } from "../socket/link/transfer.ts";
import { Channel } from "../socket/transport/default.ts";
import { handOver, takeOver } from "../socket/transport/handover.ts";

type Message = [topic: string, ...packed: Packed];

/** An endpoint in a message: see `Departure`. */
type Lent = [kind: string, message: unknown];

interface Listeners {
  listener(value: unknown): void;
  failed(value: unknown, error: unknown): void;
}

export interface LinkEndOptions {
  /** The memory that both ends share, of `linkMemory()`. */
  readonly memory: SharedArrayBuffer;
  readonly port: Port;
  /** Whether this is the main thread's end. */
  readonly main: boolean;
  /** See `Carrier.peer`. */
  readonly peer?: number | null;
  /** Keeps the process alive, or no longer. */
  hold(alive: boolean): void;
  /** Receives the records of {@linkcode LinkEnd.notify}. */
  notified(op: Op, id: number): void;
}

export class LinkEnd implements ThreadLink {
  readonly #link: Link;
  readonly #channel: Channel;
  readonly #gone = new AbortController();
  readonly #listeners = new Map<string, Listeners>();
  readonly #notified: LinkEndOptions["notified"];
  readonly #encoder = new Encoder();
  readonly #decoder = new Decoder();
  /** The message that is being packed, for the parts of its objects. */
  #packing: Packing | null = null;
  #unpacking: Unpacking | null = null;

  constructor(options: LinkEndOptions) {
    const { memory, port, main, peer = null, hold, notified } = options;
    this.#link = new Link(memory, port, main);
    this.#channel = new Channel(this.#link, { blocks: !main, hold }, peer);
    this.#notified = notified;
  }

  open(): void {
    const { receive } = this.#channel;
    this.#link.open({
      receive: (op, id, a, b, payload) => {
        if (op < Op.Ready) receive(op, id, a, b, payload);
        else if (op === Op.Value) this.#value(payload);
        else this.#notified(op, id);
      },
      message: (message) => this.#message(message as Message),
    });
  }

  /** To be called with each message that arrives at this end's port. */
  arrived(message: unknown): void {
    this.#link.arrived(message as [number, unknown]);
  }

  /** To be called when the other thread has ended. */
  lose(): void {
    this.#gone.abort();
    this.#channel.lose();
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Sends a record without a payload. */
  notify(op: Op, id = 0): void {
    this.#link.send(op, id);
  }

  /** Wakes the other end at once rather than at the end of the turn. */
  wake(): void {
    this.#link.wake();
  }

  pack(part: Movable): unknown {
    return this.#packing!.pack(part);
  }

  unpack(message: unknown): unknown {
    return this.#unpacking!.unpack(message as object);
  }

  lend(fd: number): ReturnType<ThreadLink["lend"]> {
    const { kind, message, send, cancel } = handOver(fd, this.#channel);
    return { message: [kind, message], send, cancel };
  }

  borrow(message: unknown): number {
    const [kind, content] = message as Lent;
    return takeOver({ kind, message: content }, this.#channel);
  }

  post(topic: string, value: unknown, name = "value"): void {
    const outer = this.#packing;
    const packing = this.#packing = new Packing(this, value, name);
    try {
      const bytes = packing.encode(this.#encoder, topic);
      if (bytes) {
        this.#link.send(Op.Value, 0, 0, 0, bytes);
        this.#encoder.commit();
      } else this.#send([topic, ...packing.packAll()], packing.transferables);
    } catch (error) {
      packing.cancel();
      throw error;
    } finally {
      this.#packing = outer;
    }
    packing.send();
  }

  #send(message: Message, transferables: Transferable[]): void {
    try {
      this.#post(message, transferables);
    } catch (cause) {
      if (!(cause instanceof DOMException)) throw cause;
      throw new TypeError(cause.message, { cause });
    }
  }

  #post(message: Message, transferables: Transferable[]): void {
    try {
      this.#link.post(message, transferables);
    } catch {
      // Structured clone refuses proxies; a copy has none.
      this.#link.post(copyOf(message, () => undefined), transferables);
    }
  }

  listen(
    topic: string,
    listener: ((value: unknown) => void) | null,
    failed = (_value: unknown, error: unknown) => console.error(error),
  ): void {
    if (listener) this.#listeners.set(topic, { listener, failed });
    else this.#listeners.delete(topic);
  }

  #value(payload: Uint8Array): void {
    const decoder = this.#decoder;
    decoder.begin(payload);
    const topic = decoder.value() as string;
    this.#deliver(topic, Unpacking.decode(this, decoder));
  }

  #message([topic, ...packed]: Message): void {
    this.#deliver(topic, Unpacking.of(this, packed));
  }

  #deliver(topic: string, unpacking: Unpacking): void {
    const listeners = this.#listeners.get(topic);
    this.#unpacking = unpacking;
    // Also without a listener: the objects belong to this thread now.
    const value = unpacking.unpackAll();
    this.#unpacking = null;
    const { failure } = unpacking;
    if (failure === null) return listeners?.listener(value);
    // Nothing else refers to the other objects, so nothing else closes them.
    disposeAll(value);
    listeners?.failed(value, failure.error);
  }
}
