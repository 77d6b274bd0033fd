/**
 * The TLS layer of one connection, over Node's TLS.
 *
 * ```text
 *            start()                    the peer is known
 * new ───────────────► handshaking ───────────────────────► open
 *                           │                                 │
 *                           └─────────────► failed ◄──────────┘
 * ```
 *
 * @module
 */

import type { TLSSocket } from "node:tls";
import type { OSError } from "../errors.ts";
import type { Endpoint } from "../transport/transport.ts";
import { afterEvents } from "./builtin.ts";
import { ByteQueue } from "./byte_queue.ts";
import { Ciphertext, type Reader } from "./ciphertext.ts";
import { endOfFile, sslError } from "./errors.ts";
import { acceptTls, connectTls, type Outcome } from "./handshake.ts";
import { readHello } from "./hello.ts";
import type { Side } from "./profile.ts";
import { tlsError } from "./reasons.ts";
import { Records } from "./records.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** So much plaintext waits to be received before no more is read, in bytes. */
const RECEIVE_LIMIT = 64 * 1024;
/** So much plaintext waits to be sent before no more is taken, in bytes. */
const SEND_LIMIT = 64 * 1024;

/**
 * How long a closed connection tries to deliver what was sent, in milliseconds:
 * about as long as Linux probes a peer that doesn't read.
 */
const LINGER = 100_000;

/** A call that waits until what was sent is on its way. */
interface Waiting {
  /** Until all of it is, rather than as much as can be. */
  readonly delivery: boolean;
  resolve(): void;
}

/** Who uses a session. */
export interface Owner {
  /** What can be done may have changed. */
  changed(): void;
}

/** A TLS layer. */
export class Session implements Outcome, Reader {
  readonly side: Side;
  readonly #owner: Owner;
  readonly #ciphertext: Ciphertext;
  readonly #records = new Records();
  /** Plaintext that has arrived. */
  readonly inbox: ByteQueue = new ByteQueue();
  state: "handshaking" | "open" | "failed" = "handshaking";
  /** Why it has failed. */
  error: OSError | null = null;
  /** Why nothing more can be sent, though perhaps received. */
  sendError: OSError | null = null;
  /** How the incoming plaintext ended: as it must, or with the connection. */
  ended: "closed" | "ragged" | null = null;
  #socket: TLSSocket | null = null;
  /** The first message of a client, as far as it has come. */
  #hello: ByteQueue | null;
  /** How much of it there has to be before it is worth a look. */
  #helloLength = 0;
  /** Plaintext to be sent once the handshake is done. */
  #early: Bytes[] = [];
  /** How much plaintext is on its way to the endpoint. */
  #unsent = 0;
  /** The outgoing plaintext has ended. */
  finished = false;
  /** Called when the end was sent, which has to wait for the handshake. */
  #finishing: (() => void) | null = null;
  /** The end was sent. */
  #finishSent = false;
  #whenFinished: () => void = () => {};
  #closing = false;
  #closed = false;
  readonly #waiting: Waiting[] = [];

  /** Begins the handshake over a connected endpoint. */
  constructor(endpoint: Endpoint, side: Side, owner: Owner) {
    this.side = side;
    this.#owner = owner;
    this.#ciphertext = new Ciphertext(endpoint, this);
    this.#hello = side.server ? new ByteQueue() : null;
    side.profile.count(side.server ? "accept" : "connect");
    if (side.profile.impossible) {
      this.fail(sslError("NO_PROTOCOLS_AVAILABLE"));
    } else if (!side.server) {
      this.#tried(() => connectTls(this.#ciphertext.stream, side, this));
    }
    this.#ciphertext.schedule();
  }

  /** What Node knows of the connection; `null` before the handshake is done. */
  get socket(): TLSSocket | null {
    return this.#socket;
  }

  /**
   * The peer's certificate in DER, `null` if it has none; `undefined` before the
   * handshake is done.
   */
  peer(): Bytes | null | undefined {
    if (!this.#socket) return undefined;
    // Without those of its issuers, which perhaps can't be read.
    const { raw } = this.#socket.getPeerCertificate(false) ?? {};
    return raw ? Uint8Array.from(raw) : null;
  }

  secured(socket: TLSSocket): void {
    if (this.state !== "handshaking") return;
    const { profile, server } = this.side;
    const { ciphers } = profile;
    const cipher = socket.getCipher();
    if (
      ciphers && cipher.version === "TLSv1.2" && !ciphers.has(cipher.name)
    ) {
      this.refused(sslError("NO_SHARED_CIPHER"));
      return void socket.destroy();
    }
    this.#socket = socket;
    this.state = "open";
    profile.count(server ? "accept_good" : "connect_good");
    if (socket.isSessionReused()) profile.count("hits");
    socket.on("data", (data) => {
      this.inbox.push(data as Bytes);
      this.#owner.changed();
    });
    socket.on("end", () => {
      this.ended ??= "closed";
      this.#owner.changed();
    });
    for (const bytes of this.#early.splice(0)) this.#write(bytes);
    if (this.#finishing) this.#end(this.#finishing);
    this.#owner.changed();
  }

  failed(cause: unknown): void {
    if (this.state !== "failed") this.fail(tlsError(cause));
  }

  refused(error: OSError): void {
    this.#ciphertext.mute();
    this.fail(error);
  }

  // Ciphertext

  get hungry(): boolean {
    if (this.state === "failed" || this.ended !== null) return false;
    if (this.#closing) return this.state === "handshaking" && this.#unsent > 0;
    if (this.full) return false;
    // Also if nobody waits: a connection that is closed with something unread is
    // reset, and a server sends what no program reads, such as tickets.
    return true;
  }

  /** No more plaintext is kept. */
  get full(): boolean {
    return this.inbox.length >= RECEIVE_LIMIT;
  }

  receive(bytes: Bytes): number {
    if (this.#hello) {
      this.#hello.push(bytes);
      const { length } = this.#hello;
      if (length >= this.#helloLength) this.#greet(this.#hello.peek(length));
      return bytes.length;
    }
    const [count, alert] = this.#records.untilAlert(bytes);
    if (alert) this.#ciphertext.pause();
    this.#push(bytes.subarray(0, count));
    return count;
  }

  /** Answers the first message of a client, once it is there. */
  #greet(bytes: Bytes): void {
    const hello = readHello(bytes);
    if (typeof hello === "number") return void (this.#helloLength = hello);
    if (typeof hello === "string") return this.fail(sslError(hello));
    this.#hello = null;
    const { profile } = this.side;
    const offered = hello?.protocols ?? [];
    // Without a protocol in common the connection has none, as with OpenSSL.
    const protocol = profile.protocols.find((each) => offered.includes(each));
    const { stream } = this.#ciphertext;
    this.#tried(() => acceptTls(stream, this.side, protocol, this));
    this.#records.untilAlert(bytes);
    // What a stream has at first is read in a way that loses the alert of an
    // error.
    this.#ciphertext.pause(() => this.#push(bytes));
  }

  #push(bytes: Bytes): void {
    this.#tried(() => this.#ciphertext.stream.push(bytes));
  }

  /** Has Node do something: what it throws is a failure like any other. */
  #tried(action: () => void): void {
    try {
      action();
    } catch (cause) {
      this.failed(cause);
    }
  }

  end(): void {
    if (this.ended !== null || this.state === "failed") return;
    if (this.state === "handshaking") return this.fail(endOfFile());
    this.ended = this.side.profile.ignoreEof ? "closed" : "ragged";
    this.#owner.changed();
  }

  broken(error: OSError): void {
    if (this.state === "handshaking") return this.fail(error);
    this.sendError ??= error;
    this.#owner.changed();
  }

  fail(error: OSError): void {
    if (this.state === "failed") return;
    this.state = "failed";
    this.error = error;
    this.#unsent = 0;
    this.#early = [];
    this.sent();
    this.#owner.changed();
  }

  /** Who waits for plaintext has changed. */
  demand(calls: boolean, background: boolean): void {
    this.#ciphertext.demand(calls, background);
  }

  /** Moves what can be moved now. */
  pump(): void {
    this.#ciphertext.pump();
  }

  // Plaintext

  /** Gives up the first bytes that have arrived. */
  skip(count: number): void {
    const { full } = this;
    this.inbox.skip(count);
    if (full && !this.full) this.#ciphertext.schedule();
  }

  /** How much can be sent without waiting. */
  get room(): number {
    if (this.state !== "open" || this.finished) return 0;
    return Math.max(0, SEND_LIMIT - this.#unsent);
  }

  /** Sends the front of `data`; how much. */
  send(data: Bytes): number {
    const count = Math.min(data.length, this.room);
    if (count > 0) this.enqueue(data.slice(0, count));
    return count;
  }

  /** Sends bytes whether there is room or not, also before the handshake is done. */
  enqueue(bytes: Bytes): void {
    if (this.finished || this.sendError || this.state === "failed") return;
    this.#unsent += bytes.length;
    if (this.state === "open") this.#write(bytes);
    else this.#early.push(bytes);
  }

  #write(bytes: Bytes): void {
    this.#socket!.write(bytes, () => {
      if (this.state === "failed") return;
      this.#unsent -= bytes.length;
      this.sent();
      this.#owner.changed();
    });
  }

  /** Plaintext or ciphertext waits to be sent. */
  get sending(): boolean {
    return this.#unsent > 0 || this.#ciphertext.sending;
  }

  sent(): void {
    if (this.#waiting.length === 0) return;
    const idle = !this.sending;
    const settled = idle || this.#ciphertext.blocked;
    const waiting = this.#waiting.splice(0);
    for (const wait of waiting) {
      if (wait.delivery ? idle : settled) wait.resolve();
      else this.#waiting.push(wait);
    }
  }

  /** Resolves once all is sent, or nothing can be for now. */
  flushed(): Promise<void> {
    return this.#wait(false);
  }

  /** Resolves once all is sent. */
  #delivered(): Promise<void> {
    return this.#wait(true);
  }

  #wait(delivery: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ delivery, resolve });
      this.sent();
    });
  }

  // The end

  /** Ends the outgoing plaintext behind what is to be sent. */
  finish(then: () => void = () => {}): void {
    if (this.finished) return;
    this.finished = true;
    if (this.state === "failed") return then();
    if (this.state === "open") this.#end(then);
    else this.#finishing = then;
  }

  #end(then: () => void): void {
    this.#socket!.end(() =>
      // Node tells of the end before it has written it.
      afterEvents(async () => {
        await this.#delivered();
        this.#finishSent = true;
        this.#whenFinished();
        then();
        this.#owner.changed();
      })
    );
  }

  /**
   * Takes the TLS layer off: `true` once both sides have ended it, `undefined`
   * as long as that has to be waited for.
   */
  unwrap(): true | undefined {
    const error = this.error ?? this.sendError;
    if (error) throw error;
    if (this.state === "handshaking") throw sslError("SHUTDOWN_WHILE_IN_INIT");
    this.finish();
    this.pump();
    if (this.inbox.length > 0) {
      throw sslError("APPLICATION_DATA_AFTER_CLOSE_NOTIFY");
    }
    if (this.ended === "ragged") throw endOfFile();
    return this.ended === "closed" && this.#finishSent ? true : undefined;
  }

  /** Calls `done` once all that was sent is on its way, or can't be. */
  close(done: () => void): void {
    this.#closing = true;
    // The alert that tells the peer of a failure is about to be written.
    if (this.state === "failed") afterEvents(() => this.#deliver(done));
    else this.#deliver(done);
  }

  #deliver(done: () => void): void {
    const ending = this.finished && !this.#finishSent && this.state === "open";
    if (!this.sending && !ending) return this.#stop(done);
    const timer = setTimeout(() => this.#stop(done), LINGER);
    this.#ciphertext.rearm();
    const delivered = ending
      ? new Promise<void>((resolve) => this.#whenFinished = resolve)
      : this.#delivered();
    delivered.then(() => {
      clearTimeout(timer);
      this.#stop(done);
    });
  }

  #stop(done: () => void): void {
    if (this.#closed) return;
    this.#closed = true;
    this.release();
    // Nobody else tells those who wait yet.
    for (const { resolve } of this.#waiting.splice(0)) resolve();
    done();
  }

  /** Ends the session; the bytes behind its end. */
  release(): Bytes {
    const rest = this.#ciphertext.takeRest();
    this.#ciphertext.stop();
    return rest;
  }
}
