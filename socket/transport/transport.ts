/**
 * The one interface below `Socket`.
 *
 * An {@linkcode Endpoint} is a reactor's view of an open socket, as in mio or
 * libuv: operations that never wait, a level-triggered mask of what could be
 * done now, and a way to be woken when that may have changed. Blocking calls,
 * time-outs, `select` and `poll` are built on these three, once, for every
 * transport.
 *
 * @module
 */

import { SOCK_SEQPACKET, SOCK_STREAM } from "../constants.ts";
import type { Source } from "../reactor/readiness.ts";

declare const opaque: unique symbol;

/**
 * An address of any family, as text, numbers and arrays that survive JSON. Only
 * the family's own code (`names/families.ts`) knows its form.
 *
 * Names of hosts are looked up before a transport gets the address. Two are
 * left in it: those given to {@linkcode Endpoint.bind}, which can't wait, and
 * those that only the transport may look up.
 */
export interface SocketAddress {
  readonly [opaque]: never;
}

/** The state of a socket of a connection-oriented type. */
export type Phase = "new" | "listening" | "connecting" | "connected" | "failed";

/** The status of an endpoint, as its users see it. */
export interface Snapshot {
  /** Without meaning for a connectionless type. */
  readonly phase: Phase;
  readonly sockname: SocketAddress;
  readonly peername: SocketAddress | null;
  /** Nothing more may be sent. */
  readonly writeEnded: boolean;
  /** The longest record that can be sent, in bytes. */
  readonly longest?: number;
}

/** A connection, and the address of its peer. */
export interface Accepted {
  readonly endpoint: Endpoint;
  readonly address: SocketAddress;
}

/** Something that waits to be sent: data, or shutting down behind it. */
export type Unsent =
  | { data: Uint8Array<ArrayBuffer>; address: SocketAddress | null }
  | { how: number };

/** Data that a borrowed endpoint still had when it returned to its owner. */
export interface Leftovers {
  /** Bytes to be received before all others. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Records to be received before all others. */
  readonly messages: readonly Message[];
  /** Connections to be accepted before all others. */
  readonly accepted: readonly Accepted[];
  /** An error that was not reported yet. */
  readonly error: Error | null;
  /** To be sent before anything else, whether there is room or not. */
  readonly unsent: readonly Unsent[];
}

/** An endpoint that is ready to go. Nothing has happened yet. */
export interface Departure {
  /** Names the function that makes a descriptor of it: see `onHandOver()` of `handover.ts`. */
  readonly kind: string;
  /** The argument of that: anything that structured clone takes. */
  readonly message: unknown;
  /** Gives the descriptor up, once the message was sent. */
  send(): void;
  /** The message could not be sent: the descriptor stays. */
  cancel?: (() => void) | undefined;
}

/** The connection with another thread. */
export interface Carrier {
  /** Lends a descriptor to the other thread. */
  depart(fd: number): Departure;
  /**
   * The number that the transport of this thread has for the other one, 0 for
   * the main thread; `null` if that doesn't have the same transport.
   */
  readonly peer: number | null;
}

/** A record, or bytes of a stream, as they were received. */
export interface Message {
  /** The bytes, in an array of their own. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** The length of the whole record, if that is more, and was asked for. */
  readonly length?: number;
  /** The sender; `null` on a stream, unless an `AF_UNIX` peer has a name. */
  readonly address: SocketAddress | null;
  /** The `MSG_` flags of the system, such as `MSG_TRUNC`. */
  readonly flags: number;
  /** Control messages beside the bytes; none if left out. */
  readonly ancillary?: readonly ControlMessage[];
  /** There was no record, and none will come. An empty record is a record. */
  readonly end?: true;
}

/** One control message, such as `SCM_RIGHTS`. */
export type ControlMessage = readonly [
  level: number,
  type: number,
  data: Uint8Array<ArrayBuffer>,
];

/** An open file, parts of which the system can send by itself. */
export interface OpenFile {
  /** Sends up to `count` bytes from `offset`; how many, 0 at the file's end. */
  send(offset: number, count: number): number | undefined;
  /** Gives it up. */
  close(): void;
}

/**
 * An open socket of some transport.
 *
 * Operations that may have to wait return `undefined` instead of waiting.
 * Every failure is an `OSError`.
 */
export interface Endpoint extends Source {
  /** The address family, `AF_…`. */
  readonly family: number;
  /** The type, `SOCK_…`, without flags. */
  readonly type: number;
  /** The protocol, `IPPROTO_…` or 0. */
  readonly proto: number;
  /** The system's descriptor, if it has one; {@linkcode close} closes it. */
  readonly fd?: number;
  /**
   * Another endpoint for the same socket of the system, as by `dup(2)`. Without
   * this, the descriptors that `dup()` makes share the endpoint.
   */
  dup?(): Endpoint;
  /**
   * Whether programs that this one starts get the descriptor too; they never do
   * if this is left out.
   */
  inheritable?: boolean;

  /**
   * A call waits for this endpoint. It must stay open then,
   * though its socket may have been dropped.
   */
  readonly busy: boolean;
  /** The endpoint's status. */
  snapshot(): Snapshot;
  /**
   * How it goes to another thread; `null`, or no such method, if it has to be
   * lent.
   */
  depart?(fd: number, carrier: Carrier): Departure | null;
  /** Takes over the data of an endpoint that returns from another thread. */
  resume(leftovers: Leftovers): void;

  /** Gives the endpoint a name of its own. */
  bind(address: SocketAddress): void;
  /** Lets connections wait for {@linkcode accept}. */
  listen(backlog: number): void;
  /** The next waiting connection. */
  accept(): Accepted | undefined;
  /**
   * Starts to connect; `true` when that is all there is to do. Otherwise
   * `POLLOUT` follows, and {@linkcode takeError} tells how it ended; or calling
   * it again, which raises the error and resets the endpoint. `name` is the
   * host as the program wrote it, if it is a name: a permission may be for the
   * name only.
   */
  connect(address: SocketAddress, name?: string): boolean;
  /**
   * Up to `count` bytes, in an array of their own; none at the end of the
   * stream. `MSG_WAITALL` comes only with `MSG_PEEK`, and if it may wait.
   */
  recv(count: number, flags: number): Uint8Array<ArrayBuffer> | undefined;
  /**
   * Puts bytes of a stream back that were taken for a call that failed, before
   * those that wait.
   */
  putBack?(bytes: Uint8Array<ArrayBuffer>): void;
  /** Puts bytes into `buffer`; how many, 0 at the end of the stream. */
  recvInto(buffer: Uint8Array<ArrayBuffer>, flags: number): number | undefined;
  /** Takes a copy of the front of `data`; how much. */
  send(data: Uint8Array<ArrayBuffer>, flags: number): number | undefined;
  /**
   * As {@linkcode recv}, with what a record has beside its bytes, and up to
   * `controlSize` bytes of control messages.
   */
  receiveMessage(
    count: number,
    flags: number,
    controlSize?: number,
  ): Message | undefined;
  /** As {@linkcode send}, to an address if one is given. */
  sendMessage(
    data: Uint8Array<ArrayBuffer>,
    flags: number,
    address: SocketAddress | null,
    ancillary?: readonly ControlMessage[],
  ): number | undefined;
  /** Prepares to send parts of a file; `null` if it has to be read instead. */
  openFile?(file: Deno.FsFile): OpenFile | null;
  /** Closes one way or both: `SHUT_…`. */
  shutdown(how: number): void;
  /** Gives the endpoint up. Data already sent is still delivered. */
  close(): void;

  /** Fetches the error that no call has raised yet, as `SO_ERROR` does. */
  takeError(): Error | null;
  /** The endpoint's own address. */
  getsockname(): SocketAddress;
  /** The peer's address. */
  getpeername(): SocketAddress;
  /** The value of an option, a number or the bytes of a structure. */
  getsockopt(
    level: number,
    name: number,
    size: number,
  ): number | Uint8Array<ArrayBuffer>;
  /** Sets an option. */
  setsockopt(
    level: number,
    name: number,
    value: number | Uint8Array<ArrayBuffer>,
  ): void;

  /**
   * To be called behind a send. Gives the system a chance to take what was
   * queued, so that a program may end, or others their turn; `undefined` if none
   * of that is due.
   */
  flush?(): Promise<void> | undefined;

  /**
   * A short cut for transports whose reads complete rather than become ready:
   * waits for bytes and puts them into `buffer`, whose memory is left alone once
   * the call has ended. `undefined` when {@linkcode recvInto} has to be asked
   * first.
   */
  read?(buffer: Uint8Array<ArrayBuffer>): Promise<number> | undefined;
  /** The same for {@linkcode recv}: waits for up to `count` bytes. */
  receive?(count: number): Promise<Uint8Array<ArrayBuffer>> | undefined;
  /**
   * The same for {@linkcode send}: waits until the system took all of `data`,
   * which must not change meanwhile.
   */
  write?(data: Uint8Array<ArrayBuffer>): Promise<void> | undefined;
  /** The same for {@linkcode sendMessage}. */
  writeMessage?(
    data: Uint8Array<ArrayBuffer>,
    address: SocketAddress,
  ): Promise<void> | undefined;
}

/** Whether sockets of a type send records to anybody, without connecting. */
export function isConnectionless({ type }: Pick<Endpoint, "type">): boolean {
  return type !== SOCK_STREAM && type !== SOCK_SEQPACKET;
}
