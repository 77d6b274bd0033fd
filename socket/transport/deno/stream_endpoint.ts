/**
 * A stream socket over `Deno.listen` and `Deno.connect`: with an
 * {@linkcode Acceptor} once it listens, a {@linkcode Connection} once it is
 * connected.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import * as c from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { addressFamily } from "../../names/families.ts";
import { oserror } from "../../oserror.ts";
import { turn } from "../../reactor/turn.ts";
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
import { POLLINCOMING } from "../../reactor/watchers.ts";
import { checkAncillary, checkReceiveFlags, checkSendFlags } from "./flags.ts";
import { Acceptor } from "./acceptor.ts";
import { Connection } from "./connection.ts";
import type { Binding, Domain, Stream } from "./domain.ts";
import { DenoEndpoint } from "./endpoint.ts";
import type { Inbound } from "./inbound.ts";
import { inet4, inet6 } from "./inet_domain.ts";
import type { OptionTable } from "./option_table.ts";
import type { ReadAhead } from "./read_ahead.ts";
import { DEFAULTS, type Settings, streamOptions } from "./stream_options.ts";
import { unix } from "./unix_domain.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const DOMAINS = new Map<number, Domain>([
  [c.AF_INET, inet4],
  [c.AF_INET6, inet6],
  [c.AF_UNIX, unix],
]);

/** A stream socket over Deno. */
export class StreamEndpoint extends DenoEndpoint implements Endpoint {
  readonly settings: Settings = { ...DEFAULTS };
  readonly #domain: Domain = DOMAINS.get(this.family)!;
  readonly #changed = () => this.#update();
  #binding: Binding | null = null;
  #acceptor: Acceptor | null = null;
  #connection: Connection | null = null;
  /** The address that the connection was made to, or accepted at. */
  #related: SocketAddress | null = null;
  /** Stops the connecting that is under way. */
  #dialing: AbortController | null = null;
  /** The last `connect()` failed. */
  #failed = false;
  /** The last attempt found nothing, and nothing has changed since. */
  #stale = false;

  /** Makes this new endpoint the one of a connected stream. */
  adopt(stream: Stream, related: SocketAddress | null = null): this {
    this.#related = related;
    const { receive, send } = this.settings;
    this.#connection = new Connection(stream, { receive, send }, this.#changed);
    this.keepAlive();
    if (this.settings.noDelay || this.settings.keepAlive) this.applySettings();
    return this;
  }

  // Readiness

  get readiness(): number {
    if (this.closed) return POLLNVAL;
    if (this.#connection) return this.#connection.readiness;
    if (this.#acceptor) return this.#acceptor.ready ? POLLIN : 0;
    if (this.#dialing) return 0;
    if (!this.#failed) return POLLOUT | POLLHUP;
    return POLLIN | POLLOUT | POLLHUP | POLLRDHUP | (this.error ? POLLERR : 0);
  }

  override get busy(): boolean {
    return super.busy || this.#connection?.busy === true;
  }

  override watch(watch: Watch): void {
    super.watch(watch);
    if (watch.events & POLLINCOMING) this.#fill();
  }

  protected get ahead(): ReadAhead | null {
    return this.#connection?.inbound ?? this.#acceptor;
  }

  async settle(events: number): Promise<void> {
    const outbound = this.#connection?.outbound;
    const queued = (events & POLLOUT) !== 0 && (outbound?.length ?? 0) > 0;
    if (queued) await outbound!.settle();
    const fresh = events & POLLIN ? this.#fill() : false;
    if (fresh || queued || this.#stale) await turn();
    this.#stale = true;
  }

  /** Begins to read or accept ahead; `false` if that is pending or needless. */
  #fill(): boolean {
    const { ahead } = this;
    if (!ahead || ahead.pending) return false;
    if (this.watchers.edge) ahead.more();
    else ahead.fill();
    return ahead.pending;
  }

  #update(): void {
    this.#stale = false;
    if (this.watchers.size === 0) return;
    this.#replenish();
    this.watchers.wake(this.readiness);
  }

  /** Reads or accepts ahead again if a watch waits for input. */
  #replenish(): void {
    if (this.watchers.events & POLLINCOMING) this.#fill();
  }

  // Listening

  bind(address: SocketAddress): void {
    this.check();
    if (this.#binding || this.#connection || this.#dialing) {
      throw new OSError(errno.EINVAL);
    }
    this.#binding = this.#domain.bind(address, this.settings.reusePort);
  }

  listen(backlog: number): void {
    this.check();
    if (this.#connection || this.#dialing) throw new OSError(errno.EINVAL);
    // A second call would change the backlog, which Deno can't.
    if (this.#acceptor) return;
    if (!this.#binding) this.bind(addressFamily(this.family).unbound);
    this.#acceptor = new Acceptor(
      this.#binding!.listen(backlog),
      (conn) => this.#inherit(conn),
      this.#changed,
    );
    this.keepAlive();
    this.#replenish();
  }

  /** `listen()` was called. */
  get listening(): boolean {
    return this.#acceptor !== null;
  }

  accept(): Accepted | undefined {
    this.check();
    if (!this.#acceptor) throw new OSError(errno.EINVAL);
    const accepted = this.#acceptor.shift();
    if (!accepted) return undefined;
    this.#stale = false;
    this.#replenish();
    return accepted;
  }

  /** An endpoint of a connection, which inherits the settings. */
  #inherit(conn: Deno.Conn): Endpoint {
    const endpoint = new StreamEndpoint(this.family, this.type, this.proto);
    Object.assign(endpoint.settings, this.settings);
    return endpoint.adopt(conn, this.#binding!.address);
  }

  // Connecting

  connect(address: SocketAddress, name?: string): boolean {
    this.check();
    if (this.#connection || this.#acceptor) throw new OSError(errno.EISCONN);
    if (this.#dialing) throw new OSError(errno.EALREADY);
    this.#failed = false;
    // The outcome of the last attempt, which no call has raised yet.
    if (this.error) throw this.takeError();
    this.#dialing = new AbortController();
    this.#dial(address, name, this.#dialing.signal);
    return false;
  }

  async #dial(
    address: SocketAddress,
    name: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const binding = this.#binding;
      const destination = { address, name, binding, signal };
      const stream = await this.#domain.dial(destination);
      if (this.closed) return stream.close();
      this.adopt(stream, address);
    } catch (cause) {
      this.error = oserror(cause);
      this.#failed = true;
    }
    this.#dialing = null;
    this.#changed();
  }

  // Transfer

  recv(count: number, flags: number): Bytes | undefined {
    const bytes = this.#peek(count, flags)?.slice();
    if (bytes !== undefined) this.#skip(bytes.length, flags);
    return bytes;
  }

  recvInto(buffer: Bytes, flags: number): number | undefined {
    const bytes = this.#peek(buffer.length, flags);
    if (bytes === undefined) return undefined;
    buffer.set(bytes);
    this.#skip(bytes.length, flags);
    return bytes.length;
  }

  putBack(bytes: Bytes): void {
    if (!this.closed) this.#connection?.inbound.putBack(bytes);
  }

  #peek(count: number, flags: number): Bytes | undefined {
    checkReceiveFlags(flags);
    const connection = this.#connected(errno.ENOTCONN);
    if (connection) {
      return flags & c.MSG_PEEK
        ? connection.look(count, Boolean(flags & c.MSG_WAITALL))
        : connection.peek(count);
    }
    return this.#failed ? new Uint8Array(0) : undefined;
  }

  #skip(count: number, flags: number): void {
    this.#stale = false;
    if (flags & c.MSG_PEEK) return;
    this.#connection?.inbound.skip(count);
    this.#replenish();
  }

  send(data: Bytes, flags: number): number | undefined {
    checkSendFlags(flags);
    const count = this.#connected(errno.EPIPE)?.send(data);
    if (count !== undefined) this.#stale = false;
    return count;
  }

  flush(): Promise<void> | undefined {
    return this.#connection?.outbound.settle();
  }

  receiveMessage(count: number, flags: number): Message | undefined {
    const data = this.recv(count, flags);
    if (!data) return undefined;
    const address = this.#connection &&
      (addressFamily(this.family).streamSender?.(this.getpeername()) ?? null);
    return { data, address, flags: 0 };
  }

  sendMessage(
    data: Bytes,
    flags: number,
    address: SocketAddress | null,
    ancillary: readonly ControlMessage[] = [],
  ): number | undefined {
    this.check();
    checkAncillary(ancillary);
    // TCP ignores an address that it is given, AF_UNIX doesn't.
    if (this.family === c.AF_UNIX && address !== null) {
      throw new OSError(this.#connection ? errno.EISCONN : errno.EOPNOTSUPP);
    }
    return this.send(data, flags);
  }

  read(buffer: Bytes): Promise<number> | undefined {
    return this.#idle?.read(buffer);
  }

  receive(count: number): Promise<Bytes> | undefined {
    return this.#idle?.receive(count);
  }

  get #idle(): Inbound | undefined {
    const connection = this.#connection;
    return !this.closed && connection?.idle ? connection.inbound : undefined;
  }

  write(data: Bytes): Promise<void> | undefined {
    return this.closed ? undefined : this.#connection?.write(data);
  }

  writeMessage(data: Bytes): Promise<void> | undefined {
    return this.family === c.AF_UNIX ? undefined : this.write(data);
  }

  /** The connection; `null` while connecting, or for receiving after it failed. */
  #connected(otherwise: number): Connection | null {
    this.check();
    if (this.#connection) return this.#connection;
    if (this.error) throw this.takeError();
    if (this.#dialing) return null;
    if (this.#failed && otherwise === errno.ENOTCONN) return null;
    throw new OSError(otherwise);
  }

  // Other threads

  snapshot(): Snapshot {
    const connection = this.#connection;
    return {
      phase: this.#phase,
      sockname: this.getsockname(),
      peername: connection && this.getpeername(),
      writeEnded: connection !== null && connection.finished,
    };
  }

  get #phase(): Phase {
    if (this.#connection) return "connected";
    if (this.#acceptor) return "listening";
    if (this.#dialing) return "connecting";
    return this.#failed ? "failed" : "new";
  }

  protected get used(): boolean {
    return this.#binding !== null || this.#phase !== "new";
  }

  resume({ bytes, accepted, error, unsent }: Leftovers): void {
    this.#acceptor?.unshift(accepted);
    this.error ??= error as OSError | null;
    this.#connection?.resume(bytes, unsent);
    this.#changed();
  }

  // The end

  shutdown(how: number): void {
    this.check();
    if (this.#connection) this.#connection.shutdown(how);
    else if (!this.#acceptor) throw new OSError(errno.ENOTCONN);
    else if (how !== c.SHUT_WR) {
      // As in Linux it no longer listens.
      this.#acceptor.close();
      this.#acceptor = null;
    }
    this.#changed();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#dialing?.abort();
    this.#acceptor?.close();
    this.#connection?.close();
    this.#binding?.release();
    this.watchers.wake(POLLNVAL);
  }

  // Names and options

  getsockname(): SocketAddress {
    this.check();
    if (this.#connection) {
      const { localAddr } = this.#connection.stream;
      return this.#domain.address(localAddr, this.#related);
    }
    return this.#binding?.address ?? addressFamily(this.family).unbound;
  }

  getpeername(): SocketAddress {
    this.check();
    if (!this.#connection) throw new OSError(errno.ENOTCONN);
    const { remoteAddr } = this.#connection.stream;
    return this.#domain.address(remoteAddr, this.#related);
  }

  protected get options(): OptionTable<this> {
    return streamOptions(this.family);
  }

  override takeError(): OSError | null {
    return super.takeError() ?? this.#connection?.takeError() ?? null;
  }

  applySettings(): void {
    this.#connection?.configure(this.settings);
    // A larger limit may have made room.
    this.#changed();
  }
}
