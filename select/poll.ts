/**
 * `poll()`.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { integer } from "../socket/bytes.ts";
import { OSError } from "../socket/errors.ts";
import {
  type Movable,
  onArrival,
  type ThreadLink,
  transfer,
  type TransferRecord,
} from "../socket/link/transfer.ts";
import {
  EPOLLONESHOT,
  POLLIN,
  POLLOUT,
  POLLPRI,
} from "../socket/reactor/events.ts";
import { checkWait, type Event, Interest, type Packed } from "./interest.ts";
import { Ready } from "./ready.ts";
import type { Selectable } from "./watches.ts";

/**
 * Waits for many objects, which are registered once.
 *
 * A wait costs as much as there is ready, however much is registered.
 *
 * ```ts
 * import { select, socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * using server = socket.create_server(["127.0.0.1", 0]);
 * const p = select.poll();
 * p.register(server, select.POLLIN);
 * using client = await socket.create_connection(server.getsockname());
 * assertEquals(await p.poll(1000), [[server, select.POLLIN]]);
 * ```
 *
 * Follows Python's
 * [polling objects](https://docs.python.org/3/library/select.html#poll-objects)
 * and MicroPython's
 * [class `Poll`](https://docs.micropython.org/en/latest/library/select.html#class-poll).
 */
export class Poll<T extends Selectable = Selectable>
  implements AsyncIterable<Event<T>[]>, Movable {
  readonly #interest = new Interest<T>();

  static {
    onArrival("poll", (parts: Packed[], link) => {
      const arrived = new Poll();
      arrived.#interest.unpack(parts, link);
      return arrived;
    });
  }

  /**
   * Registers an object, or changes what it is registered for.
   *
   * @param object A socket, a descriptor or another {@linkcode Selectable}
   * object.
   * @param eventmask The `POLL` events to wait for, 0 to 65535. `POLLERR`,
   * `POLLHUP` and `POLLNVAL` are always reported.
   * @throws {OSError} `EBADF` if it is closed.
   */
  register(object: T, eventmask: number = POLLIN | POLLPRI | POLLOUT): void {
    this.#interest.add(object, mask(eventmask));
  }

  /**
   * Changes what a registered object is registered for.
   *
   * @throws {OSError} `ENOENT` if the object isn't registered.
   */
  modify(object: T, eventmask: number): void {
    if (!this.#interest.modify(object, mask(eventmask))) {
      throw new OSError(errno.ENOENT);
    }
  }

  /**
   * Ends the registration of an object.
   *
   * @throws {RangeError} If the object isn't registered (Python's `KeyError`).
   */
  unregister(object: T): void {
    if (!this.#interest.delete(object)) {
      throw new RangeError("the object is not registered");
    }
  }

  /**
   * Waits until something is ready, and returns `[object, eventmask]` for
   * each: the object that was registered, and what is true of it. With `for
   * await`, one such array after the other.
   *
   * @param timeout Milliseconds after which the array is empty; 0 only looks;
   * `null`, a negative number or nothing waits for as long as it takes.
   */
  poll(timeout: number | null = null): Ready<Event<T>[]> {
    const ms = checkWait(timeout);
    return new Ready(() => this.#interest.wait(ms));
  }

  /**
   * As {@linkcode Poll.prototype.poll | poll}. With `flags` 1, what was
   * reported is not reported again until
   * {@linkcode Poll.prototype.modify | modify}.
   *
   * Follows MicroPython's
   * [`poll.ipoll`](https://docs.micropython.org/en/latest/library/select.html#select.poll.ipoll).
   */
  ipoll(timeout: number | null = -1, flags = 0): Ready<Event<T>[]> {
    const ms = checkWait(timeout);
    const oneshot = integer(flags, "flags") & 1;
    return new Ready(async () => {
      const events = await this.#interest.wait(ms);
      if (oneshot) {
        for (const [object] of events) {
          this.#interest.modify(object, EPOLLONESHOT);
        }
      }
      return events;
    });
  }

  /**
   * Gives it to another thread, with all that is registered. It is empty here
   * from then on.
   *
   * @throws {TypeError} If a call waits for it, or a descriptor is
   * registered, which another thread doesn't have.
   */
  [transfer](link: ThreadLink): TransferRecord {
    return {
      kind: "poll",
      message: this.#interest.pack(link),
      send: () => this.#interest.clear(),
    };
  }

  /** {@linkcode Poll.prototype.poll | poll} without end: `for await (const ready of p)`. */
  [Symbol.asyncIterator](): AsyncGenerator<Event<T>[], void, void> {
    return this.poll()[Symbol.asyncIterator]();
  }
}

/**
 * Makes a polling object.
 *
 * ```ts
 * import { select, socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = await socket.socketpair();
 * const p = select.poll<socket.Socket>();
 * p.register(a, select.POLLIN);
 * await b.send("Hello, world");
 * for (const [s, event] of await p.poll(1000)) {
 *   if (event & select.POLLIN) assertEquals((await s.recv(1024)).length, 12);
 * }
 * a.close();
 * b.close();
 * ```
 *
 * Follows Python's
 * [`select.poll`](https://docs.python.org/3/library/select.html#select.poll).
 */
export function poll<T extends Selectable = Selectable>(): Poll<T> {
  return new Poll<T>();
}

function mask(eventmask: number): number {
  if (integer(eventmask, "eventmask") < 0 || eventmask > 0xffff) {
    throw new RangeError("eventmask must be 0-65535");
  }
  return eventmask;
}
