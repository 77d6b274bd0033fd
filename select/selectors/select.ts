/**
 * A selector over `select()`.
 *
 * @module
 */

import type { Socket } from "../../socket/socket.ts";
import { select } from "../select.ts";
import type { Selectable } from "../watches.ts";
import {
  type DataArgument,
  EVENT_READ,
  EVENT_WRITE,
  type FileObject,
  type SelectorKey,
} from "./key.ts";
import { RegisteredSelector, type Target, type Waiter } from "./registered.ts";

/**
 * A selector over `select()`. A wait costs as much as is registered, and takes
 * no notice of what is registered meanwhile; a socket that was closed but not
 * unregistered makes it raise `EBADF`.
 *
 * Follows Python's
 * [`SelectSelector`](https://docs.python.org/3/library/selectors.html#selectors.SelectSelector).
 */
export class SelectSelector<Data = unknown, T extends FileObject = Socket>
  extends RegisteredSelector<Data, T> {
  /** Makes one, with nothing registered. */
  constructor() {
    super(new SelectWaiter());
  }

  /** As that of the other selectors; with invalid events it unregisters. */
  override modify(
    fileobj: T,
    events: number,
    ...data: DataArgument<Data>
  ): SelectorKey<Data, T> {
    const key = this.get_map()?.get(fileobj);
    if (!key || key.events === events) {
      return super.modify(fileobj, events, ...data);
    }
    this.unregister(fileobj);
    return this.register(fileobj, events, ...data);
  }
}

class SelectWaiter implements Waiter {
  readonly #readers = new Set<Selectable>();
  readonly #writers = new Set<Selectable>();
  readonly #closing = new AbortController();

  add(what: Selectable, events: number): void {
    this.#closing.signal.throwIfAborted();
    if (events & EVENT_READ) this.#readers.add(what);
    if (events & EVENT_WRITE) this.#writers.add(what);
  }

  modify(what: Selectable, events: number): void {
    this.delete(what);
    this.add(what, events);
  }

  delete(what: Selectable): void {
    this.#readers.delete(what);
    this.#writers.delete(what);
  }

  async wait(timeout: number | null): Promise<Target[]> {
    const { signal } = this.#closing;
    const [readable, writable] = await select(
      this.#readers,
      this.#writers,
      [],
      timeout,
      { signal },
    );
    const ready = new Map<Selectable, number>();
    for (const what of readable) ready.set(what, EVENT_READ);
    for (const what of writable) {
      ready.set(what, (ready.get(what) ?? 0) | EVENT_WRITE);
    }
    return [...ready];
  }

  close(): void {
    this.#closing.abort(new RangeError("I/O operation on closed selector"));
  }
}
