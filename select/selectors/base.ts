/**
 * The base class of all selectors.
 *
 * @module
 */

import { RuntimeError } from "../../socket/runtime_error.ts";
import type { Socket } from "../../socket/socket.ts";
import type { DataArgument, FileObject, ReadyKey, SelectorKey } from "./key.ts";

/**
 * Waits for many objects, and returns what was registered with each that is
 * ready. This is the base of all selectors, and has no way to wait itself: use
 * {@linkcode DefaultSelector}.
 *
 * The type of the data is the first type argument, that of the objects the
 * second, which is `Socket` if left out:
 * `new selectors.DefaultSelector<Handler, socket.Socket | number>()`.
 *
 * Follows Python's
 * [`BaseSelector`](https://docs.python.org/3/library/selectors.html#selectors.BaseSelector).
 */
export abstract class BaseSelector<
  Data = unknown,
  T extends FileObject = Socket,
> implements Disposable, AsyncIterable<ReadyKey<Data, T>[]> {
  /**
   * Registers an object.
   *
   * @param fileobj A socket, a descriptor, another object that `select()` can
   * wait for, or one with a method `fileno()`.
   * @param events `EVENT_READ`, `EVENT_WRITE`, or both.
   * @param data Anything that is to come back with it; `null` if left out.
   * @throws {RangeError} If the events or the object are invalid (Python's
   * `ValueError`), or it is registered already (`KeyError`).
   * @throws {OSError} `EBADF` if the descriptor isn't open.
   */
  abstract register(
    fileobj: T,
    events: number,
    ...data: DataArgument<Data>
  ): SelectorKey<Data, T>;

  /**
   * Ends the registration of an object, which may have been closed.
   *
   * @throws {RangeError} If it isn't registered (Python's `KeyError`).
   */
  abstract unregister(fileobj: FileObject): SelectorKey<Data, T>;

  /**
   * Changes the events and the data of a registered object. Data that is left
   * out is `null` from then on.
   *
   * @throws {RangeError} As {@linkcode BaseSelector.prototype.unregister | unregister}
   * and {@linkcode BaseSelector.prototype.register | register}.
   */
  modify(
    fileobj: T,
    events: number,
    ...data: DataArgument<Data>
  ): SelectorKey<Data, T> {
    this.unregister(fileobj);
    return this.register(fileobj, events, ...data);
  }

  /**
   * Waits until at least one object is ready: `[key, events]` for each that
   * is. The array is empty if the time is over, or if what was ready has been
   * unregistered meanwhile.
   *
   * @param timeout Seconds to wait at most; 0 or less only looks; `null` or
   * nothing waits for as long as it takes.
   */
  abstract select(timeout?: number | null): Promise<ReadyKey<Data, T>[]>;

  /**
   * Ends all registrations, and all calls that wait. The selector can't be used
   * any more. What was registered stays open.
   */
  close(): void {}

  /**
   * The key of a registered object.
   *
   * @throws {RangeError} If the object isn't registered (Python's `KeyError`).
   * @throws {RuntimeError} If the selector is closed.
   */
  get_key(fileobj: FileObject): SelectorKey<Data, T> {
    const map = this.get_map();
    if (map === null) throw new RuntimeError("Selector is closed");
    const key = map.get(fileobj);
    if (key) return key;
    throw new RangeError(`${String(fileobj)} is not registered`);
  }

  /**
   * All keys, by the descriptors of the objects: a `Map` that can't be changed,
   * and always shows what is registered. `get()` and `has()` take objects and
   * descriptors. `null` once the selector is closed.
   */
  abstract get_map(): ReadonlyMap<FileObject, SelectorKey<Data, T>> | null;

  /** {@linkcode BaseSelector.prototype.close | close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Waits again and again, and yields what is ready each time, until the
   * selector is closed: `for await (const ready of selector)`.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<
    ReadyKey<Data, T>[],
    void,
    void
  > {
    while (this.get_map() !== null) {
      let ready;
      try {
        ready = await this.select();
      } catch (error) {
        if (this.get_map() === null) return;
        throw error;
      }
      if (ready.length > 0) yield ready;
    }
  }
}
