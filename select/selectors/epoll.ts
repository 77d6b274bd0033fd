/**
 * A selector over `epoll()`.
 *
 * @module
 */

import type { Socket } from "../../socket/socket.ts";
import { type Epoll, epoll } from "../epoll.ts";
import type { Selectable } from "../watches.ts";
import type { FileObject } from "./key.ts";
import { maskOf, milliseconds, targetOf } from "./polled.ts";
import { RegisteredSelector, type Target, type Waiter } from "./registered.ts";

/**
 * A selector over `epoll()`, the one to use: with native sockets it is the
 * system's. Of a socket that was closed but not unregistered, nothing is
 * reported.
 *
 * Follows Python's
 * [`EpollSelector`](https://docs.python.org/3/library/selectors.html#selectors.EpollSelector).
 */
export class EpollSelector<Data = unknown, T extends FileObject = Socket>
  extends RegisteredSelector<Data, T> {
  readonly #epoll: Epoll;

  /** Makes one, with nothing registered. */
  constructor() {
    const ep = epoll();
    super(new EpollWaiter(ep));
    this.#epoll = ep;
  }

  /**
   * The descriptor of the epoll object.
   *
   * @throws {RangeError} If the selector is closed.
   */
  fileno(): number {
    return this.#epoll.fileno();
  }
}

class EpollWaiter implements Waiter {
  readonly #epoll: Epoll;

  constructor(epoll: Epoll) {
    this.#epoll = epoll;
  }

  add(what: Selectable, events: number): void {
    this.#epoll.register(what, maskOf(events));
  }

  modify(what: Selectable, events: number): void {
    this.#epoll.modify(what, maskOf(events));
  }

  delete(what: Selectable): void {
    this.#epoll.unregister(what);
  }

  async wait(timeout: number | null): Promise<Target[]> {
    const ms = milliseconds(timeout);
    return (await this.#epoll.poll(ms && ms / 1000)).map(targetOf);
  }

  close(): void {
    this.#epoll.close();
  }
}
