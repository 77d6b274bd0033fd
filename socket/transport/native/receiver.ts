/**
 * Receiving from a socket: each operation is the system call, tried at once,
 * behind the calls that wait.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { intact } from "../../bytes.ts";
import {
  AF_UNIX,
  MSG_CMSG_CLOEXEC,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SOCK_STREAM,
} from "../../constants.ts";
import { POLLERR, POLLHUP, POLLIN, POLLRDHUP } from "../../reactor/events.ts";
import {
  type Accepted,
  type Endpoint,
  isConnectionless,
  type Leftovers,
  type Message,
} from "../transport.ts";
import { type Call, Calls } from "./calls.ts";
import { type Front, joined } from "./front.ts";
import { interrupted, lastErrno, libc, MOST } from "./libc.ts";
import { receiveRecord } from "./message.ts";
import type { PolledSocket } from "./polled.ts";
import { ReadSize } from "./read_size.ts";
import { holds, mayHold } from "./registrations.ts";
import { Received } from "./returned.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The largest read into memory that is kept, in bytes. */
const SCRATCH = 64 * 1024;
const scratch = new Uint8Array(SCRATCH);
const NONE = new Uint8Array(0);
/** Urgent data and errors are apart from what else there is to be read. */
const APART = MSG_OOB | MSG_ERRQUEUE;

/** A {@linkcode Receiver.receive} that waits. */
class ReceiveCall implements Call<Bytes> {
  next: Call<never> | null = null;
  resolve!: (result: Bytes | Promise<never>) => void;
  readonly #receiver: Receiver;
  readonly #count: number;

  constructor(receiver: Receiver, count: number) {
    this.#receiver = receiver;
    this.#count = count;
  }

  attempt(): boolean {
    const bytes = this.#receiver.tryRecv(this.#count, 0);
    if (bytes === undefined) return false;
    this.resolve(bytes);
    return true;
  }
}

/** A {@linkcode Receiver.read} that waits. */
class ReadCall implements Call<number> {
  next: Call<never> | null = null;
  resolve!: (result: number | Promise<never>) => void;
  readonly #receiver: Receiver;
  readonly #buffer: Bytes;
  readonly #size: number;

  constructor(receiver: Receiver, buffer: Bytes) {
    this.#receiver = receiver;
    this.#buffer = buffer;
    this.#size = buffer.length;
  }

  attempt(): boolean {
    const buffer = intact(this.#buffer, this.#size);
    const count = this.#receiver.tryRecvInto(buffer, 0);
    if (count === undefined) return false;
    this.resolve(count);
    return true;
  }
}

/** The way in of one socket. */
export class Receiver extends Calls {
  readonly #socket: PolledSocket & Endpoint;
  readonly #isStream: boolean;
  readonly #size = new ReadSize();
  /** Bytes that were put back. */
  readonly front: Front;
  /** What came along from another thread. */
  #received: Received | null = null;
  #error: Error | null = null;

  constructor(socket: PolledSocket & Endpoint, front: Front) {
    super();
    this.#socket = socket;
    this.#isStream = socket.type === SOCK_STREAM;
    this.front = front;
    front.join(socket);
  }

  // What the kernel doesn't know of

  /** Takes over what another thread had received. */
  resume(leftovers: Leftovers): void {
    const received = new Received(leftovers);
    if (!received.empty) this.#received = received;
    this.#error = leftovers.error;
    holds(this.#socket);
  }

  /** The events that are true because of that. */
  get held(): number {
    if (this.#error) return POLLIN | POLLERR;
    return this.front.length > 0 || this.isReturned ? POLLIN : 0;
  }

  /** Whether records or connections are left that came from another thread. */
  get isReturned(): boolean {
    return this.#received?.empty === false;
  }

  /** The next connection that came from another thread. */
  accept(): Accepted | undefined {
    return this.#received?.accept();
  }

  /** The error that came from another thread. */
  takeError(): Error | null {
    const error = this.#error;
    this.#error = null;
    return error;
  }

  /** Puts bytes back before those that there are. */
  putBack(bytes: Bytes): void {
    this.front.unshift(bytes);
  }

  /** Gives up what the kernel doesn't know of. */
  close(): void {
    // Nobody can accept these any more.
    this.#received?.close();
    this.front.leave(this.#socket);
  }

  // Bytes

  /**
   * See {@linkcode Endpoint.receive}. Behind calls that wait outside the queue,
   * because they have a time-out, it has to wait there too.
   */
  receive(count: number): Promise<Bytes> | undefined {
    const socket = this.#socket;
    if (socket.readable || mayHold()) {
      const bytes = this.recv(count, 0);
      if (bytes) return Promise.resolve(bytes);
    }
    if (socket.awaits(POLLIN)) return undefined;
    return socket.enqueue(this, new ReceiveCall(this, count));
  }

  /** See {@linkcode Endpoint.read}. */
  read(buffer: Bytes): Promise<number> | undefined {
    const socket = this.#socket;
    if (socket.readable || mayHold()) {
      const length = this.recvInto(buffer, 0);
      if (length !== undefined) return Promise.resolve(length);
    }
    if (socket.awaits(POLLIN)) return undefined;
    return socket.enqueue(this, new ReadCall(this, buffer));
  }

  /** See {@linkcode Endpoint.recv}. */
  recv(count: number, flags: number): Bytes | undefined {
    // Calls that wait come first.
    return this.empty ? this.tryRecv(count, flags) : undefined;
  }

  /** See {@linkcode Endpoint.recvInto}. */
  recvInto(buffer: Bytes, flags: number): number | undefined {
    return this.empty ? this.tryRecvInto(buffer, flags) : undefined;
  }

  /** As {@linkcode recv}, for the call whose turn it is. */
  tryRecv(count: number, flags: number): Bytes | undefined {
    const socket = this.#socket;
    socket.check();
    if (this.#received && !this.#isStream) {
      const message = this.#received.message(count, flags);
      if (message) return message.data;
    }
    if (!this.#isStream || flags & (MSG_PEEK | MSG_TRUNC)) {
      if (flags & MSG_WAITALL) return this.#peekAll(count, flags);
      if (this.front.length === 0) return this.#receiveCopy(count, flags);
    }
    if (this.front.length > 0) return this.#receiveBehind(count, flags);
    if (this.#error) throw this.takeError();
    const size = this.#size.next(count);
    if (size === 0) {
      const room = Math.min(count, SCRATCH);
      const length = this.#receive(scratch, room, flags);
      if (length === undefined) return undefined;
      this.#size.learn(length, room);
      return scratch.slice(0, length);
    }
    if (!socket.readable) return undefined;
    const bytes = new Uint8Array(size);
    const length = this.#receive(bytes, size, flags);
    if (length === undefined) return undefined;
    this.#size.learn(length, size);
    // A view keeps the whole array in memory.
    return length < size / 2
      ? bytes.slice(0, length)
      : bytes.subarray(0, length);
  }

  /** As {@linkcode recvInto}, for the call whose turn it is. */
  tryRecvInto(buffer: Bytes, flags: number): number | undefined {
    this.#socket.check();
    // Asking this once is cheaper than asking for each.
    if (mayHold()) {
      const bytes = this.#tryHeld(buffer.length, flags);
      if (bytes) buffer.set(bytes);
      if (bytes) return bytes.length;
    }
    return this.#receive(buffer, buffer.length, flags & ~MSG_WAITALL);
  }

  /** Receives what the kernel doesn't know of, and what it has behind that. */
  #tryHeld(count: number, flags: number): Bytes | undefined {
    if (this.#received && !this.#isStream) {
      const message = this.#received.message(count, flags);
      if (message) return message.data;
    }
    if (this.front.length > 0) return this.#receiveBehind(count, flags);
    if (this.#error) throw this.takeError();
    return undefined;
  }

  #receive(buffer: Bytes, count: number, flags: number): number | undefined {
    const socket = this.#socket;
    if (!socket.readable && !(flags & APART)) return undefined;
    if (!socket.admit()) return undefined;
    count = Math.min(count, MOST);
    // Another process that has the socket too may let it block.
    flags |= MSG_DONTWAIT;
    let length;
    do {
      length = libc.recv(socket.fd, buffer, count, flags);
    } while (interrupted(length));
    if (length < 0) return this.#failed(flags);
    // A TCP stream that gave less is empty, and the poller tells when that
    // changes. Others may have more: AF_UNIX stops behind descriptors.
    if (length < count && socket.isTcp && !(flags & MSG_PEEK)) {
      socket.emptied();
    }
    return length;
  }

  /** Raises the error of the last call, unless that only has to wait. */
  #failed(flags: number): number | undefined {
    const code = lastErrno();
    if (this.#isOver(code)) return 0;
    if (code === errno.EAGAIN && !(flags & APART)) this.#socket.blocked();
    return this.#socket.failed(code);
  }

  #receiveCopy(count: number, flags: number): Bytes | undefined {
    count = Math.min(count, MOST);
    // With MSG_TRUNC, what is told to be there may not have been written.
    const kept = count <= SCRATCH && !(flags & MSG_TRUNC);
    const buffer = kept ? scratch : new Uint8Array(count);
    const length = this.#receive(buffer, count, flags);
    return length === undefined ? undefined : buffer.slice(0, length);
  }

  /** Receives bytes that were put back, and the kernel's bytes behind them. */
  #receiveBehind(count: number, flags: number): Bytes {
    const first = this.front.look(count);
    if (!(flags & MSG_PEEK)) this.front.skip(first.length);
    const left = count - first.length;
    // An error is left for the next call to raise.
    if (left === 0 || this.#socket.readiness & POLLERR) return first;
    const rest = this.#receiveCopy(left, flags & ~MSG_WAITALL);
    return rest ? joined(first, rest) : first;
  }

  /** Peeks at `count` bytes: at fewer only when no more will come. */
  #peekAll(count: number, flags: number): Bytes | undefined {
    flags &= ~MSG_WAITALL;
    if (!this.#isStream) return this.#receiveCopy(count, flags);
    const { length } = this.front;
    const over = this.#socket.readiness & (POLLRDHUP | POLLHUP | POLLERR);
    const bytes = length > 0
      ? this.#receiveBehind(count, flags)
      : this.#receiveCopy(count, flags);
    if (!bytes || bytes.length === count || over) return bytes;
    if (bytes.length === 0) return bytes;
    // The kernel might have no room for more bytes before these are taken.
    const behind = bytes.length - length;
    if (behind > 0) this.front.push(this.#receiveCopy(behind, 0) ?? NONE);
    return undefined;
  }

  // Records

  /** See {@linkcode Endpoint.receiveMessage}. */
  receiveMessage(
    count: number,
    flags: number,
    controlSize: number,
  ): Message | undefined {
    const socket = this.#socket;
    socket.check();
    if (!this.empty) return undefined;
    const returned = this.#received?.message(count, flags);
    if (returned) return returned;
    if (this.front.length > 0) {
      const known = controlSize > 0 ? this.front.length : count;
      // Behind them there may be control messages.
      const data = this.#receiveBehind(Math.min(count, known), flags);
      return { data, address: null, flags: 0 };
    }
    if (this.#error) throw this.takeError();
    if (!socket.admit()) return undefined;
    const asked = flags & MSG_CMSG_CLOEXEC;
    flags |= MSG_DONTWAIT;
    // Descriptors that come are closed in child processes. Families that have
    // none refuse the flag.
    if (socket.family === AF_UNIX) flags |= MSG_CMSG_CLOEXEC;
    const received = receiveRecord(socket.fd, count, flags, controlSize);
    if (received === null) {
      if (this.#failed(flags) === undefined) return undefined;
      return { data: NONE, address: null, flags: 0, end: true };
    }
    const message = {
      ...received,
      flags: received.flags & ~MSG_CMSG_CLOEXEC | asked,
    };
    const over = message.data.length === 0 && !isConnectionless(socket) &&
      (socket.readiness & (POLLRDHUP | POLLHUP)) !== 0;
    return over ? { ...message, end: true } : message;
  }

  /**
   * Whether the way in of a connectionless socket was shut down. The kernel
   * tells that only to a call that waits within it.
   */
  #isOver(code: number): boolean {
    const socket = this.#socket;
    return code === errno.EAGAIN && socket.ending &&
      isConnectionless(socket) && (socket.readiness & POLLRDHUP) !== 0;
  }
}
