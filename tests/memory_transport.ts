/**
 * A transport without Deno or a system: sockets that exist in memory.
 *
 * It reports readiness rather than completions, and its promises are sometimes
 * wrong, as if another holder of the descriptor had been faster.
 *
 * @module
 */

import * as errno from "../errno.ts";
import * as c from "../socket/constants.ts";
import { OSError } from "../socket/errors.ts";
import { fromInternet, toInternet } from "../socket/names/numeric.ts";
import { fromPath } from "../socket/names/unix_address.ts";
import * as t from "../socket/transport/transport.ts";
import * as e from "../socket/reactor/events.ts";
import type { Watch } from "../socket/reactor/readiness.ts";
import { Watchers } from "../socket/reactor/watchers.ts";

type Data = Uint8Array<ArrayBuffer>;

const NONE: Data = new Uint8Array(0);
const listeners = new Map<string, MemoryEndpoint>();
let ports = 49152;

function fail(code: number): never {
  throw new OSError(code);
}

/** A socket in memory. */
export class MemoryEndpoint implements t.Endpoint {
  readonly #watchers = new Watchers();
  readonly #options = new Map<string, number | Data>();
  #phase: t.Phase = "new";
  #sockname = fromInternet(["0.0.0.0", 0]);
  #peername: t.SocketAddress | null = null;
  #peer: MemoryEndpoint | null = null;
  #inbox: t.Message[] = [];
  #unsent: t.Unsent[] = [];
  #waiting: t.Accepted[] = [];
  #backlog = 0;
  #error: OSError | null = null;
  #ended = false;
  #writeShut = false;
  #closed = false;
  #tries = 0;

  /** Every `lies`-th try to receive finds that somebody else was faster. */
  constructor(
    readonly family: number,
    readonly type: number,
    readonly proto = 0,
    readonly lies = 5,
  ) {}

  /** Two endpoints that are connected to each other. */
  static pair(
    type: number = c.SOCK_STREAM,
    lies?: number,
  ): [MemoryEndpoint, MemoryEndpoint] {
    const make = () => new MemoryEndpoint(c.AF_UNIX, type, 0, lies);
    const [a, b] = [make(), make()];
    a.#sockname = b.#sockname = fromPath("");
    a.#meet(b);
    b.#meet(a);
    return [a, b];
  }

  #meet(peer: MemoryEndpoint): void {
    this.#peer = peer;
    this.#peername = peer.#sockname;
    this.#phase = "connected";
  }

  get #capacity(): number {
    return Number(this.#option(c.SOL_SOCKET, c.SO_RCVBUF));
  }

  get #room(): number {
    const peer = this.#peer;
    if (!peer || peer.#closed) return 1;
    return peer.#capacity -
      peer.#inbox.reduce((sum, { data }) => sum + data.length, 0);
  }

  get readiness(): number {
    if (this.#closed) return e.POLLNVAL;
    if (this.#phase === "listening") return this.#waiting.length && e.POLLIN;
    if (this.#phase === "new" && !t.isConnectionless(this)) {
      return e.POLLOUT | e.POLLHUP;
    }
    const atEnd = this.#ended && this.#inbox.length === 0;
    const out = this.#writeShut || this.#unsent.length === 0 && this.#room > 0;
    return (this.#inbox.length > 0 || atEnd ? e.POLLIN : 0) |
      (atEnd ? e.POLLRDHUP : 0) | (out ? e.POLLOUT : 0) |
      (atEnd && this.#writeShut ? e.POLLHUP : 0) |
      (this.#error ? e.POLLERR | e.POLLIN | e.POLLOUT | e.POLLHUP : 0);
  }

  get busy(): boolean {
    return this.#watchers.calls > 0;
  }

  watch(watch: Watch): void {
    this.#watchers.add(watch);
    if (watch.events & this.readiness) watch.wake();
  }

  unwatch(watch: Watch): void {
    this.#watchers.delete(watch);
  }

  #changed(): void {
    // Sometimes in vain: everybody has to look.
    this.#watchers.wake(this.readiness | e.POLLIN);
  }

  #check(): void {
    if (this.#closed) fail(errno.EBADF);
  }

  bind(address: t.SocketAddress): void {
    this.#check();
    const [, bound] = toInternet(this.#sockname);
    if (this.#phase !== "new" || bound !== 0) fail(errno.EINVAL);
    const [host, port] = toInternet(address);
    if (listeners.has(String([host, port]))) fail(errno.EADDRINUSE);
    this.#sockname = fromInternet([host, port || ports++]);
    if (t.isConnectionless(this)) listeners.set(String(this.#sockname), this);
  }

  listen(backlog: number): void {
    this.#check();
    if (this.#phase !== "new") fail(errno.EINVAL);
    this.#phase = "listening";
    this.#backlog = backlog + 1;
    listeners.set(String(this.#sockname), this);
  }

  accept(): t.Accepted | undefined {
    this.#check();
    if (this.#phase !== "listening") fail(errno.EINVAL);
    return this.#late() ? undefined : this.#waiting.shift();
  }

  /** Another holder of the descriptor was faster. */
  #late(): boolean {
    if (++this.#tries % this.lies > 0) return false;
    queueMicrotask(() => this.#changed());
    return true;
  }

  connect(address: t.SocketAddress): boolean {
    this.#check();
    if (this.#phase !== "new") fail(errno.EISCONN);
    const listener = listeners.get(String(address));
    if (t.isConnectionless(this)) return this.#peername = address, true;
    if (!listener || listener.#waiting.length >= listener.#backlog) {
      fail(errno.ECONNREFUSED);
    }
    this.#sockname = fromInternet(["127.0.0.1", ports++]);
    const { family, type, proto, lies } = this;
    const endpoint = new MemoryEndpoint(family, type, proto, lies);
    endpoint.#sockname = listener.#sockname;
    endpoint.#meet(this);
    this.#meet(endpoint);
    listener.#waiting.push({ endpoint, address: this.#sockname });
    listener.#changed();
    return true;
  }

  recv(count: number, flags: number): Data | undefined {
    return this.receiveMessage(count, flags)?.data;
  }

  recvInto(buffer: Data, flags: number): number | undefined {
    const data = this.recv(buffer.length, flags);
    if (data) buffer.set(data);
    return data?.length;
  }

  receiveMessage(count: number, flags: number): t.Message | undefined {
    this.#check();
    if (flags & c.MSG_OOB) fail(errno.EINVAL);
    const connected = this.#phase === "connected" || t.isConnectionless(this);
    if (!connected) fail(errno.ENOTCONN);
    const [first] = this.#inbox;
    if (!first && this.#error) throw this.takeError();
    if (!first && this.#ended) return { ...END };
    if (!first || this.#late()) return undefined;
    const data = first.data.slice(0, count);
    const rest = first.data.subarray(count);
    if (flags & c.MSG_PEEK) return { ...first, data };
    const stream = this.type === c.SOCK_STREAM;
    this.#inbox.shift();
    if (stream && rest.length > 0) {
      this.#inbox.unshift({ ...first, data: rest });
    }
    if (this.#peer) this.#peer.#flush();
    return { ...first, data, flags: !stream && rest.length ? c.MSG_TRUNC : 0 };
  }

  send(data: Data, flags: number): number | undefined {
    return this.sendMessage(data, flags, null);
  }

  sendMessage(
    data: Data,
    _flags: number,
    address: t.SocketAddress | null,
    ancillary: readonly t.ControlMessage[] = [],
  ): number | undefined {
    this.#check();
    if (this.#error) throw this.takeError();
    const to = address ?? this.#peername;
    if (t.isConnectionless(this) && !this.#peer) {
      if (!to) fail(errno.EDESTADDRREQ);
      const receiver = listeners.get(String(to));
      if (receiver) receiver.#take(data, this.#sockname, ancillary);
      return data.length;
    }
    if (!this.#peer || this.#peer.#closed || this.#writeShut) fail(errno.EPIPE);
    if (this.#unsent.length > 0 || this.#room <= 0) return undefined;
    const most = this.type === c.SOCK_STREAM ? this.#room : data.length;
    this.#peer.#take(data.subarray(0, most), null, ancillary);
    return Math.min(most, data.length);
  }

  #take(
    data: Data,
    address: t.SocketAddress | null,
    ancillary: readonly t.ControlMessage[],
  ): void {
    if (this.#ended || data.length === 0 && this.type === c.SOCK_STREAM) return;
    this.#inbox.push({ data: data.slice(), address, flags: 0, ancillary });
    this.#changed();
  }

  /** There may be room for more. */
  #flush(): void {
    while (this.#unsent.length > 0 && this.#room > 0) {
      const next = this.#unsent.shift()!;
      if ("how" in next) this.#end();
      else this.#peer!.#take(next.data, next.address, []);
    }
    this.#changed();
  }

  #end(): void {
    if (!this.#peer) return;
    this.#peer.#ended = true;
    this.#peer.#changed();
  }

  shutdown(how: number): void {
    this.#check();
    if (this.#phase !== "connected") fail(errno.ENOTCONN);
    if (how !== c.SHUT_WR) this.#ended = true;
    if (how !== c.SHUT_RD) {
      this.#writeShut = true;
      if (this.#unsent.length > 0) this.#unsent.push({ how });
      else this.#end();
    }
    this.#changed();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (listeners.get(String(this.#sockname)) === this) {
      listeners.delete(String(this.#sockname));
    }
    if (this.#unsent.length > 0) this.#unsent.push({ how: c.SHUT_WR });
    else this.#end();
    for (const { endpoint } of this.#waiting) endpoint.close();
    this.#changed();
  }

  takeError(): OSError | null {
    const error = this.#error;
    this.#error = null;
    return error;
  }

  getsockname(): t.SocketAddress {
    this.#check();
    return this.#sockname;
  }

  getpeername(): t.SocketAddress {
    this.#check();
    return this.#peername ?? fail(errno.ENOTCONN);
  }

  getsockopt(level: number, name: number, _size: number): number | Data {
    this.#check();
    return this.#option(level, name);
  }

  #option(level: number, name: number): number | Data {
    const usual = name === c.SO_RCVBUF || name === c.SO_SNDBUF ? 65536 : 0;
    return this.#options.get(`${level},${name}`) ?? usual;
  }

  setsockopt(level: number, name: number, value: number | Data): void {
    this.#check();
    this.#options.set(`${level},${name}`, value);
    this.#changed();
  }

  snapshot(): t.Snapshot {
    return {
      phase: this.#phase,
      sockname: this.#sockname,
      peername: this.#peername,
      writeEnded: this.#writeShut,
    };
  }

  resume({ bytes, messages, accepted, error, unsent }: t.Leftovers): void {
    this.#inbox.unshift(...messages);
    if (bytes.length > 0) {
      this.#inbox.unshift({ data: bytes, address: null, flags: 0 });
    }
    this.#waiting.unshift(...accepted);
    this.#error ??= error as OSError | null;
    this.#unsent.push(...unsent);
    this.#flush();
  }
}

const END: t.Message = { data: NONE, address: null, flags: 0, end: true };
