/**
 * A selector over `poll()`.
 *
 * @module
 */

import type { Socket } from "../../socket/socket.ts";
import { Interest } from "../interest.ts";
import type { Selectable } from "../watches.ts";
import type { FileObject } from "./key.ts";
import { maskOf, milliseconds, targetOf } from "./polled.ts";
import { RegisteredSelector, type Target, type Waiter } from "./registered.ts";

/**
 * A selector that waits as `poll()` does. A socket that was closed but not
 * unregistered is ready for all that it is registered for.
 *
 * Follows Python's
 * [`PollSelector`](https://docs.python.org/3/library/selectors.html#selectors.PollSelector).
 */
export class PollSelector<Data = unknown, T extends FileObject = Socket>
  extends RegisteredSelector<Data, T> {
  /** Makes one, with nothing registered. */
  constructor() {
    super(new PollWaiter());
  }
}

class PollWaiter implements Waiter {
  readonly #interest = new Interest<Selectable>();
  #closed: Error | null = null;

  add(what: Selectable, events: number): void {
    if (this.#closed) throw this.#closed;
    this.#interest.add(what, maskOf(events));
  }

  modify(what: Selectable, events: number): void {
    this.#interest.modify(what, maskOf(events));
  }

  delete(what: Selectable): void {
    this.#interest.delete(what);
  }

  async wait(timeout: number | null): Promise<Target[]> {
    return (await this.#interest.wait(milliseconds(timeout))).map(targetOf);
  }

  close(): void {
    this.#closed = new RangeError("I/O operation on closed selector");
    this.#interest.end(this.#closed);
  }
}
