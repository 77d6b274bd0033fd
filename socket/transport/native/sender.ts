/**
 * Sending through a socket: each operation is the system call, tried at once,
 * behind the calls that wait.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { intact } from "../../bytes.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SOCK_STREAM,
} from "../../constants.ts";
import { POLLOUT } from "../../reactor/events.ts";
import {
  type ControlMessage,
  type Endpoint,
  isConnectionless,
  type OpenFile,
  type SocketAddress,
  type Unsent,
} from "../transport.ts";
import { type Call, Calls } from "./calls.ts";
import { close } from "./descriptor.ts";
import { descriptorOf, sendFile } from "./file.ts";
import { interrupted, lastErrno, libc, MOST } from "./libc.ts";
import { sendRecord } from "./message.ts";
import type { PolledSocket } from "./polled.ts";
import { Owed } from "./returned.ts";
import { checkSend } from "./send_permission.ts";
import { sockaddr } from "./sockaddr.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const NONE = new Uint8Array(0);
const DONE = Promise.resolve();
/**
 * Families whose streams raise SIGPIPE, should the process not ignore it, and
 * take the flag against it: some others refuse any flag.
 */
const SIGNALLING: readonly number[] = [AF_INET, AF_INET6, AF_UNIX];

/** A {@linkcode Sender.write} that waits. */
class WriteCall implements Call<void> {
  next: Call<never> | null = null;
  resolve!: (result: void | Promise<never>) => void;
  readonly #sender: Sender;
  readonly #data: Bytes;
  readonly #length: number;
  #sent: number;

  /** @param sent So many bytes have been sent already. */
  constructor(sender: Sender, data: Bytes, sent: number) {
    this.#sender = sender;
    this.#data = data;
    this.#length = data.length;
    this.#sent = sent;
  }

  attempt(): boolean {
    // Of an empty datagram nothing is left, though it may not be sent yet.
    do {
      const rest = intact(this.#data, this.#length).subarray(this.#sent);
      const count = this.#sender.trySend(rest);
      if (count === undefined) return false;
      this.#sent += count;
    } while (this.#sent < this.#length);
    this.resolve();
    return true;
  }
}

/** The way out of one socket. */
export class Sender extends Calls {
  readonly #socket: PolledSocket & Endpoint;
  /**
   * Flags of every call. Another process that has the socket too may let it
   * block.
   */
  readonly #flags: number;
  #owed: Owed | null = null;

  constructor(socket: PolledSocket & Endpoint) {
    super();
    this.#socket = socket;
    this.#flags = SIGNALLING.includes(socket.family)
      ? MSG_DONTWAIT | MSG_NOSIGNAL
      : MSG_DONTWAIT;
  }

  /** Whether nothing waits to be sent. */
  get idle(): boolean {
    return this.empty && this.#owed === null;
  }

  /** Whether something has to be sent even if the socket is closed. */
  get owes(): boolean {
    return this.#owed !== null;
  }

  /** Takes over what another thread had still to send. */
  resume(unsent: readonly Unsent[]): void {
    if (unsent.length === 0) return;
    this.#socket.register();
    this.#owed = new Owed(this.#socket, unsent, this.#flags);
    this.serve();
  }

  /** Has what waits try again. */
  override serve(): void {
    if (this.#owed?.send()) {
      this.#owed = null;
      // It was closed before, but for this.
      if (this.#socket.closed) this.#socket.finish();
    }
    super.serve();
  }

  /**
   * See {@linkcode Endpoint.write}. Behind calls that wait outside the queue,
   * because they have a time-out, it has to wait there too.
   */
  write(data: Bytes): Promise<void> | undefined {
    const socket = this.#socket;
    const sent = this.send(data, 0);
    if (sent === data.length) return socket.pace() ?? DONE;
    if (sent === undefined && socket.awaits(POLLOUT)) return undefined;
    return socket.enqueue(this, new WriteCall(this, data, sent ?? 0));
  }

  /**
   * See {@linkcode Endpoint.send}. Where others have to have their turn, it is
   * the caller who waits afterwards, so that the bytes are those of the call.
   */
  send(data: Bytes, flags: number): number | undefined {
    const socket = this.#socket;
    socket.check();
    // Calls that wait come first.
    return this.idle && socket.writable ? this.#send(data, flags) : undefined;
  }

  /** As {@linkcode send}, for the call whose turn it is. */
  trySend(data: Bytes): number | undefined {
    const socket = this.#socket;
    socket.check();
    if (!socket.writable || !socket.admit()) return undefined;
    return this.#send(data, 0);
  }

  #send(data: Bytes, flags: number): number | undefined {
    const length = Math.min(data.length, MOST);
    const { fd } = this.#socket;
    flags |= this.#flags;
    let count;
    do {
      count = libc.send(fd, data, length, flags);
    } while (interrupted(count));
    return count < 0 ? this.#failed() : count;
  }

  /** See {@linkcode Endpoint.sendMessage}. */
  sendMessage(
    data: Bytes,
    flags: number,
    address: SocketAddress | null,
    ancillary: readonly ControlMessage[] = [],
  ): number | undefined {
    if (address === null && ancillary.length === 0) {
      return this.send(data, flags);
    }
    const socket = this.#socket;
    socket.check();
    if (!this.idle) return undefined;
    const { fd, family } = socket;
    // The kernel refuses another destination than the peer of these.
    const bound = family === AF_UNIX && !isConnectionless(socket);
    if (address !== null && !bound) checkSend(socket, address);
    const to = address === null ? NONE : sockaddr(family, address);
    if (!socket.writable) return undefined;
    flags |= this.#flags;
    const name = to.length > 0 ? to : null;
    const length = Math.min(data.length, MOST);
    let count;
    do {
      count = ancillary.length > 0
        ? sendRecord(fd, data, flags, to, ancillary)
        : libc.sendto(fd, data, length, flags, name, to.length);
    } while (interrupted(count));
    return count < 0 ? this.#failed() : count;
  }

  /** Raises the error of the last call, unless that only has to wait. */
  #failed(): undefined {
    const code = lastErrno();
    // The kernel tells when there is room again, except for some records. Until
    // then, no other call's bytes may come between those of one that waits.
    if (code === errno.EAGAIN && this.#socket.type === SOCK_STREAM) {
      this.#socket.writable = false;
    }
    return this.#socket.failed(code);
  }

  /** See {@linkcode Endpoint.openFile}. */
  openFile(file: Deno.FsFile): OpenFile | null {
    const fd = descriptorOf(file);
    if (fd === null) return null;
    return {
      send: (offset, count) => this.#sendFile(fd, offset, count),
      close: () => void close(fd),
    };
  }

  #sendFile(file: number, offset: number, count: number): number | undefined {
    const socket = this.#socket;
    socket.check();
    if (!this.idle || !socket.writable || !socket.admit()) return undefined;
    let sent;
    do {
      sent = sendFile(socket.fd, file, offset, count);
    } while (interrupted(sent));
    return sent < 0 ? this.#failed() : sent;
  }
}
