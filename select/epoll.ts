/**
 * `epoll()`.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { int } from "../socket/arguments.ts";
import { integer } from "../socket/bytes.ts";
import { releaseDescriptor, reserveDescriptor } from "../socket/descriptors.ts";
import { OSError } from "../socket/errors.ts";
import {
  type Movable,
  onArrival,
  type ThreadLink,
  transfer,
  type TransferRecord,
} from "../socket/link/transfer.ts";
import {
  EPOLL_CLOEXEC,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
} from "../socket/reactor/events.ts";
import {
  systemDescriptors,
  type SystemEpoll,
  transport,
} from "../socket/transport/default.ts";
import { checkWait, type Event, Interest, type Packed } from "./interest.ts";
import { Ready } from "./ready.ts";
import { SystemInterest } from "./system.ts";
import { type Selectable, sourceOf } from "./watches.ts";

/** Releases the descriptors of objects that were collected without `close()`. */
const abandoned = new FinalizationRegistry<() => void>((release) => release());

/**
 * Linux's way to wait for many objects: as {@linkcode Poll}, with edge
 * triggers, and forgetting what is closed.
 *
 * ```ts
 * import { select, socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * using server = socket.create_server(["127.0.0.1", 0]);
 * using ep = select.epoll();
 * ep.register(server, select.EPOLLIN);
 * using client = await socket.create_connection(server.getsockname());
 * assertEquals(await ep.poll(1), [[server, select.EPOLLIN]]);
 * ```
 *
 * Follows Python's
 * [epoll objects](https://docs.python.org/3/library/select.html#epoll-objects).
 */
export class Epoll<T extends Selectable = Selectable>
  implements Disposable, AsyncIterable<Event<T>[]>, Movable {
  readonly #interest: Interest<T>;
  /** What the system waits for, if it has `epoll`. */
  readonly #system: SystemInterest<T> | null;
  /** Gives the descriptor back. */
  readonly #release: () => void;
  #fd: number;

  static {
    onArrival("epoll", (parts: Packed[], link) => {
      const arrived = new Epoll();
      for (const [packed, mask] of parts) {
        arrived.#resume(link.unpack(packed) as Selectable, mask);
      }
      return arrived;
    });
  }

  /** @internal */
  constructor(system: SystemEpoll | undefined = transport.createEpoll?.()) {
    this.#system = system ? new SystemInterest<T>(system) : null;
    this.#interest = new Interest<T>(true, this.#system);
    const fd = this.#fd = system ? system.fd : reserveDescriptor();
    this.#release = system ? () => system.close() : () => releaseDescriptor(fd);
    abandoned.register(this, this.#release, this);
  }

  /** Whether {@linkcode Epoll.prototype.close | close} was called. */
  get closed(): boolean {
    return this.#fd === -1;
  }

  /** The descriptor, a small number. */
  fileno(): number {
    this.#open();
    return this.#fd;
  }

  /** Ends all registrations and waits. Closing twice does nothing. */
  close(): void {
    if (this.#fd === -1) return;
    abandoned.unregister(this);
    this.#fd = -1;
    this.#interest.end(closed());
    this.#release();
  }

  /** {@linkcode Epoll.prototype.close | close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Registers an object.
   *
   * @param object A socket, a descriptor or another {@linkcode Selectable}
   * object.
   * @param eventmask The `EPOLL` events to wait for, with `EPOLLET` and
   * `EPOLLONESHOT` if wanted.
   * @throws {OSError} `EEXIST` if it is registered, `EBADF` if it is closed.
   */
  register(
    object: T,
    eventmask: number = EPOLLIN | EPOLLPRI | EPOLLOUT,
  ): void {
    this.#open();
    integer(eventmask, "eventmask");
    const fd = this.#systemDescriptor(object);
    if (fd !== null) return this.#system!.add(fd, object, eventmask);
    if (this.#interest.has(object)) throw new OSError(errno.EEXIST);
    this.#interest.add(object, eventmask);
  }

  /**
   * Changes what an object is registered for, and reports it again if it is
   * ready.
   *
   * @throws {OSError} `ENOENT` if it isn't registered, `EBADF` if it is closed.
   */
  modify(object: T, eventmask: number): void {
    const fd = this.#registered(object);
    integer(eventmask, "eventmask");
    if (fd !== null) return this.#system!.modify(fd, object, eventmask);
    this.#interest.modify(object, eventmask);
  }

  /**
   * Ends the registration of an object.
   *
   * @throws {OSError} `ENOENT` if it isn't registered, `EBADF` if it is closed.
   */
  unregister(object: T): void {
    const fd = this.#registered(object);
    if (fd !== null) return this.#system!.delete(fd);
    this.#interest.delete(object);
  }

  /** The system's descriptor of a registered object, which may not be registered. */
  #registered(object: T): number | null {
    this.#open();
    const fd = this.#systemDescriptor(object);
    if (fd === null && !this.#interest.has(object)) {
      throw new OSError(errno.ENOENT);
    }
    return fd;
  }

  /** The descriptor of an object that the system waits for, or `null`. */
  #systemDescriptor(object: T): number | null {
    if (this.#system !== null) return this.#system.descriptorOf(object);
    sourceOf(object);
    return null;
  }

  /** Registers an object that was registered in another thread. */
  #resume(object: T, mask: number): void {
    const fd = this.#systemDescriptor(object);
    if (fd === null) this.#interest.resume(object, mask);
    else this.#system!.resume(fd, object, mask);
  }

  /**
   * Waits until something is ready, and returns `[object, eventmask]` for
   * each. With `for await`, one such array after the other.
   *
   * @param timeout Seconds after which the array is empty; 0 only looks;
   * `null`, a negative number or nothing waits for as long as it takes.
   * @param maxevents At most so many; -1 for all.
   * @throws {RangeError} If the object is closed, or `maxevents` is 0 or less
   * than -1.
   */
  poll(timeout: number | null = null, maxevents = -1): Ready<Event<T>[]> {
    this.#open();
    const seconds = checkWait(timeout);
    if (int(maxevents, "maxevents") < -1 || maxevents === 0) {
      throw new RangeError(
        `maxevents must be greater than 0, got ${maxevents}`,
      );
    }
    const most = maxevents === -1 ? Infinity : maxevents;
    const ms = seconds && seconds * 1000;
    return new Ready(async () => {
      this.#open();
      return await this.#interest.wait(ms, most);
    });
  }

  /**
   * Gives it to another thread, with all that is registered. It is closed here
   * from then on.
   *
   * @throws {TypeError} If a call waits for it, or a descriptor is
   * registered, which another thread doesn't have.
   */
  [transfer](link: ThreadLink): TransferRecord {
    this.#open();
    return {
      kind: "epoll",
      message: this.#interest.pack(link),
      send: () => this.close(),
    };
  }

  /** {@linkcode Epoll.prototype.poll | poll} without end: `for await (const ready of ep)`. */
  [Symbol.asyncIterator](): AsyncGenerator<Event<T>[], void, void> {
    return this.poll()[Symbol.asyncIterator]();
  }

  #open(): void {
    if (this.#fd === -1) throw closed();
  }
}

function closed(): Error {
  return new RangeError("I/O operation on closed epoll object");
}

/** The type of {@linkcode epoll}. */
export interface EpollFactory {
  /**
   * Makes an {@linkcode Epoll} object.
   *
   * @param sizehint Ignored, but must be positive or -1.
   * @param flags 0 or `EPOLL_CLOEXEC`, which makes no difference.
   */
  <T extends Selectable = Selectable>(
    sizehint?: number,
    flags?: number,
  ): Epoll<T>;
  /**
   * Makes an {@linkcode Epoll} object of the descriptor of one, which it closes
   * in the end. What is registered already is reported by its number.
   *
   * Follows Python's
   * [`epoll.fromfd`](https://docs.python.org/3/library/select.html#select.epoll.fromfd).
   *
   * @param fd A descriptor of the system's, which needs native sockets.
   * @throws {OSError} `EBADF` without native sockets.
   */
  fromfd<T extends Selectable = Selectable>(fd: number): Epoll<T>;
}

/**
 * Makes an {@linkcode Epoll} object.
 *
 * With native sockets it is one of the system's: `fileno()` is its descriptor,
 * and any descriptor of the system's can be registered, such as a pipe's.
 *
 * ```ts
 * import { select, socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = await socket.socketpair();
 * using ep = select.epoll<socket.Socket>();
 * ep.register(a, select.EPOLLIN | select.EPOLLET);
 * await b.send("Hello, world");
 * assertEquals(await ep.poll(1), [[a, select.EPOLLIN]]);
 * assertEquals(await ep.poll(0), []); // Nothing new has come.
 * a.close();
 * b.close();
 * ```
 *
 * Follows Python's
 * [`select.epoll`](https://docs.python.org/3/library/select.html#select.epoll).
 */
export const epoll: EpollFactory = Object.assign(create, { fromfd });

function create<T extends Selectable>(sizehint = -1, flags = 0): Epoll<T> {
  if (int(sizehint, "sizehint") !== -1 && sizehint <= 0) {
    throw new RangeError("negative sizehint");
  }
  if (int(flags, "flags") & ~EPOLL_CLOEXEC) throw new OSError(errno.EINVAL);
  return new Epoll<T>();
}

function fromfd<T extends Selectable>(fd: number): Epoll<T> {
  int(fd, "a file descriptor");
  systemDescriptors(fd);
  return new Epoll<T>(transport.createEpoll?.(fd));
}
