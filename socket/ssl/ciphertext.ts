/**
 * The way of the ciphertext between the endpoint below and Node's TLS.
 *
 * One pump moves it in both directions. It runs in a microtask of its own,
 * never inside a call of the endpoint or of a stream. What the endpoint doesn't
 * take waits here, and so does the stream that wrote it; nothing is read that
 * nobody wants.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import { oserror } from "../oserror.ts";
import { POLLIN, POLLOUT } from "../reactor/events.ts";
import type { Watch } from "../reactor/readiness.ts";
import type { Endpoint } from "../transport/transport.ts";
import { afterEvents, nodeStream } from "./builtin.ts";
import type { OSError } from "../errors.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How much is read at once, in bytes: a few records of TLS. */
const CHUNK = 64 * 1024;

/** Who uses the ciphertext. */
export interface Reader {
  /** More ciphertext is wanted. */
  readonly hungry: boolean;
  /** Gets ciphertext; how much of it was taken. */
  receive(bytes: Bytes): number;
  /** No more will come. */
  end(): void;
  /** The connection is broken: nothing more comes. */
  fail(error: OSError): void;
  /** Nothing more can be sent, but what has come can still be read. */
  broken(error: OSError): void;
  /** What has waited to be sent is sent, or can't be for now. */
  sent(): void;
}

/** Ciphertext that the stream has written. */
interface Writing {
  rest: Bytes;
  readonly done: (error?: Error) => void;
}

/** Moves ciphertext. */
export class Ciphertext implements Watch {
  /** What Node's TLS reads from and writes to. */
  readonly stream: Duplex;
  readonly #endpoint: Endpoint;
  readonly #reader: Reader;
  #writing: Writing | null = null;
  /** Bytes that were read and not taken yet. */
  #held: Bytes | null = null;
  #paused = false;
  #ended = false;
  #failed = false;
  #broken = false;
  #muted = false;
  #scheduled = false;
  #watching = false;
  #stopped = false;
  /** Calls wait for plaintext, in this thread or another. */
  #calls = false;
  #background = false;
  events = 0;
  lasting = true;
  background = false;

  constructor(endpoint: Endpoint, reader: Reader) {
    this.#endpoint = endpoint;
    this.#reader = reader;
    const { Duplex } = nodeStream();
    const stream = new Duplex({
      allowHalfOpen: true,
      read() {},
      write: (rest: Bytes, _encoding, done) => this.#write({ rest, done }),
      destroy: (_error, done) => done(null),
    });
    // TLS destroys the stream together with the error of a handshake, and only
    // then writes the alert that tells the peer of it.
    const destroy = stream.destroy.bind(stream);
    stream.destroy = () => {
      afterEvents(() => destroy());
      return stream;
    };
    stream.on("error", () => {});
    this.stream = stream;
  }

  /** Something waits to be sent. */
  get sending(): boolean {
    return this.#writing !== null;
  }

  /** What waits can't be sent now. */
  get blocked(): boolean {
    return this.#writing !== null && (this.events & POLLOUT) !== 0;
  }

  #write(writing: Writing): void {
    this.#writing = writing;
    this.#send();
    // Also to tell those who wait for what can't be sent.
    if (this.#writing || this.#broken) this.schedule();
  }

  /** Sends nothing any more, as if it had been sent. */
  mute(): void {
    this.#muted = true;
    this.#send();
  }

  /** Has the endpoint take what there is. */
  #send(): void {
    const writing = this.#writing;
    if (!writing) return;
    try {
      while (writing.rest.length > 0 && !this.#lost) {
        const count = this.#endpoint.send(writing.rest, 0);
        if (count === undefined) return;
        writing.rest = writing.rest.subarray(count);
      }
    } catch (cause) {
      this.#broken = true;
      this.#reader.broken(oserror(cause));
    }
    this.#writing = null;
    writing.done();
  }

  /** What is written goes nowhere. */
  get #lost(): boolean {
    return this.#failed || this.#broken || this.#muted;
  }

  // Reading

  /** Reads once, if more is wanted, and gives it to the reader. */
  read(): void {
    while (!this.#paused && !this.#failed && this.#reader.hungry) {
      let bytes = this.#held;
      this.#held = null;
      if (bytes === null) {
        if (this.#ended) return;
        try {
          bytes = this.#endpoint.recv(CHUNK, 0) ?? null;
        } catch (cause) {
          return this.#fail(cause);
        }
        if (bytes === null) return;
        if (bytes.length === 0) return this.#end();
      }
      const taken = this.#reader.receive(bytes);
      if (taken < bytes.length) this.#held = bytes.subarray(taken);
    }
  }

  #end(): void {
    this.#ended = true;
    // The end of the TLS layer may have come just before.
    this.pause(() => this.#reader.end());
  }

  /** Reads nothing until the events of streams that are under way have come. */
  pause(then: () => void = () => {}): void {
    this.#paused = true;
    afterEvents(() => {
      this.#paused = false;
      then();
      this.schedule();
    });
  }

  #fail(cause: unknown): void {
    this.#failed = true;
    // What has come before has perhaps not been decrypted yet.
    this.pause(() => this.#reader.fail(oserror(cause)));
  }

  /** Bytes that were read and belong to whoever comes after TLS. */
  takeRest(): Bytes {
    const rest = this.#held ?? new Uint8Array(0);
    this.#held = null;
    return rest;
  }

  // The pump

  wake(): void {
    this.schedule();
  }

  /** Has the pump run soon. */
  schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.pump();
    });
  }

  /** Moves what can be moved, and has the rest wait. */
  pump(): void {
    if (this.#stopped) return;
    this.#send();
    this.read();
    this.rearm();
    if (!this.sending || this.blocked) this.#reader.sent();
  }

  /** Who waits for the plaintext: the process is kept alive only for calls. */
  demand(calls: boolean, background: boolean): void {
    this.#calls = calls;
    this.#background = background;
    this.rearm();
  }

  /** Watches the endpoint for what is waited for. */
  rearm(): void {
    if (this.#stopped) return;
    const wanted = !this.#paused && !this.#ended && !this.#failed &&
      this.#held === null && this.#reader.hungry;
    const events = (wanted ? POLLIN : 0) | (this.sending ? POLLOUT : 0);
    // What was sent is delivered, though the program may have nothing else to do.
    const lasting = !this.#calls && !this.sending;
    const background = this.#background || this.sending;
    if (
      events === this.events && this.#watching === (events !== 0) &&
      lasting === this.lasting && background === this.background
    ) return;
    this.#unwatch();
    Object.assign(this, { events, lasting, background });
    if (events === 0) return;
    this.#watching = true;
    this.#endpoint.watch(this);
  }

  #unwatch(): void {
    if (this.#watching) this.#endpoint.unwatch(this);
    this.#watching = false;
  }

  /** Moves nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#unwatch();
    this.stream.destroy();
  }
}
