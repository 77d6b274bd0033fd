/**
 * The registration of an object with a selector.
 *
 * @module
 */

import type { Socket } from "../../socket/socket.ts";
import type { Selectable } from "../watches.ts";

/** Available for reading. */
export const EVENT_READ: number = 1;
/** Available for writing. */
export const EVENT_WRITE: number = 2;

/**
 * What can be registered: a socket, a descriptor, anything else that `select()`
 * can wait for, or an object whose `fileno()` returns a descriptor.
 */
export type FileObject = Selectable | { fileno(): number };

/**
 * The data of a registration as an argument: it may be left out where `null`
 * is one of its values, which is what it then is.
 */
export type DataArgument<Data> = null extends Data ? [data?: Data]
  : [data: Data];

/**
 * An object that is registered with a selector, and what it is registered for.
 *
 * Follows Python's
 * [`SelectorKey`](https://docs.python.org/3/library/selectors.html#selectors.SelectorKey).
 */
export class SelectorKey<Data = unknown, T extends FileObject = Socket> {
  /** The object that was registered. */
  readonly fileobj: T;
  /** Its descriptor; -1 if it has none, as a queue. */
  readonly fd: number;
  /** The events that are waited for: {@linkcode EVENT_READ}, {@linkcode EVENT_WRITE}. */
  readonly events: number;
  /** The data that `register()` was given with it; `null` if there was none. */
  readonly data: Data;

  /** Makes one; `register()` and `modify()` do. */
  constructor(fileobj: T, fd: number, events: number, data: Data) {
    this.fileobj = fileobj;
    this.fd = fd;
    this.events = events;
    this.data = data;
  }
}

/** One ready object, as `select()` returns it. */
export type ReadyKey<Data, T extends FileObject> = [
  key: SelectorKey<Data, T>,
  events: number,
];
