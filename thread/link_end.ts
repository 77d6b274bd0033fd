/**
 * One end of the way between the main thread and a worker.
 *
 * @module
 */

import type { Movable, ThreadLink } from "../socket/link/transfer.ts";
import { Link, type Port } from "../socket/link/link.ts";
import { Op } from "../socket/link/records.ts";
import {
  type Departure,
  handOver,
  takeOver,
} from "../socket/transport/handover.ts";
import { Channel } from "../socket/transport/relay/channel.ts";
import { closeAll } from "./close.ts";
import { Contents } from "../socket/link/inspect.ts";
import {
  copyOf,
  type Packed,
  Packing,
  Unpacking,
} from "../socket/link/packing.ts";
import { decode, encode } from "../socket/link/text.ts";

type Message = [topic: string, ...packed: Packed];

/** Who gets what comes, and who what comes in parts only. */
interface Listeners {
  listener(value: unknown): void;
  failed(value: unknown, error: unknown): void;
}

/** What an end of the way is made of. */
export interface LinkEndOptions {
  /** What both ends share, of `linkMemory()`. */
  readonly memory: SharedArrayBuffer;
  /** What takes messages to the other end. */
  readonly port: Port;
  /** Whether this is the main thread's end. */
  readonly main: boolean;
  /** Keeps the process alive, or no longer. */
  hold(alive: boolean): void;
  /** Gets short notes. */
  note(subject: number, value: number): void;
}

/** One end of the way. */
export class LinkEnd implements ThreadLink {
  readonly #link: Link;
  readonly #channel: Channel;
  readonly #gone = new AbortController();
  readonly #listeners = new Map<string, Listeners>();
  readonly #note: (subject: number, value: number) => void;
  #packing: Packing | null = null;
  #unpacking: Unpacking | null = null;

  constructor({ memory, port, main, hold, note }: LinkEndOptions) {
    this.#link = new Link(memory, port, main);
    this.#channel = new Channel(this.#link, { blocks: !main, hold });
    this.#note = note;
  }

  /** Begins to give out what comes, to who listens by now. */
  open(): void {
    const { receive } = this.#channel;
    this.#link.open({
      receive: (op, id, a, b, payload) => {
        if (op === Op.Note) this.#note(id, a);
        else if (op === Op.Text) this.#message(decode(payload) as Message);
        else receive(op, id, a, b, payload);
      },
      message: (message) => this.#message(message as Message),
    });
  }

  /** To be called with what comes out of the port. */
  arrived(message: unknown): void {
    this.#link.arrived(message as [number, unknown]);
  }

  /** To be called when the other end is gone. */
  lose(): void {
    this.#gone.abort();
    this.#channel.lose();
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Sends a few bits, which cost next to nothing. */
  note(subject: number, value: number): void {
    this.#link.send(Op.Note, subject, value);
  }

  /** Has the other end take what was sent at once, whatever runs here next. */
  wake(): void {
    this.#link.wake();
  }

  pack(part: Movable): unknown {
    return this.#packing!.pack(part);
  }

  unpack(message: unknown): unknown {
    return this.#unpacking!.unpack(message as object);
  }

  lend(fd: number): { message: unknown; send(): void } {
    const { kind, message, send } = handOver(fd, this.#channel);
    return { message: { kind, message }, send };
  }

  borrow(message: unknown): number {
    return takeOver(message as Departure, this.#channel);
  }

  post(topic: string, value: unknown, name = "value"): void {
    const contents = value instanceof Contents
      ? value
      : new Contents(value, name);
    if (!contents.moves) {
      return this.#send([topic, contents.value], contents.text, []);
    }
    const packing = new Packing(this);
    const { packed, text } = this.#packAll(packing, contents);
    this.#send([topic, ...packed], text, packing.transferables);
    packing.send();
  }

  #packAll(packing: Packing, contents: Contents) {
    this.#packing = packing;
    try {
      return packing.packAll(contents);
    } finally {
      this.#packing = null;
    }
  }

  #send(message: Message, text: boolean, transferables: Transferable[]): void {
    const bytes = text ? encode(message) : null;
    if (bytes) return this.#link.send(Op.Text, 0, 0, 0, bytes);
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
      // A proxy can't be cloned, unlike a copy of what it stands for.
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
    // All objects are made, even if nobody listens: they belong to this thread.
    const value = unpacking.unpackAll(body);
    this.#unpacking = null;
    const { failure } = unpacking;
    if (failure === null) return listeners?.listener(value);
    // Nobody can have the rest of it, so nobody could close it.
    closeAll(value);
    listeners?.failed(value, failure.error);
  }
}
