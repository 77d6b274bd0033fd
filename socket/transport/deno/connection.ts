/**
 * A connected stream: its two ways, how they close, and what is true of them.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { SHUT_RD, SHUT_WR } from "../../constants.ts";
import { OSError } from "../../errors.ts";
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
} from "../../reactor/events.ts";
import type { Unsent } from "../transport.ts";
import { Inbound } from "./inbound.ts";
import { Outbound } from "./outbound.ts";
import type { Stream } from "./stream.ts";

/**
 * How long a closed connection goes on trying to deliver what was sent, in
 * milliseconds: about as long as Linux probes a peer that doesn't read.
 */
const LINGER = 100_000;

/** How many microtasks it takes to learn of a write that needn't wait, amply. */
const AT_ONCE = 8;

const NONE = new Uint8Array(0);

/** Both ways of a connected stream. */
export class Connection {
  readonly #stream: Stream;
  readonly inbound: Inbound;
  readonly outbound: Outbound;

  constructor(
    stream: Stream,
    limits: { receive: number; send: number },
    changed: () => void,
  ) {
    this.#stream = stream;
    this.inbound = new Inbound(stream, limits.receive, changed);
    this.outbound = new Outbound(stream, limits.send, changed);
  }

  /** The connection below. */
  get stream(): Stream {
    return this.#stream;
  }

  /** Somebody waits for a read or a write. */
  get busy(): boolean {
    return this.inbound.busy || this.outbound.busy;
  }

  /** What is true now, as Linux's `tcp_poll` has it. */
  get readiness(): number {
    const { inbound, outbound } = this;
    let events = 0;
    if (inbound.length > 0) events |= POLLIN;
    if (inbound.ended) events |= POLLIN | POLLRDHUP;
    if (outbound.room > 0 || this.#finished) events |= POLLOUT;
    if (inbound.ended && this.#finished) events |= POLLHUP;
    if (this.#failure) {
      events |= POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP;
    }
    return events;
  }

  /** What went wrong, once there is nothing to read before it. */
  get #failure(): OSError | null {
    const { inbound, outbound } = this;
    return inbound.error ?? (inbound.ended ? outbound.error : null);
  }

  /** Nothing more may be sent. A connection that failed is gone both ways. */
  get #finished(): boolean {
    return this.outbound.ended || this.inbound.failed;
  }

  /** Fetches the error that nobody has seen yet. */
  takeError(): OSError | null {
    const error = this.inbound.error ?? this.outbound.error;
    // What has come in before the failure can still be read.
    this.inbound.error = this.outbound.error = null;
    return error;
  }

  /**
   * Up to `count` bytes that wait, in place until {@linkcode Inbound.skip}:
   * none at the end of the stream, `undefined` before it.
   */
  peek(count: number): Uint8Array<ArrayBuffer> | undefined {
    const { inbound } = this;
    if (inbound.length > 0) return inbound.peek(count);
    const failure = this.#failure;
    // Sending behind the peer's end is no concern of those who receive.
    if (failure && failure.errno !== errno.EPIPE) throw this.takeError();
    return inbound.ended || count === 0 ? NONE : undefined;
  }

  /**
   * As {@linkcode peek}, but later calls see more, as far as `SO_RCVBUF` goes.
   * With `all` there is nothing to be seen before that is `count` bytes, or
   * the end.
   */
  look(count: number, all: boolean): Uint8Array<ArrayBuffer> | undefined {
    const { inbound } = this;
    if (inbound.length > 0) inbound.extend(count);
    const few = inbound.length < Math.min(count, inbound.limit);
    const more = inbound.pending && !inbound.ended;
    return all && few && more ? undefined : this.peek(count);
  }

  /** Queues the front of `data`. */
  send(data: Uint8Array<ArrayBuffer>): number | undefined {
    this.#checkWritable();
    const { outbound } = this;
    if (outbound.room === 0) return undefined;
    return outbound.queue(data);
  }

  /** As {@linkcode receive}, into `buffer`. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number> | undefined {
    if (!this.#idle || buffer.length === 0) return undefined;
    return this.inbound.read(buffer);
  }

  /** Reads ahead and takes from that, unless there is something to take first. */
  receive(count: number): Promise<Uint8Array<ArrayBuffer>> | undefined {
    if (!this.#idle || count === 0) return undefined;
    return this.inbound.receive(count);
  }

  /** Nothing has come, nothing is on its way, nothing went wrong. */
  get #idle(): boolean {
    const { inbound } = this;
    return inbound.length === 0 && !inbound.pending && !inbound.ended &&
      inbound.error === null && this.outbound.error === null;
  }

  /** Writes straight from `data`, unless something is queued before it. */
  write(data: Uint8Array): Promise<void> | undefined {
    const { outbound } = this;
    this.#checkWritable();
    return outbound.length > 0 ? undefined : outbound.write(data);
  }

  #checkWritable(): void {
    if (this.inbound.error !== null || this.outbound.error !== null) {
      throw this.takeError();
    }
    if (this.#finished) throw new OSError(errno.EPIPE);
  }

  /** Takes over what was received and not read, and what is to be sent first. */
  resume(bytes: Uint8Array<ArrayBuffer>, unsent: readonly Unsent[]): void {
    this.inbound.putBack(bytes);
    for (const item of unsent) {
      if ("how" in item) this.shutdown(item.how);
      else if (!this.#finished) this.outbound.queue(item.data, Infinity);
    }
  }

  /** Closes one way or both. */
  shutdown(how: number): void {
    const { inbound, outbound } = this;
    if (how !== SHUT_RD) this.#finish();
    if (how !== SHUT_WR) inbound.shut();
    // A write that is under way would go on in memory that is the caller's
    // again. There is nothing left that the stream is good for.
    if (inbound.ended && outbound.ended && outbound.busy) this.#drop();
  }

  #finish(): void {
    const { outbound } = this;
    if (outbound.ended) return;
    outbound.end();
    // Failure means that the peer is gone, which the way in reports.
    outbound.flushed()
      .then(() => this.#stream.closeWrite())
      .catch(() => {});
  }

  /** Gives the connection up once what was sent is on its way. */
  close(): void {
    const { inbound, outbound } = this;
    inbound.close();
    outbound.hurry();
    // What was sent behind a call that never ends would be out of place.
    if (outbound.length === 0 || outbound.busy) this.#drop();
    else this.#linger();
  }

  async #linger(): Promise<void> {
    const { outbound } = this;
    // A system that has room takes it at once, and no timer is needed.
    for (let i = 0; i < AT_ONCE && outbound.length > 0; i++) await undefined;
    if (outbound.length > 0) {
      const timer = setTimeout(() => this.#drop(), LINGER);
      await outbound.flushed();
      clearTimeout(timer);
    }
    this.#drop();
  }

  #drop(): void {
    this.inbound.leave();
    try {
      this.#stream.close();
    } catch {
      // The stream closed by itself.
    }
  }
}
