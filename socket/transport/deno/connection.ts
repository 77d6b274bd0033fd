/**
 * A connected stream: both directions, how they close, and their readiness.
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
import type { Stream } from "./domain.ts";
import { Inbound } from "./inbound.ts";
import { Outbound } from "./outbound.ts";
import type { Settings } from "./stream_options.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * How long a closed connection tries to deliver the queued bytes, in
 * milliseconds: about as long as Linux probes a peer that doesn't read.
 */
const LINGER = 100_000;

/** Amply as many microtasks as a write takes that the system accepts at once. */
const AT_ONCE = 8;

const NONE = new Uint8Array(0);

/** Both directions of a connected stream. */
export class Connection {
  readonly stream: Stream;
  readonly inbound: Inbound;
  readonly outbound: Outbound;

  constructor(
    stream: Stream,
    limits: { receive: number; send: number },
    changed: () => void,
  ) {
    this.stream = stream;
    this.inbound = new Inbound(stream, limits.receive, changed);
    this.outbound = new Outbound(stream, limits.send, changed);
  }

  /** Applies settings that were changed. */
  configure({ keepAlive, noDelay, receive, send }: Settings): void {
    const { stream } = this;
    this.inbound.limit = receive;
    this.outbound.limit = send;
    const apply = () => {
      stream.setNoDelay?.(noDelay);
      stream.setKeepAlive?.(keepAlive);
    };
    try {
      apply();
    } catch {
      // A pending write holds the connection; an empty one gets it after that.
      stream.write(new Uint8Array(0)).then(apply).catch(() => {});
    }
  }

  /** A call waits for a read or a write. */
  get busy(): boolean {
    return this.inbound.busy || this.outbound.busy;
  }

  /** `POLL` bits, as Linux's `tcp_poll` sets them. */
  get readiness(): number {
    const { inbound, outbound } = this;
    let events = 0;
    if (inbound.length > 0) events |= POLLIN;
    if (inbound.ended) events |= POLLIN | POLLRDHUP;
    if (outbound.room > 0 || this.finished) events |= POLLOUT;
    if (inbound.ended && this.finished) events |= POLLHUP;
    if (this.#failure) {
      events |= POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP;
    }
    return events;
  }

  /** The error to report, once there is nothing to read before it. */
  get #failure(): OSError | null {
    const { inbound, outbound } = this;
    return inbound.error ?? (inbound.ended ? outbound.error : null);
  }

  /** Nothing more may be sent. A failed read means that both directions are. */
  get finished(): boolean {
    return this.outbound.ended || this.inbound.failed;
  }

  /** Fetches and clears the error. Bytes that came before it stay readable. */
  takeError(): OSError | null {
    const error = this.inbound.error ?? this.outbound.error;
    this.inbound.error = this.outbound.error = null;
    return error;
  }

  /**
   * Up to `count` unread bytes, in place until {@linkcode Inbound.skip}: none
   * at the end of the stream, `undefined` before it.
   */
  peek(count: number): Bytes | undefined {
    const { inbound } = this;
    if (inbound.length > 0) return inbound.peek(count);
    const failure = this.#failure;
    // EPIPE concerns the caller that sends, not the one that receives.
    if (failure && failure.errno !== errno.EPIPE) throw this.takeError();
    return inbound.ended || count === 0 ? NONE : undefined;
  }

  /**
   * As {@linkcode peek}, but reads further ahead, up to `SO_RCVBUF`, so that
   * later calls see more. With `all` it gives `undefined` before there are
   * `count` bytes or the end.
   */
  look(count: number, all: boolean): Bytes | undefined {
    const { inbound } = this;
    if (inbound.length > 0) inbound.extend(count);
    const few = inbound.length < Math.min(count, inbound.limit);
    const more = inbound.pending && !inbound.ended;
    return all && few && more ? undefined : this.peek(count);
  }

  /** Queues the front of `data`; how much. */
  send(data: Bytes): number | undefined {
    this.#checkWritable();
    return this.outbound.room === 0 ? undefined : this.outbound.queue(data);
  }

  /**
   * A call may wait for the next read itself: there are no unread bytes, no
   * pending read and no error.
   */
  get idle(): boolean {
    const { inbound } = this;
    return inbound.length === 0 && !inbound.pending && !inbound.ended &&
      inbound.error === null && this.outbound.error === null;
  }

  /** Writes straight from `data`, unless queued bytes go first. */
  write(data: Uint8Array): Promise<void> | undefined {
    const { outbound } = this;
    this.#checkWritable();
    return outbound.length > 0 ? undefined : outbound.write(data);
  }

  #checkWritable(): void {
    if (this.inbound.error !== null || this.outbound.error !== null) {
      throw this.takeError();
    }
    if (this.finished) throw new OSError(errno.EPIPE);
  }

  /** Takes over bytes that were received but not read, and bytes to send first. */
  resume(bytes: Bytes, unsent: readonly Unsent[]): void {
    this.inbound.putBack(bytes);
    for (const item of unsent) {
      if ("how" in item) this.shutdown(item.how);
      else if (!this.finished) this.outbound.queue(item.data, Infinity);
    }
  }

  /** Closes one direction or both. */
  shutdown(how: number): void {
    const { inbound, outbound } = this;
    if (how !== SHUT_RD) this.#finish();
    if (how !== SHUT_WR) inbound.shut();
    // A pending write would go on in memory that the caller has back. With
    // both directions closed, the stream isn't needed any more.
    if (inbound.ended && outbound.ended && outbound.busy) this.#drop();
  }

  #finish(): void {
    const { outbound } = this;
    if (outbound.ended) return;
    outbound.end();
    // It fails if the peer is gone, which the next read reports.
    outbound.flushed()
      .then(() => this.stream.closeWrite())
      .catch(() => {});
  }

  /** Closes the stream once all queued bytes are sent. */
  close(): void {
    const { inbound, outbound } = this;
    inbound.close();
    outbound.hurry();
    // Queued bytes follow an unfinished write; flushing them alone would
    // corrupt the stream.
    if (outbound.length === 0 || outbound.busy) this.#drop();
    else this.#linger();
  }

  async #linger(): Promise<void> {
    const { outbound } = this;
    // A system that has room takes the bytes at once, and no timer is needed.
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
      this.stream.close();
    } catch {
      // The stream closed by itself.
    }
  }
}
