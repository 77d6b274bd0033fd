/**
 * The ends of the links between the main thread and its workers.
 *
 * @module
 */

import {
  disposeAll,
  Inspection,
  LONGEST_JSON,
} from "../socket/link/inspect.ts";
import { decode, encode } from "../socket/link/json.ts";
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
import type { Departure } from "../socket/transport/transport.ts";

type Message = [topic: string, ...packed: Packed];

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
        else if (op === Op.Json) this.#message(decode(payload));
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
    const { kind, message, ...rest } = handOver(fd, this.#channel);
    return { message: { kind, message }, ...rest };
  }

  borrow(message: unknown): number {
    return takeOver(message as Departure, this.#channel);
  }

  post(topic: string, value: unknown, name = "value"): void {
    const inspection = value instanceof Inspection
      ? value
      : new Inspection(value, name);
    if (!inspection.moves) {
      return this.#send([topic, inspection.value], inspection.isJson, []);
    }
    const packing = this.#packing = new Packing(this);
    try {
      const { packed, isJson } = packing.packAll(inspection);
      this.#send([topic, ...packed], isJson, packing.transferables);
    } catch (error) {
      packing.cancel();
      throw error;
    } finally {
      this.#packing = null;
    }
    packing.send();
  }

  #send(
    message: Message,
    isJson: boolean,
    transferables: Transferable[],
  ): void {
    const bytes = isJson ? encode(message) : null;
    if (bytes && bytes.length <= LONGEST_JSON) {
      return this.#link.send(Op.Json, 0, 0, 0, bytes);
    }
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

  #message([topic, ...packed]: Message): void {
    const [body, sent] = packed;
    const listeners = this.#listeners.get(topic);
    if (sent === undefined) return listeners?.listener(body);
    const unpacking = this.#unpacking = new Unpacking(packed, this);
    // Also without a listener: the objects belong to this thread now.
    const value = unpacking.unpackAll(body);
    this.#unpacking = null;
    const { failure } = unpacking;
    if (failure === null) return listeners?.listener(value);
    // Nothing else refers to the other objects, so nothing else closes them.
    disposeAll(value);
    listeners?.failed(value, failure.error);
  }
}
