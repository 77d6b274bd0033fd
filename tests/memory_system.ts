/**
 * Sockets of a system that exists in memory.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { concat } from "../socket/bytes.ts";
import * as c from "../socket/constants.ts";
import { OSError } from "../socket/errors.ts";
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
} from "../socket/reactor/events.ts";
import { fromInternet, toInternet } from "../socket/names/numeric.ts";
import { fromPath } from "../socket/names/unix_address.ts";
import * as t from "../socket/transport/transport.ts";

/** Bytes in an array of their own. */
export type Data = Uint8Array<ArrayBuffer>;

const NOTHING = { data: new Uint8Array(0), address: null, flags: 0 };
/** Options and their values, by `level,name`. */
const OPTIONS: [string, number][] = [["1,7", 262144], ["1,8", 65536]];

/** Numbers below are those of other sockets in the process. */
const FIRST = 500;
const descriptors: (MemorySocket | null)[] = Array(FIRST).fill(null);
/** The sockets that have an address. */
const bound = new Map<string, MemorySocket>();
let ports = 49152;

const UNBOUND = fromInternet(["0.0.0.0", 0]);

/** Raises an error of the system. */
export function fail(code: number): never {
  throw new OSError(code);
}

/** The lowest number that stands for nothing, for a socket. */
export function open(socket: MemorySocket): number {
  const free = descriptors.indexOf(null, FIRST);
  const fd = free < 0 ? descriptors.length : free;
  descriptors[fd] = socket;
  return fd;
}

/** The socket of a descriptor. */
export function socketOf(fd: number): MemorySocket {
  return descriptors[fd] ?? fail(errno.EBADF);
}

/** Frees a number; the last one of a socket ends it. */
export function close(fd: number): void {
  const socket = socketOf(fd);
  descriptors[fd] = null;
  if (!descriptors.includes(socket)) socket.end();
}

/** The part of a socket that all of its descriptors share. */
export class MemorySocket {
  /** Called with the events that have come true. */
  readonly listeners: Set<(events: number) => void> = new Set();
  readonly family: number;
  readonly type: number;
  readonly options: Map<string, number | Data>;
  phase: t.Phase = "new";
  name: t.SocketAddress;
  peername: t.SocketAddress | null = null;
  peer: MemorySocket | null = null;
  inbox: t.Message[] = [];
  waiting: MemorySocket[] = [];
  backlog = 0;
  error: OSError | null = null;
  /** Nothing more is received, or sent. */
  readEnded = false;
  writeEnded = false;
  closed = false;

  constructor(
    family: number,
    type: number,
    options: Iterable<[string, number | Data]> = OPTIONS,
  ) {
    this.family = family;
    this.type = type;
    this.options = new Map(options);
    this.name = family === c.AF_UNIX ? fromPath("") : UNBOUND;
  }

  /** Two sockets that are connected. */
  static pair(type: number): [MemorySocket, MemorySocket] {
    const a = new MemorySocket(c.AF_UNIX, type);
    const b = new MemorySocket(c.AF_UNIX, type);
    a.meet(b);
    b.meet(a);
    return [a, b];
  }

  get #stream(): boolean {
    return this.type === c.SOCK_STREAM;
  }

  #size(name: number): number {
    return Number(this.options.get(`${c.SOL_SOCKET},${name}`));
  }

  /** How many bytes may be sent. */
  get #room(): number {
    const inbox = this.peer?.inbox ?? [];
    const queued = inbox.reduce((sum, { data }) => sum + data.length, 0);
    return this.#size(c.SO_SNDBUF) - queued;
  }

  /** `POLL` bits. */
  get readiness(): number {
    if (this.phase === "listening") return this.waiting.length && POLLIN;
    if (this.phase === "connecting") return 0;
    if (this.error) return POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP;
    const usable = this.phase === "connected" || t.isConnectionless(this);
    if (!usable) return POLLOUT | POLLHUP;
    const end = this.readEnded && this.inbox.length === 0;
    return (this.inbox.length && POLLIN) |
      (this.readEnded ? POLLIN | POLLRDHUP : 0) |
      (this.writeEnded || this.#room > 0 ? POLLOUT : 0) |
      (end && this.writeEnded ? POLLHUP : 0);
  }

  /** Calls the listeners. */
  wake(events: number): void {
    for (const listener of this.listeners) listener(events);
  }

  /** Fetches the error. */
  takeError(): OSError | null {
    const { error } = this;
    this.error = null;
    return error;
  }

  #break(code: number): void {
    this.error = new OSError(code);
    this.wake(POLLERR);
  }

  /** Reads an option. */
  getsockopt(level: number, name: number): number | Data {
    if (level === c.SOL_SOCKET) {
      switch (name) {
        case c.SO_ERROR:
          return this.takeError()?.errno ?? 0;
        case c.SO_TYPE:
          return this.type;
        case c.SO_ACCEPTCONN:
          return Number(this.phase === "listening");
      }
    }
    return this.options.get(`${level},${name}`) ?? 0;
  }

  /** Sets an option. */
  setsockopt(level: number, name: number, value: number | Data): void {
    this.options.set(`${level},${name}`, value);
    this.wake(this.readiness);
  }

  /** The state, for another thread. */
  snapshot(): t.Snapshot {
    const { phase, name, peername, writeEnded } = this;
    return { phase, sockname: name, peername, writeEnded };
  }

  /** Takes an address. */
  bind(address: t.SocketAddress): void {
    const isBound = bound.get(String(this.name)) === this;
    if (isBound || this.phase !== "new") fail(errno.EINVAL);
    if (bound.has(String(address))) fail(errno.EADDRINUSE);
    if (this.family === c.AF_UNIX) this.name = address;
    else {
      const [host, port] = toInternet(address);
      this.name = fromInternet([host, port || ports++]);
    }
    bound.set(String(this.name), this);
  }

  /** Lets connections wait. */
  listen(backlog: number): void {
    if (t.isConnectionless(this)) fail(errno.EOPNOTSUPP);
    if (!["new", "listening"].includes(this.phase)) fail(errno.EINVAL);
    this.phase = "listening";
    this.backlog = backlog + 1;
  }

  /** The next connection that waits, unless another holder gets it. */
  accept(late: boolean): MemorySocket | undefined {
    if (this.phase !== "listening") fail(errno.EINVAL);
    return late ? undefined : this.waiting.shift();
  }

  /** Starts to connect; whether that is all there is to do. */
  connect(address: t.SocketAddress): boolean {
    if (this.phase === "connecting") fail(errno.EALREADY);
    if (this.phase !== "new") fail(errno.EISCONN);
    if (this.error) throw this.takeError();
    if (t.isConnectionless(this)) this.peername = address;
    else {
      this.phase = "connecting";
      queueMicrotask(() => this.#connect(address));
    }
    return t.isConnectionless(this);
  }

  #connect(address: t.SocketAddress): void {
    if (this.closed) return;
    this.phase = "new";
    const listener = bound.get(String(address));
    const backlog = listener?.phase === "listening" ? listener.backlog : 0;
    if (!listener || listener.waiting.length >= backlog) {
      return this.#break(errno.ECONNREFUSED);
    }
    if (this.name === UNBOUND) this.bind(fromInternet(["127.0.0.1", 0]));
    const { family, type, options } = listener;
    const accepted = new MemorySocket(family, type, options);
    accepted.name = listener.name;
    accepted.meet(this);
    this.meet(accepted);
    listener.waiting.push(accepted);
    listener.wake(POLLIN);
  }

  /** Is connected with another one from now on. */
  meet(peer: MemorySocket): void {
    this.phase = "connected";
    this.peer = peer;
    this.peername = peer.name;
    this.wake(POLLOUT);
  }

  /** Sends as many bytes as there is room for, or a record. */
  send(
    data: Data,
    address: t.SocketAddress | null,
    ancillary: readonly t.ControlMessage[],
  ): number | undefined {
    if (this.phase === "connecting") return undefined;
    if (this.error) throw this.takeError();
    if (this.writeEnded) fail(errno.EPIPE);
    let { peer } = this;
    if (t.isConnectionless(this)) {
      const to = address ?? this.peername;
      if (!to && !peer) fail(errno.EDESTADDRREQ);
      if (this.name === UNBOUND) this.bind(fromInternet(["127.0.0.1", 0]));
      peer = bound.get(String(to)) ?? peer;
    } else if (!peer || peer.closed) fail(errno.EPIPE);
    if (this.#room <= 0) return undefined;
    const front = data.slice(0, this.#stream ? this.#room : undefined);
    const from = this.#stream ? null : this.name || null;
    peer?.receive({ data: front, address: from, flags: 0, ancillary });
    return front.length;
  }

  /** Something has come for it. */
  receive(message: t.Message): void {
    const nothing = this.#stream && message.data.length === 0;
    if (nothing || this.readEnded) return;
    this.inbox.push(message);
    this.wake(POLLIN);
  }

  /**
   * Up to `count` bytes of the stream, or a record, with their ancillary data;
   * they stay.
   */
  look(
    count: number,
    flags: number,
    controlSize: number,
  ): t.Message | undefined {
    if (this.phase === "connecting") return undefined;
    const usable = this.phase === "connected" || t.isConnectionless(this);
    if (!usable && !this.error) fail(errno.ENOTCONN);
    const [first] = this.inbox;
    if (!first && this.error) throw this.takeError();
    if (!first) return this.readEnded ? { ...NOTHING, end: true } : undefined;
    const most = this.#stream
      ? Math.min(count, this.#size(c.SO_RCVBUF))
      : count;
    const whole = this.#stream ? this.#front(most) : first.data;
    const ended = this.readEnded || this.error !== null;
    const short = this.#stream && !ended && whole.length < most;
    if (short && flags & c.MSG_WAITALL) return undefined;
    const { ancillary = [] } = first;
    const size = ancillary.reduce((sum, [, , data]) => sum + data.length, 0);
    const cut = size > controlSize;
    return {
      ...first,
      data: whole.slice(0, most),
      flags: (whole.length > most ? c.MSG_TRUNC : 0) |
        (cut ? c.MSG_CTRUNC : 0),
      ancillary: cut ? [] : ancillary,
    };
  }

  /** The first bytes of the stream, up to those with ancillary data. */
  #front(most: number): Data {
    const parts: Data[] = [];
    for (const { data, ancillary } of this.inbox) {
      if (most <= 0 || parts.length > 0 && ancillary?.length) break;
      parts.push(data.subarray(0, most));
      most -= data.length;
    }
    return concat(parts);
  }

  /** Puts bytes of the stream back before the others. */
  putBack(data: Data): void {
    if (data.length === 0) return;
    this.inbox.unshift({ ...NOTHING, data });
  }

  /** Gives up the first `count` bytes of the stream, or the first record. */
  skip(count: number): void {
    const full = this.peer !== null && this.peer.#room <= 0;
    do {
      const { data, ...rest } = this.inbox.shift()!;
      if (this.#stream && data.length > count) {
        const left = data.subarray(count);
        this.inbox.unshift({ ...rest, data: left, ancillary: [] });
      }
      count -= data.length;
    } while (this.#stream && count > 0);
    if (full) this.peer?.wake(POLLOUT);
  }

  /** Closes one direction or both. */
  shutdown(how: number): void {
    if (this.phase === "listening") {
      if (how === c.SHUT_WR) return;
      this.phase = "new";
      this.#reset();
    } else if (!this.peername && !this.peer) fail(errno.ENOTCONN);
    else {
      if (how !== c.SHUT_WR) this.readEnded = true;
      if (how !== c.SHUT_RD) this.#endWriting();
    }
    this.wake(this.readiness | POLLIN);
  }

  /** Takes over what another thread left. */
  resume({ bytes, messages, error, unsent }: t.Leftovers): void {
    this.inbox.unshift(...messages);
    this.putBack(bytes);
    this.error ??= error as OSError | null;
    for (const item of unsent) {
      if ("how" in item) this.shutdown(item.how);
      else this.peer?.receive({ ...NOTHING, data: item.data });
    }
    this.wake(this.readiness);
  }

  #endWriting(): void {
    this.writeEnded = true;
    if (!this.peer || t.isConnectionless(this)) return;
    this.peer.readEnded = true;
    this.peer.wake(this.peer.readiness);
  }

  #reset(): void {
    for (const { peer } of this.waiting.splice(0)) {
      peer!.#break(errno.ECONNRESET);
    }
  }

  /** The last descriptor was closed. */
  end(): void {
    if (bound.get(String(this.name)) === this) bound.delete(String(this.name));
    this.closed = true;
    this.#reset();
    this.#endWriting();
  }
}
