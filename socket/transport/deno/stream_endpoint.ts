/**
 * A stream socket over `Deno.listen` and `Deno.connect`.
 *
 * It begins as neither: listening makes it an {@linkcode Acceptor}, connecting
 * a {@linkcode Connection}.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  MSG_PEEK,
  MSG_WAITALL,
  SHUT_WR,
} from "../../constants.ts";
import { OSError } from "../../errors.ts";
import {
  closeDescriptor,
  openDescriptor,
  sharesOf,
} from "../../descriptors.ts";
import { type Departure, onHandOver } from "../handover.ts";
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLRDHUP,
} from "../../reactor/events.ts";
import type { Watch } from "../../reactor/readiness.ts";
import type {
  Accepted,
  ControlMessage,
  Endpoint,
  Leftovers,
  Message,
  Phase,
  Snapshot,
  SocketAddress,
} from "../transport.ts";
import { POLLINCOMING, Watchers } from "../../reactor/watchers.ts";
import { unix } from "./unix_domain.ts";
import { Acceptor } from "./acceptor.ts";
import { Connection } from "./connection.ts";
import type { Binding, Domain } from "./domain.ts";
import { addressFamily } from "../../names/families.ts";
import { oserror } from "../../oserror.ts";
import { checkAncillary, checkReceiveFlags, checkSendFlags } from "./flags.ts";
import { DEFAULTS, type Settings, streamOptions } from "./stream_options.ts";
import { inet4, inet6 } from "./inet_domain.ts";
import { pipe } from "./pipe.ts";
import type { Stream } from "./stream.ts";
import { turn } from "../../reactor/turn.ts";

const DOMAINS = new Map<number, Domain>([
  [AF_INET, inet4],
  [AF_INET6, inet6],
  [AF_UNIX, unix],
]);

/** A stream socket over Deno. */
export class StreamEndpoint implements Endpoint {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  readonly settings: Settings;
  readonly #domain: Domain;
  readonly #watchers = new Watchers();
  readonly #changed = () => this.#update();
  #binding: Binding | null = null;
  #acceptor: Acceptor | null = null;
  #connection: Connection | null = null;
  /** The address that the connection was made to, or accepted at. */
  #related: SocketAddress | null = null;
  /** Stops the connecting that is under way. */
  #dialing: AbortController | null = null;
  /** How the last connecting ended, if nobody has asked yet. */
  #error: OSError | null = null;
  #failed = false;
  #closed = false;
  /** A try found nothing and nothing has happened since. */
  #stale = false;

  constructor(
    family: number,
    type: number,
    proto: number,
    settings: Settings = DEFAULTS,
  ) {
    this.family = family;
    this.type = type;
    this.proto = proto;
    this.settings = { ...settings };
    this.#domain = DOMAINS.get(family)!;
  }

  /** Two endpoints, connected to each other within this thread. */
  static pair(family: number, type: number, proto: number): [
    StreamEndpoint,
    StreamEndpoint,
  ] {
    const [a, b] = pipe();
    const adopt = (stream: Stream) => {
      const endpoint = new StreamEndpoint(family, type, proto);
      endpoint.#adopt(stream);
      return endpoint;
    };
    return [adopt(a), adopt(b)];
  }

  #adopt(stream: Stream, related: SocketAddress | null = null): void {
    this.#related = related;
    const { receive, send } = this.settings;
    this.#connection = new Connection(stream, { receive, send }, this.#changed);
    this.#keepAlive();
    if (this.settings.noDelay || this.settings.keepAlive) this.applySettings();
  }

  // Readiness

  /** What is true now. */
  get readiness(): number {
    if (this.#closed) return POLLNVAL;
    if (this.#connection) return this.#connection.readiness;
    if (this.#acceptor) return this.#acceptor.ready ? POLLIN : 0;
    if (this.#dialing) return 0;
    if (!this.#failed) return POLLOUT | POLLHUP;
    return POLLIN | POLLOUT | POLLHUP | POLLRDHUP | (this.#error ? POLLERR : 0);
  }

  /** Somebody waits for it. */
  get busy(): boolean {
    return this.#watchers.calls > 0 || this.#connection?.busy === true;
  }

  /** Begins to wake a watch. */
  watch(watch: Watch): void {
    this.#watchers.add(watch);
    this.#keepAlive();
    if (watch.events & POLLINCOMING) this.#fill();
  }

  /** Stops to wake a watch. */
  unwatch(watch: Watch): void {
    this.#watchers.delete(watch);
    this.#keepAlive();
  }

  /** What is read or accepted ahead lets the process end unless a call waits. */
  #keepAlive(): void {
    const way = this.#connection?.inbound ?? this.#acceptor;
    if (way) way.awaited = this.#watchers.calls > 0;
  }

  /** Gives the system one turn to bring what it has. */
  async settle(events: number): Promise<void> {
    const fresh = events & POLLIN ? this.#fill() : false;
    if (fresh || this.#stale) await turn();
    this.#stale = true;
  }

  /** Brings more in while somebody waits for it; whether that has only begun. */
  #fill(): boolean {
    const inbound = this.#connection?.inbound;
    const way = inbound ?? this.#acceptor;
    if (!way || way.pending) return false;
    if (inbound && this.#watchers.edge) inbound.more();
    else way.fill();
    return way.pending;
  }

  #update(): void {
    this.#stale = false;
    if (this.#watchers.size === 0) return;
    this.#replenish();
    this.#watchers.wake(this.readiness);
  }

  /** Whoever watches wants to know of what comes next. */
  #replenish(): void {
    if (this.#watchers.events & POLLINCOMING) this.#fill();
  }

  // Listening

  /** Binds to an address, which holds until {@linkcode close}. */
  bind(address: SocketAddress): void {
    this.#check();
    if (this.#binding || this.#connection || this.#dialing) {
      throw new OSError(errno.EINVAL);
    }
    this.#binding = this.#domain.bind(address, this.settings.reusePort);
  }

  /** Begins to listen; where, if it isn't bound, the system chooses. */
  listen(backlog: number): void {
    this.#check();
    if (this.#connection || this.#dialing) throw new OSError(errno.EINVAL);
    // A second call would change the backlog, which Deno can't.
    if (this.#acceptor) return;
    this.#binding ??= this.#domain.bind(
      addressFamily(this.family).unbound,
      this.settings.reusePort,
    );
    this.#acceptor = new Acceptor(
      this.#binding.listen(backlog),
      (conn) => this.#inherit(conn),
      this.#changed,
    );
    this.#keepAlive();
    this.#replenish();
  }

  /** It has been told to listen. */
  get listening(): boolean {
    return this.#acceptor !== null;
  }

  /** The next connection that waits. */
  accept(): Accepted | undefined {
    this.#check();
    if (!this.#acceptor) throw new OSError(errno.EINVAL);
    const accepted = this.#acceptor.take();
    if (!accepted) return undefined;
    this.#stale = false;
    this.#replenish();
    return accepted;
  }

  /** An endpoint of a connection, which inherits the settings. */
  #inherit(conn: Deno.Conn): Endpoint {
    const { family, type, proto, settings } = this;
    const endpoint = new StreamEndpoint(family, type, proto, settings);
    endpoint.#adopt(conn, this.#binding!.address);
    return endpoint;
  }

  // Connecting

  /** Starts to connect. */
  connect(address: SocketAddress, name?: string): boolean {
    this.#check();
    if (this.#connection || this.#acceptor) throw new OSError(errno.EISCONN);
    if (this.#dialing) throw new OSError(errno.EALREADY);
    this.#failed = false;
    // How the last attempt ended, if nobody has asked.
    if (this.#error) throw this.takeError();
    this.#dialing = new AbortController();
    this.#dial(address, name, this.#dialing.signal);
    return false;
  }

  async #dial(
    address: SocketAddress,
    name: string | undefined,
    signal: AbortSignal,
  ) {
    try {
      const binding = this.#binding;
      const stream = await this.#domain.dial({
        address,
        name,
        binding,
        signal,
      });
      if (this.#closed) return stream.close();
      this.#adopt(stream, address);
    } catch (cause) {
      this.#error = oserror(cause);
      this.#failed = true;
    }
    this.#dialing = null;
    this.#changed();
  }

  // Transfer

  /** Takes up to `count` of the bytes that were read ahead. */
  recv(count: number, flags: number): Uint8Array<ArrayBuffer> | undefined {
    const bytes = this.#peek(count, flags)?.slice();
    if (bytes !== undefined) this.#skip(bytes.length, flags);
    return bytes;
  }

  /** Takes them into `buffer`. */
  recvInto(buffer: Uint8Array<ArrayBuffer>, flags: number): number | undefined {
    const bytes = this.#peek(buffer.length, flags);
    if (bytes === undefined) return undefined;
    buffer.set(bytes);
    this.#skip(bytes.length, flags);
    return bytes.length;
  }

  /** Puts bytes back that were taken in vain. */
  putBack(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#closed) this.#connection?.inbound.putBack(bytes);
  }

  #peek(count: number, flags: number): Uint8Array<ArrayBuffer> | undefined {
    checkReceiveFlags(flags);
    const connection = this.#connected(errno.ENOTCONN);
    if (connection) {
      return flags & MSG_PEEK
        ? connection.look(count, Boolean(flags & MSG_WAITALL))
        : connection.peek(count);
    }
    return this.#failed ? new Uint8Array(0) : undefined;
  }

  #skip(count: number, flags: number): void {
    this.#stale = false;
    if (flags & MSG_PEEK) return;
    this.#connection?.inbound.skip(count);
    this.#replenish();
  }

  /** Queues the front of `data`. */
  send(data: Uint8Array<ArrayBuffer>, flags: number): number | undefined {
    checkSendFlags(flags);
    const count = this.#connected(errno.EPIPE)?.send(data);
    if (count !== undefined) this.#stale = false;
    return count;
  }

  /** Gives the system a chance to take what is queued. */
  flush(): Promise<void> | undefined {
    return this.#connection?.outbound.settle();
  }

  /** As {@linkcode recv}, with the sender if the family has one on streams. */
  receiveMessage(count: number, flags: number): Message | undefined {
    const data = this.recv(count, flags);
    if (!data) return undefined;
    const address = this.#connection &&
      (addressFamily(this.family).streamSender?.(this.getpeername()) ?? null);
    return { data, address, flags: 0 };
  }

  /** As {@linkcode send}: a stream has only one place to send to. */
  sendMessage(
    data: Uint8Array<ArrayBuffer>,
    flags: number,
    address: SocketAddress | null,
    ancillary: readonly ControlMessage[] = [],
  ): number | undefined {
    this.#check();
    checkAncillary(ancillary);
    // TCP ignores an address that it is given, AF_UNIX doesn't.
    if (this.family === AF_UNIX && address !== null) {
      throw new OSError(this.#connection ? errno.EISCONN : errno.EOPNOTSUPP);
    }
    return this.send(data, flags);
  }

  /** As {@linkcode receive}, into `buffer`. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number> | undefined {
    return this.#closed ? undefined : this.#connection?.read(buffer);
  }

  /** Reads ahead and takes from that. */
  receive(count: number): Promise<Uint8Array<ArrayBuffer>> | undefined {
    return this.#closed ? undefined : this.#connection?.receive(count);
  }

  /** Writes straight from `data`. */
  write(data: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    return this.#closed ? undefined : this.#connection?.write(data);
  }

  /** The connection; `null` if it may come yet or has failed to. */
  #connected(otherwise: number): Connection | null {
    this.#check();
    if (this.#connection) return this.#connection;
    if (this.#error) throw this.takeError();
    if (this.#dialing) return null;
    if (this.#failed && otherwise === errno.ENOTCONN) return null;
    throw new OSError(otherwise);
  }

  // Other threads

  /** What there is to know of it. */
  snapshot(): Snapshot {
    const outbound = this.#connection?.outbound;
    return {
      phase: this.#phase,
      sockname: this.getsockname(),
      peername: this.#connection && this.getpeername(),
      writeEnded: outbound?.ended === true ||
        this.#connection?.inbound.failed === true,
    };
  }

  get #phase(): Phase {
    if (this.#connection) return "connected";
    if (this.#acceptor) return "listening";
    if (this.#dialing) return "connecting";
    return this.#failed ? "failed" : "new";
  }

  /** An endpoint that nothing was done with is made anew. */
  depart(fd: number): Departure | null {
    const used = this.#binding !== null || this.#phase !== "new";
    if (used || sharesOf(fd) > 1) return null;
    const { family, type, proto, settings } = this;
    return {
      kind: "stream",
      message: [family, type, proto, settings],
      send: () => closeDescriptor(fd),
    };
  }

  static {
    onHandOver(
      "stream",
      (made: ConstructorParameters<typeof StreamEndpoint>) =>
        openDescriptor(new StreamEndpoint(...made)),
    );
  }

  /** Takes over what a thread left that had borrowed it. */
  resume({ bytes, accepted, error, unsent }: Leftovers): void {
    this.#acceptor?.unshift(accepted);
    this.#error ??= error as OSError | null;
    this.#connection?.resume(bytes, unsent);
    this.#changed();
  }

  // The end

  /** Closes one way or both. */
  shutdown(how: number): void {
    this.#check();
    if (this.#connection) this.#connection.shutdown(how);
    else if (!this.#acceptor) throw new OSError(errno.ENOTCONN);
    else if (how !== SHUT_WR) {
      // As in Linux it no longer listens.
      this.#acceptor.close();
      this.#acceptor = null;
    }
    this.#changed();
  }

  /** Closes the endpoint; what was sent is still delivered. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#dialing?.abort();
    this.#acceptor?.close();
    this.#connection?.close();
    this.#binding?.release();
    this.#watchers.wake(POLLNVAL);
  }

  #check(): void {
    if (this.#closed) throw new OSError(errno.EBADF);
  }

  // Names and options

  /** The own address, `0.0.0.0` and port 0 as long as there is none. */
  getsockname(): SocketAddress {
    this.#check();
    if (this.#connection) {
      const { localAddr } = this.#connection.stream;
      return this.#domain.address(localAddr, this.#related);
    }
    return this.#binding?.address ?? addressFamily(this.family).unbound;
  }

  /** The peer's address. */
  getpeername(): SocketAddress {
    this.#check();
    if (!this.#connection) throw new OSError(errno.ENOTCONN);
    const { remoteAddr } = this.#connection.stream;
    return this.#domain.address(remoteAddr, this.#related);
  }

  /** Reads an option. */
  getsockopt(
    level: number,
    name: number,
    _size: number,
  ): number | Uint8Array<ArrayBuffer> {
    this.#check();
    return streamOptions(this.family).get(this, level, name);
  }

  /** Sets an option. */
  setsockopt(
    level: number,
    name: number,
    value: number | Uint8Array<ArrayBuffer>,
  ): void {
    this.#check();
    streamOptions(this.family).set(this, level, name, value);
  }

  /** As {@linkcode write}, where an address is ignored. */
  writeMessage(data: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    return this.family === AF_UNIX ? undefined : this.write(data);
  }

  /** Fetches the error that nobody has seen yet. */
  takeError(): OSError | null {
    const error = this.#error ?? this.#connection?.takeError() ?? null;
    this.#error = null;
    return error;
  }

  /** Brings changed settings to the connection. */
  applySettings(): void {
    if (!this.#connection) return;
    const { stream, inbound, outbound } = this.#connection;
    const { keepAlive, noDelay, receive, send } = this.settings;
    inbound.limit = receive;
    outbound.limit = send;
    const apply = () => {
      stream.setNoDelay?.(noDelay);
      stream.setKeepAlive?.(keepAlive);
    };
    try {
      apply();
    } catch {
      // A write that waits holds the connection; an empty one gets it after that.
      stream.write(new Uint8Array(0)).then(apply).catch(() => {});
    }
    // There may be room now.
    this.#changed();
  }
}
