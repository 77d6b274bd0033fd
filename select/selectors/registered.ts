/**
 * Selectors over something that waits.
 *
 * @module
 */

import { int } from "../../socket/arguments.ts";
import { OSError } from "../../socket/errors.ts";
import { transfer } from "../../socket/link/transfer.ts";
import { readiness } from "../../socket/reactor/readiness.ts";
import { checkTimeout } from "../../socket/timeouts.ts";
import { Ready } from "../ready.ts";
import type { Selectable } from "../watches.ts";
import { BaseSelector } from "./base.ts";
import {
  type DataArgument,
  EVENT_READ,
  EVENT_WRITE,
  type FileObject,
  type ReadyKey,
  SelectorKey,
} from "./key.ts";
import { Keys } from "./keys.ts";

/** What is waited for, and its `EVENT_` bits. */
export type Target = [what: Selectable, events: number];

/** Waits for the objects of one selector. */
export interface Waiter {
  /** Begins to wait for an object. */
  add(what: Selectable, events: number): void;
  /** Waits for other events of it. */
  modify(what: Selectable, events: number): void;
  /** Waits for it no more. An `OSError` says that it wasn't any more. */
  delete(what: Selectable): void;
  /** What is ready, after so many seconds at most; `null` is for ever. */
  wait(timeout: number | null): Promise<Target[]>;
  /** Ends all waits with an error, and later calls too. */
  close(): void;
}

/**
 * Keeps the keys of what a {@linkcode Waiter} waits for.
 *
 * @internal
 */
export abstract class RegisteredSelector<Data, T extends FileObject>
  extends BaseSelector<Data, T> {
  readonly #keys = new Keys<Data, T>();
  readonly #waiter: Waiter;
  #closed = false;

  constructor(waiter: Waiter) {
    super();
    this.#waiter = waiter;
  }

  override register(
    fileobj: T,
    events: number,
    ...[data = null as Data]: DataArgument<Data>
  ): SelectorKey<Data, T> {
    if (!events || int(events, "events") & ~(EVENT_READ | EVENT_WRITE)) {
      throw new RangeError(`Invalid events: ${events}`);
    }
    const id = this.#keys.idOf(fileobj);
    const fd = typeof id === "number" ? id : -1;
    if (this.#keys.get(id)) {
      throw new RangeError(
        `${String(fileobj)} (FD ${fd}) is already registered`,
      );
    }
    const key = new SelectorKey(fileobj, fd, events, data);
    this.#waiter.add(target(key), events);
    this.#keys.set(id, key);
    return key;
  }

  override unregister(fileobj: FileObject): SelectorKey<Data, T> {
    const key = this.#keys.require(fileobj);
    this.#keys.delete(this.#keys.idOf(fileobj));
    try {
      this.#waiter.delete(target(key));
    } catch (error) {
      // What was closed is forgotten already.
      if (!(error instanceof OSError)) throw error;
    }
    return key;
  }

  override modify(
    fileobj: T,
    events: number,
    ...[data = null as Data]: DataArgument<Data>
  ): SelectorKey<Data, T> {
    const key = this.#keys.require(fileobj);
    const id = this.#keys.idOf(fileobj);
    if (int(events, "events") !== key.events) {
      try {
        this.#waiter.modify(target(key), events);
      } catch (error) {
        this.#keys.delete(id);
        throw error;
      }
    } else if (data === key.data) {
      return key;
    }
    const changed = new SelectorKey(key.fileobj, key.fd, events, data);
    this.#keys.set(id, changed);
    return changed;
  }

  override select(timeout: number | null = null): Ready<ReadyKey<Data, T>[]> {
    return new Ready(async () => {
      const targets = await this.#waiter.wait(seconds(timeout));
      const ready: ReadyKey<Data, T>[] = [];
      for (const [what, happened] of targets) {
        const key = this.#keys.find(what);
        // It may have been unregistered meanwhile.
        if (key) ready.push([key, happened & key.events]);
      }
      return ready;
    });
  }

  override close(): void {
    this.#closed = true;
    this.#keys.clear();
    this.#waiter.close();
  }

  /** Refuses to go to another thread, which would get an empty object. */
  [transfer](): never {
    throw new TypeError(
      "can't be given to a thread: make one there, and give it the sockets",
    );
  }

  override get_map(): ReadonlyMap<FileObject, SelectorKey<Data, T>> | null {
    return this.#closed ? null : this.#keys.view;
  }
}

/** What is waited for. An object may know more than its descriptor: a file's buffer. */
function target({ fileobj, fd }: SelectorKey<unknown, FileObject>): Selectable {
  return typeof fileobj === "object" && readiness in fileobj ? fileobj : fd;
}

/** Python's negative time-outs only look. */
function seconds(timeout: number | null): number | null {
  return typeof timeout === "number" && timeout < 0 ? 0 : checkTimeout(timeout);
}
