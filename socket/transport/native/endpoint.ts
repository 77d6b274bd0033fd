/**
 * A socket of the kernel's.
 *
 * Each operation is the system call, tried at once. One that would have to wait
 * returns `undefined`, and the poller wakes its watches.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  MSG_CMSG_CLOEXEC,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_NOSIGNAL,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SO_ACCEPTCONN,
  SO_DOMAIN,
  SO_ERROR,
  SO_PROTOCOL,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from "../../constants.ts";
import { OSError } from "../../errors.ts";
import { forgetDescriptor } from "../../descriptors.ts";
import { addressFamily } from "../../names/families.ts";
import { toInternet } from "../../names/numeric.ts";
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
} from "../../reactor/events.ts";
import type { Watch } from "../../reactor/readiness.ts";
import { Watchers } from "../../reactor/watchers.ts";
import {
  type Accepted,
  type Carrier,
  type ControlMessage,
  type Departure,
  type Endpoint,
  isConnectionless,
  type Leftovers,
  type Message,
  type OpenFile,
  type Snapshot,
  type SocketAddress,
} from "../transport.ts";
import { Calls, Receive, ReceiveInto, Send } from "./calls.ts";
import {
  close,
  duplicate,
  isInheritable,
  open,
  setInheritable,
  settle,
} from "./descriptor.ts";
import { descriptorOf, sendFile } from "./file.ts";
import { Front, joined } from "./front.ts";
import { check, lastErrno, libc } from "./libc.ts";
import { resolveNow } from "./lookup.ts";
import { receiveRecord, sendRecord } from "./message.ts";
import { give, marks, self } from "./owners.ts";
import {
  checkAnyPort,
  checkBind,
  checkConnect,
  checkSocket,
  isInternet,
} from "./permissions.ts";
import { checkSend } from "./sending.ts";
import { type Pollee, thePoller } from "./poller.ts";
import { forget, type Holder, holds } from "./registrations.ts";
import { Owed, Received } from "./returned.ts";
import { AddressBuffer, sockaddr } from "./sockaddr.ts";

/** The events that `poll(2)` is asked for. */
const ALL = POLLIN | POLLPRI | POLLOUT | POLLRDHUP;

const F_GETFL = 3;
const F_SETFL = 4;
/** Flags of all new sockets. */
const FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC;

/** The largest read into memory that is kept, in bytes. */
const SCRATCH = 64 * 1024;
/** From this size on, a read into a new array is faster than a copy, in bytes. */
const LARGE = 4 * 1024;
/** The largest read into a new array, in bytes. */
const LARGEST = 256 * 1024;
/** How much more is asked for than was received last, in bytes. */
const SPARE = 64;
/** The kernel takes and gives so much at once, in bytes. */
const MOST = 0x7ffff000;
const NONE = new Uint8Array(0);
const DONE = Promise.resolve();
/**
 * Families whose streams raise SIGPIPE, should the process not ignore it, and
 * take the flag against it: some others refuse any flag.
 */
const SIGNALLING: readonly number[] = [AF_INET, AF_INET6, AF_UNIX];

const scratch = new Uint8Array(SCRATCH);
const peer = new AddressBuffer();
const pollfd = new Int32Array(2);
const option = new Uint8Array(1024);
const optionLength = new Uint32Array(1);

function getOption(
  fd: number,
  level: number,
  name: number,
  size = 0,
): number | Uint8Array<ArrayBuffer> {
  optionLength[0] = size || 4;
  option.fill(0, 0, 4);
  check(() => libc.getsockopt(fd, level, name, option, optionLength));
  if (size === 0) return new Int32Array(option.buffer)[0]!;
  return option.slice(0, optionLength[0]);
}

/** Endpoints whose operations wait for the event loop to turn. */
const deferred = new Set<NativeEndpoint>();

/** Has an endpoint wait for the event loop, so that others don't starve. */
function defer(endpoint: NativeEndpoint): void {
  const poller = thePoller();
  if (deferred.size === 0) {
    poller.turn().then(() => {
      const all = [...deferred];
      deferred.clear();
      for (const each of all) each.retry();
    });
  }
  deferred.add(endpoint);
}

/** The kind of {@linkcode Departure} of these endpoints. */
export const NATIVE = "native";

/** A socket on its way to another thread. */
export type Sent = [
  fd: number,
  /** The thread that it comes from. */
  from: number,
  family: number,
  type: number,
  proto: number,
  unread: Uint8Array<ArrayBuffer> | null,
];

/** A socket of the kernel's. */
export class NativeEndpoint implements Endpoint, Pollee, Holder {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  readonly fd: number;
  /** Flags of every sending. */
  readonly #sendFlags: number;
  /** It is TCP: a read that leaves room has taken all that was there. */
  readonly #isTcp: boolean;
  readonly #watchers = new Watchers();
  readonly #reads = new Calls();
  readonly #writes = new Calls();
  /**
   * What the poller was told: whether calls wait, whether there are watches at
   * all, and whether some belong to other threads.
   */
  #calls = 0;
  #watches = 0;
  #background = 0;
  /** The poller will ask for that again. */
  #reviewed = false;
  /** The number of the registration with the poller; 0 without one. */
  #registration = 0;
  #closed = false;
  /** A read may find something. */
  #readable = true;
  /** The next operation is the last try of a call that doesn't wait. */
  #settled = false;
  /**
   * The end is behind the unread bytes, or there was urgent data, at which reads
   * stop: no event will tell of what follows.
   */
  #ending = false;
  /** What the poller has reported last, if nothing has happened since. */
  #news = 0;
  /** Other endpoints of this thread have descriptors of the socket. */
  #shared = false;
  #connecting = false;
  /** Bytes that were put back. */
  #front = new Front();
  /** What came along from another thread. */
  #received: Received | null = null;
  #owed: Owed | null = null;
  #error: Error | null = null;
  /** The size of the next read into a new array; 0 for a small one. */
  #expected = 0;

  /** Takes over an open descriptor that doesn't block. */
  constructor(fd: number, family: number, type: number, proto: number) {
    this.fd = settle(fd);
    this.family = family;
    this.type = type;
    this.proto = proto;
    this.#sendFlags = SIGNALLING.includes(family)
      ? MSG_DONTWAIT | MSG_NOSIGNAL
      : MSG_DONTWAIT;
    this.#isTcp = type === SOCK_STREAM &&
      (family === AF_INET || family === AF_INET6) &&
      (proto === 0 || proto === IPPROTO_TCP);
  }

  /** A new socket. */
  static create(family: number, type: number, proto: number): NativeEndpoint {
    checkSocket(family, type, proto);
    const fd = open(() => libc.socket(family, type | FLAGS, proto));
    return new NativeEndpoint(fd, family, type, proto);
  }

  /** Two sockets that are connected to each other. */
  static pair(
    family: number,
    type: number,
    proto: number,
  ): [NativeEndpoint, NativeEndpoint] {
    checkSocket(family, type, proto);
    const fds = new Int32Array(2);
    check(() => {
      const result = libc.socketpair(family, type | FLAGS, proto, fds);
      if (result === 0) marks[fds[0]!] = marks[fds[1]!] = self;
      return result;
    });
    let first: NativeEndpoint | undefined;
    try {
      first = new NativeEndpoint(fds[0]!, family, type, proto);
    } finally {
      if (!first) close(fds[1]!);
    }
    try {
      return [first, new NativeEndpoint(fds[1]!, family, type, proto)];
    } catch (error) {
      first.close();
      throw error;
    }
  }

  /** Takes over a descriptor that was opened elsewhere. */
  static adopt(fd: number): NativeEndpoint {
    const option = (name: number) => getOption(fd, SOL_SOCKET, name);
    const parts = [SO_DOMAIN, SO_TYPE, SO_PROTOCOL].map(option);
    const flags = check(() => libc.fcntl(fd, F_GETFL, 0));
    check(() => libc.fcntl(fd, F_SETFL, flags | SOCK_NONBLOCK));
    const [family, type, proto] = parts as [number, number, number];
    // What is refused stays somebody else's.
    marks[fd] = self;
    return new NativeEndpoint(fd, family, type, proto);
  }

  /** A second descriptor of the same socket. */
  dup(): NativeEndpoint {
    this.#check();
    const fd = duplicate(this.fd);
    const copy = new NativeEndpoint(fd, this.family, this.type, this.proto);
    copy.#front = this.#front;
    copy.#shared = this.#shared = true;
    return copy;
  }

  get inheritable(): boolean {
    this.#check();
    return isInheritable(this.fd);
  }

  set inheritable(inheritable: boolean) {
    this.#check();
    setInheritable(this.fd, inheritable);
  }

  // Readiness

  get readiness(): number {
    if (this.#closed) return POLLNVAL;
    pollfd[0] = this.fd;
    pollfd[1] = ALL;
    check(() => libc.poll(pollfd, 1, 0));
    const events = pollfd[1]! >>> 16;
    if (events & POLLIN) this.#readable = true;
    return events | this.held;
  }

  get held(): number {
    if (this.#error) return POLLIN | POLLERR;
    const holds = this.#front.length > 0 || this.#received?.empty === false;
    return holds ? POLLIN : 0;
  }

  /**
   * A server that polls would make a system call for each message only to learn
   * that it has read everything. Two things are known without:
   *
   * - The last report of the poller, up to the next operation. It counts once:
   *   whoever has another descriptor of the socket may have read meanwhile.
   * - That a TCP stream is empty ({@linkcode #readable}) until there is a report.
   *   Should the report wait in the kernel, so will the caller, who hears of it
   *   from the poller: a wait may begin with old knowledge but can't hang.
   *
   * Whether there is room is never known, as the kernel takes that back with no
   * event before a send fails.
   */
  ready(events: number): number {
    if (this.#closed) return events & POLLNVAL;
    if ((events & ~POLLNVAL) === 0) return 0;
    if (!(events & POLLOUT) && this.held === 0) {
      const news = this.#news;
      this.#news = 0;
      if (news !== 0) return news & events;
      if (this.#isTcp && !this.#readable && !this.#ending) return 0;
    }
    return this.readiness & events;
  }

  get busy(): boolean {
    return !this.#reads.empty || !this.#writes.empty || this.#owed !== null ||
      this.#watchers.calls > 0;
  }

  watch(watch: Watch): void {
    this.#watchers.add(watch);
    this.#demand();
  }

  unwatch(watch: Watch): void {
    this.#watchers.delete(watch);
    this.#demand();
  }

  review(): void {
    this.#reviewed = false;
    this.#demand();
  }

  /** Tells the poller what it has to watch the descriptor for. */
  #demand(): void {
    const calls = this.busy ? 1 : 0;
    const size = this.#closed ? 0 : this.#watchers.size;
    const watches = calls || size > 0 ? 1 : 0;
    const background = size > 0 && this.#watchers.background > 0 ? 1 : 0;
    if (
      calls === this.#calls && watches === this.#watches &&
      background === this.#background
    ) return;
    const poller = thePoller();
    if (this.#registration === 0 && watches && !this.#closed) {
      this.#registration = poller.add(this);
    }
    poller.demand(
      calls - this.#calls,
      watches - this.#watches,
      background - this.#background,
    );
    this.#calls = calls;
    this.#watches = watches;
    this.#background = background;
  }

  onEvents(events: number): void {
    if (events & (POLLIN | POLLERR | POLLHUP | POLLRDHUP)) {
      this.#readable = true;
    }
    if (events & (POLLERR | POLLHUP | POLLRDHUP | POLLPRI)) this.#ending = true;
    // Without a call that waits, it may be long before somebody looks.
    this.#news = !this.#shared && thePoller().held ? events : 0;
    this.#wake(events);
  }

  /** Has the calls that wait try again. */
  retry(): void {
    this.#readable = true;
    this.#news = 0;
    this.#wake(ALL);
  }

  #wake(events: number): void {
    if (!this.#reads.empty) this.#reads.serve(this);
    if (events & ~POLLIN) {
      if (this.#owed) this.#settleDebt();
      if (!this.#writes.empty) this.#writes.serve(this);
    }
    if (this.#watchers.size > 0) this.#watchers.wake(events);
    // A call that has ended is likely to be followed by the next one.
    if (this.#calls > 0 && !this.#reviewed) {
      this.#reviewed = true;
      thePoller().review(this);
    }
  }

  get reactor(): { settle(): Promise<void> } {
    return thePoller();
  }

  async settle(): Promise<void> {
    // Another holder of the socket may have read first, or put bytes back.
    this.#readable = true;
    await thePoller().settle();
    this.#settled = true;
  }

  /** Whether an operation may be tried now, or has to let others go first. */
  #admit(): boolean {
    this.#news = 0;
    if (this.#settled || thePoller().spend()) {
      this.#settled = false;
      return true;
    }
    defer(this);
    return false;
  }

  // Connections

  bind(address: SocketAddress): void {
    this.#check();
    const { found, name } = resolveNow(this, address);
    checkBind(this.family, found, name);
    const own = sockaddr(this.family, found);
    check(() => libc.bind(this.fd, own, own.length));
  }

  listen(backlog: number): void {
    this.#check();
    const { family } = this;
    if (isInternet(family) && toInternet(this.getsockname())[1] === 0) {
      checkAnyPort(family);
    }
    check(() => libc.listen(this.fd, backlog));
  }

  accept(): Accepted | undefined {
    this.#check();
    const returned = this.#received?.accept();
    if (returned) return returned;
    if (!this.#admit()) return undefined;
    const fd = libc.accept4(
      this.fd,
      peer.bytes,
      peer.reset().length,
      FLAGS,
    );
    if (fd < 0) return this.#refused();
    marks[fd] = self;
    const { family, type, proto } = this;
    return {
      address: this.#address(),
      endpoint: new NativeEndpoint(fd, family, type, proto),
    };
  }

  /** Raises the error of an `accept()`, unless that only has to wait. */
  #refused(): undefined {
    const code = lastErrno();
    // Of an AF_UNIX listener that was shut down only a call that waits within
    // the kernel would hear.
    const over = code === errno.EAGAIN && this.family === AF_UNIX &&
      (this.readiness & POLLRDHUP) !== 0;
    return this.#failed(over ? errno.EINVAL : code);
  }

  connect(address: SocketAddress, name?: string): boolean {
    this.#check();
    const { found } = resolveNow(this, address);
    checkConnect(this.family, found, name);
    const to = sockaddr(this.family, found);
    const connected = libc.connect(this.fd, to, to.length) === 0;
    const code = connected ? 0 : lastErrno();
    this.#connecting = code === errno.EINPROGRESS || code === errno.EALREADY;
    if (connected) return true;
    if (code === errno.EINPROGRESS) return false;
    throw new OSError(code);
  }

  // Receiving

  receive(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = this.recv(count, 0);
    if (bytes) return Promise.resolve(bytes);
    const received = this.#reads.add(new Receive(count));
    this.#demand();
    return received;
  }

  read(buffer: Uint8Array<ArrayBuffer>): Promise<number> {
    const length = this.recvInto(buffer, 0);
    if (length !== undefined) return Promise.resolve(length);
    const received = this.#reads.add(new ReceiveInto(buffer));
    this.#demand();
    return received;
  }

  recv(count: number, flags: number): Uint8Array<ArrayBuffer> | undefined {
    // Calls that wait come first.
    return this.#reads.empty ? this.tryRecv(count, flags) : undefined;
  }

  recvInto(buffer: Uint8Array<ArrayBuffer>, flags: number): number | undefined {
    return this.#reads.empty ? this.tryRecvInto(buffer, flags) : undefined;
  }

  /** As {@linkcode recv}, for the call whose turn it is. */
  tryRecv(count: number, flags = 0): Uint8Array<ArrayBuffer> | undefined {
    this.#check();
    if (this.#received && this.type !== SOCK_STREAM) {
      const message = this.#received.message(count, flags);
      if (message) return message.data;
    }
    if (this.type !== SOCK_STREAM || flags & (MSG_PEEK | MSG_TRUNC)) {
      if (flags & MSG_WAITALL) return this.#lookAtAll(count, flags);
      if (this.#front.length === 0) return this.#receiveCopy(count, flags);
    }
    if (this.#front.length > 0) return this.#receiveBehind(count, flags);
    if (this.#error) throw this.takeError();
    const size = Math.min(count, this.#expected);
    if (size < LARGE) {
      const room = Math.min(count, SCRATCH);
      const length = this.#receive(scratch, room, flags);
      if (length === undefined) return undefined;
      this.#expect(length, room);
      return scratch.slice(0, length);
    }
    if (!this.#readable) return undefined;
    const bytes = new Uint8Array(size);
    const length = this.#receive(bytes, size, flags);
    if (length === undefined) return undefined;
    this.#expect(length, size);
    // A view keeps the whole array in memory.
    return length < size / 2
      ? bytes.slice(0, length)
      : bytes.subarray(0, length);
  }

  /** Learns from a read how much the next one may bring. */
  #expect(length: number, size: number): void {
    if (length === size) this.#expected = Math.min(2 * size, LARGEST);
    else if (length < LARGE) this.#expected = 0;
    // With room to spare, a read that takes everything shows that it does.
    else this.#expected = length + SPARE;
  }

  #receiveCopy(
    count: number,
    flags: number,
  ): Uint8Array<ArrayBuffer> | undefined {
    count = Math.min(count, MOST);
    // With MSG_TRUNC, what is told to be there may not have been written.
    const kept = count <= SCRATCH && !(flags & MSG_TRUNC);
    const buffer = kept ? scratch : new Uint8Array(count);
    const length = this.#receive(buffer, count, flags);
    return length === undefined ? undefined : buffer.slice(0, length);
  }

  /** Receives the bytes that come before the kernel's, and its own behind them. */
  #receiveBehind(count: number, flags: number): Uint8Array<ArrayBuffer> {
    const first = this.#front.look(count);
    if (!(flags & MSG_PEEK)) this.#front.skip(first.length);
    const left = count - first.length;
    // An error is left for the next call to raise.
    if (left === 0 || this.readiness & POLLERR) return first;
    const rest = this.#receiveCopy(left, flags & ~MSG_WAITALL);
    return rest ? joined(first, rest) : first;
  }

  /** Looks at so many bytes: at less only when no more will come. */
  #lookAtAll(
    count: number,
    flags: number,
  ): Uint8Array<ArrayBuffer> | undefined {
    flags &= ~MSG_WAITALL;
    if (this.type !== SOCK_STREAM) return this.#receiveCopy(count, flags);
    const { length } = this.#front;
    const over = this.readiness & (POLLRDHUP | POLLHUP | POLLERR);
    const bytes = length > 0
      ? this.#receiveBehind(count, flags)
      : this.#receiveCopy(count, flags);
    if (!bytes || bytes.length === count || over) return bytes;
    if (bytes.length === 0) return bytes;
    // The kernel might have no room for more bytes before these are taken.
    const behind = bytes.length - length;
    if (behind > 0) {
      this.#front.push(this.#receiveCopy(behind, 0) ?? NONE);
      holds(this);
    }
    return undefined;
  }

  /** As {@linkcode recvInto}, for the call whose turn it is. */
  tryRecvInto(buffer: Uint8Array<ArrayBuffer>, flags = 0): number | undefined {
    if (this.#received && this.type !== SOCK_STREAM) {
      const bytes = this.tryRecv(buffer.length, flags);
      if (bytes) buffer.set(bytes);
      return bytes?.length;
    }
    if (this.#front.length > 0) {
      this.#check();
      const bytes = this.#receiveBehind(buffer.length, flags);
      buffer.set(bytes);
      return bytes.length;
    }
    this.#check();
    if (this.#error) throw this.takeError();
    return this.#receive(buffer, buffer.length, flags & ~MSG_WAITALL);
  }

  #receive(
    buffer: Uint8Array<ArrayBuffer>,
    count: number,
    flags: number,
  ): number | undefined {
    // Urgent data has events of its own.
    if (!this.#readable && !(flags & MSG_OOB)) return undefined;
    if (!this.#admit()) return undefined;
    count = Math.min(count, MOST);
    // Another process that has the socket too may let it block.
    const length = libc.recv(this.fd, buffer, count, flags | MSG_DONTWAIT);
    if (length < 0) {
      const code = lastErrno();
      return this.#isOver(code) ? 0 : this.#foundNothing(code, flags);
    }
    // A TCP stream that gave less is empty, and the poller tells when that
    // changes. Others may have more: AF_UNIX stops behind descriptors.
    if (length < count && !(flags & MSG_PEEK) && this.#isTcp) {
      this.#readable = this.#registration === 0 || this.#ending;
    }
    return length;
  }

  putBack(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#closed || bytes.length === 0) return;
    this.#front.unshift(bytes);
    holds(this);
    this.#wake(POLLIN);
  }

  receiveMessage(
    count: number,
    flags: number,
    controlSize = 0,
  ): Message | undefined {
    this.#check();
    if (!this.#reads.empty) return undefined;
    const returned = this.#received?.message(count, flags);
    if (returned) return returned;
    if (this.#front.length > 0) {
      const known = controlSize > 0 ? this.#front.length : count;
      // Behind them there may be control messages.
      const data = this.#receiveBehind(Math.min(count, known), flags);
      return { data, address: null, flags: 0 };
    }
    if (this.#error) throw this.takeError();
    if (!this.#admit()) return undefined;
    const asked = flags & MSG_CMSG_CLOEXEC;
    flags |= MSG_DONTWAIT;
    // Descriptors that come are closed in child processes; families that have
    // none refuse the flag.
    if (this.family === AF_UNIX) flags |= MSG_CMSG_CLOEXEC;
    const size = Math.min(count, MOST);
    const received = receiveRecord(this.fd, size, flags, controlSize);
    if (received === null) {
      const code = lastErrno();
      if (!this.#isOver(code)) return this.#foundNothing(code, flags);
      return { data: NONE, address: null, flags: 0, end: true };
    }
    const message = {
      ...received,
      flags: received.flags & ~MSG_CMSG_CLOEXEC | asked,
    };
    const over = message.data.length === 0 && !isConnectionless(this) &&
      (this.readiness & (POLLRDHUP | POLLHUP)) !== 0;
    return over ? { ...message, end: true } : message;
  }

  /**
   * Whether datagrams are no longer received: of that only a call that waits
   * within the kernel would hear.
   */
  #isOver(code: number): boolean {
    return code === errno.EAGAIN && this.#ending &&
      isConnectionless(this) && (this.readiness & POLLRDHUP) !== 0;
  }

  // Sending

  write(data: Uint8Array<ArrayBuffer>): Promise<void> {
    const sent = this.send(data, 0);
    if (sent === data.length) return DONE;
    // Of an empty datagram nothing is left, though it may not be sent yet.
    const written = this.#writes.add(new Send(data, sent ?? 0));
    this.#demand();
    return written;
  }

  send(data: Uint8Array<ArrayBuffer>, flags: number): number | undefined {
    // Calls that wait come first.
    const first = this.#writes.empty && this.#owed === null;
    return first ? this.trySend(data, flags) : undefined;
  }

  /** As {@linkcode send}, for the call whose turn it is. */
  trySend(data: Uint8Array<ArrayBuffer>, flags = 0): number | undefined {
    this.#check();
    if (!this.#admit()) return undefined;
    flags |= this.#sendFlags;
    const length = Math.min(data.length, MOST);
    const count = libc.send(this.fd, data, length, flags);
    return count < 0 ? this.#failed() : count;
  }

  sendMessage(
    data: Uint8Array<ArrayBuffer>,
    flags: number,
    address: SocketAddress | null,
    ancillary: readonly ControlMessage[] = [],
  ): number | undefined {
    this.#check();
    if (!this.#writes.empty || this.#owed) return undefined;
    // The kernel refuses another destination than the peer of these.
    const bound = this.family === AF_UNIX && !isConnectionless(this);
    if (address !== null && !bound) checkSend(this, address);
    const to = address === null ? NONE : sockaddr(this.family, address);
    if (!this.#admit()) return undefined;
    flags |= this.#sendFlags;
    if (data.length > MOST) data = data.subarray(0, MOST);
    const count = ancillary.length > 0
      ? sendRecord(this.fd, data, flags, to, ancillary)
      : libc.sendto(
        this.fd,
        data,
        data.length,
        flags,
        to.length > 0 ? to : null,
        to.length,
      );
    return count < 0 ? this.#failed() : count;
  }

  openFile(file: Deno.FsFile): OpenFile | null {
    const fd = descriptorOf(file);
    if (fd === null) return null;
    return {
      send: (offset, count) => this.#sendFile(fd, offset, count),
      close: () => void close(fd),
    };
  }

  #sendFile(file: number, offset: number, count: number): number | undefined {
    this.#check();
    if (!this.#writes.empty || !this.#admit()) return undefined;
    const sent = sendFile(this.fd, file, offset, count);
    return sent < 0 ? this.#failed() : sent;
  }

  /** The same as {@linkcode #failed} for a call that receives. */
  #foundNothing(code: number, flags: number): undefined {
    // Urgent data and errors are apart from what else there is to be read.
    if (code === errno.EAGAIN && !(flags & (MSG_OOB | MSG_ERRQUEUE))) {
      this.#readable &&= this.#registration === 0;
    }
    return this.#failed(code);
  }

  /** Raises the error of the last call, unless that only has to wait. */
  #failed(code = lastErrno()): undefined {
    if (code === errno.EAGAIN) return undefined;
    // A signal came: the call is tried again after a turn of the event loop.
    if (code !== errno.EINTR) throw new OSError(code);
    queueMicrotask(() => this.retry());
    return undefined;
  }

  // The end

  shutdown(how: number): void {
    this.#check();
    check(() => libc.shutdown(this.fd, how));
    // Of a way out that is closed, the kernel tells calls that wait within it,
    // but reports no event on AF_UNIX.
    this.#ending = true;
    this.retry();
  }

  close(): void {
    if (this.#closed) return;
    this.#received?.close();
    this.#end();
    if (this.#owed === null) this.#finish();
  }

  /** Sends what is owed; the end of it closes a closed socket at last. */
  #settleDebt(): void {
    if (!this.#owed!.send()) return;
    this.#owed = null;
    if (this.#closed) this.#finish();
  }

  #finish(): void {
    this.#unregister();
    close(this.fd);
  }

  #unregister(): void {
    if (this.#registration !== 0) {
      thePoller().remove(this.fd, this.#registration);
    }
    this.#registration = 0;
    this.#readable = true;
  }

  depart(fd: number, { peer }: Carrier): Departure | null {
    const returned = this.#owed !== null || this.#received?.empty === false;
    if (peer === null || fd >= marks.length || returned) return null;
    const { family, type, proto } = this;
    const unread = this.#front.length > 0
      ? this.#front.look(this.#front.length)
      : null;
    const message: Sent = [fd, self, family, type, proto, unread];
    const send = () => {
      if (unread) this.#front.skip(unread.length);
      forgetDescriptor(fd);
      this.#end();
    };
    // The other thread may have it, and close it, before this call ends.
    if (self === 0) give(fd, peer);
    // Behind a copy of the descriptor, a registration would outlive that.
    this.#unregister();
    const cancel = () => {
      if (self === 0) give(fd, 0);
      if (this.#watches) this.#registration = thePoller().add(this);
    };
    return { kind: NATIVE, message, send, cancel };
  }

  /** Ends all calls. */
  #end(): void {
    this.#closed = true;
    forget(this.fd, this);
    deferred.delete(this);
    this.#wake(POLLNVAL);
    // A watch that stays must not keep the poller waiting.
    this.#demand();
  }

  #check(): void {
    if (this.#closed) throw new OSError(errno.EBADF);
  }

  // Names and options

  takeError(): Error | null {
    const error = this.#error;
    if (error) {
      this.#error = null;
      return error;
    }
    const code = this.getsockopt(SOL_SOCKET, SO_ERROR, 0) as number;
    return code === 0 ? null : new OSError(code);
  }

  getsockname(): SocketAddress {
    this.#check();
    check(() => libc.getsockname(this.fd, peer.bytes, peer.reset().length));
    return this.#address();
  }

  getpeername(): SocketAddress {
    this.#check();
    check(() => libc.getpeername(this.fd, peer.bytes, peer.reset().length));
    return this.#address();
  }

  /** The address that the last call filled in. */
  #address(): SocketAddress {
    return peer.address ?? addressFamily(this.family).unbound;
  }

  getsockopt(
    level: number,
    name: number,
    size: number,
  ): number | Uint8Array<ArrayBuffer> {
    this.#check();
    // SO_ERROR takes the error away.
    this.#news = 0;
    return getOption(this.fd, level, name, size);
  }

  setsockopt(
    level: number,
    name: number,
    value: number | Uint8Array<ArrayBuffer>,
  ): void {
    this.#check();
    this.#news = 0;
    const bytes = typeof value === "number"
      ? new Uint8Array(Int32Array.of(value).buffer)
      : value;
    check(() => libc.setsockopt(this.fd, level, name, bytes, bytes.length));
  }

  // Other threads

  snapshot(): Snapshot {
    const listening = this.getsockopt(SOL_SOCKET, SO_ACCEPTCONN, 0) !== 0;
    let peername: SocketAddress | null = null;
    try {
      peername = this.getpeername();
    } catch {
      // It is not connected.
    }
    return {
      phase: listening
        ? "listening"
        : peername !== null
        ? "connected"
        : this.#connecting
        ? "connecting"
        : "new",
      sockname: this.getsockname(),
      peername,
      writeEnded: false,
    };
  }

  resume(leftovers: Leftovers): void {
    const received = new Received(leftovers);
    if (!received.empty) this.#received = received;
    this.#error = leftovers.error;
    holds(this);
    if (leftovers.unsent.length > 0) {
      this.#owed = new Owed(this, leftovers.unsent, this.#sendFlags);
      this.#settleDebt();
    }
    this.putBack(leftovers.bytes);
    this.retry();
    this.#demand();
  }
}
