/**
 * `select()`.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { OSError } from "../socket/errors.ts";
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
} from "../socket/reactor/events.ts";
import { readyFor, type Source } from "../socket/reactor/readiness.ts";
import { raise } from "../socket/stack.ts";
import { checkTimeout } from "../socket/timeouts.ts";
import { Ready } from "./ready.ts";
import {
  type Selectable,
  sourceOf,
  type SourceWatch,
  Watches,
} from "./watches.ts";

/** The events that select(2) calls readable, writable and exceptional. */
const EVENTS = [POLLIN | POLLHUP | POLLERR, POLLOUT | POLLERR, POLLPRI];

/** Options of {@linkcode select}. */
export interface SelectOptions {
  /** Ends the iteration; an awaited call is rejected with its reason. */
  signal?: AbortSignal | undefined;
}

/**
 * Waits until one of many sockets can be read from, written to, or is in an
 * exceptional state, and tells which: three arrays, holding the very objects
 * that were passed.
 *
 * `await` it for one answer, or write `for await` for one after the other. The
 * lists are read again before every wait, so they may change meanwhile; the
 * iteration ends when all three are empty. An iterator can be read only once: for
 * the keys of a `Map`, pass `{ [Symbol.iterator]: () => map.keys() }`.
 *
 * Readiness is level-triggered: a socket with unread bytes, a waiting
 * connection, the end of its stream or an error is readable every time, one
 * whose queue has room is writable every time.
 *
 * ```ts
 * import { select, socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * using server = socket.create_server(["127.0.0.1", 0]);
 * using client = await socket.create_connection(server.getsockname());
 *
 * const inputs: socket.Socket[] = [server];
 * for await (const [readable] of select.select(inputs, [], inputs)) {
 *   for (const s of readable) {
 *     if (s === server) {
 *       const [conn] = await s.accept();
 *       inputs.push(conn);
 *       await client.sendall("Hello, world");
 *     } else {
 *       assertEquals((await s.recv(1024)).length, 12);
 *       s.close();
 *       inputs.length = 0;
 *     }
 *   }
 * }
 * ```
 *
 * Follows Python's
 * [`select.select`](https://docs.python.org/3/library/select.html#select.select).
 *
 * @param rlist Objects to become readable: any iterable of sockets, descriptors or
 * other {@linkcode Selectable} objects.
 * @param wlist Objects to become writable.
 * @param xlist Objects to get into an exceptional state, which means urgent data
 * and doesn't happen over Deno.
 * @param timeout Seconds after which three empty arrays are the answer; 0 only
 * looks; `null` waits for as long as it takes.
 * @throws {OSError} `EBADF` if a list holds a closed socket.
 * @throws {RangeError} If `timeout` is negative.
 * @throws {TypeError} If something can't be waited for, or an iterator is to be
 * read again.
 */
export function select<
  R extends Selectable = never,
  W extends Selectable = never,
  X extends Selectable = never,
>(
  rlist: Iterable<R>,
  wlist: Iterable<W>,
  xlist: Iterable<X>,
  timeout: number | null = null,
  options: SelectOptions = {},
): Ready<[readable: R[], writable: W[], exceptional: X[]]> {
  const seconds = checkTimeout(timeout);
  const ms = seconds && seconds * 1000;
  const { signal } = options;
  const lists = [rlist, wlist, xlist];
  const once = async () => {
    signal?.throwIfAborted();
    const wait = new Wait();
    try {
      return await wait.next(lists.map((list) => [...list]), ms, signal);
    } catch (error) {
      return await raise(error);
    } finally {
      wait.end();
    }
  };
  const again = async function* () {
    lists.forEach(checkRepeatable);
    const wait = new Wait();
    try {
      while (!signal?.aborted) {
        const now = lists.map((list) => [...list]);
        if (isEmpty(now)) return;
        yield await wait.next(now, ms, signal);
      }
    } catch (error) {
      if (!signal?.aborted || error !== signal.reason) throw error;
    } finally {
      wait.end();
    }
  };
  return new Ready<Selectable[][]>(once, again) as Ready<[R[], W[], X[]]>;
}

/**
 * One wait after the other for the objects of three lists. Objects that stay in
 * the lists stay watched between the waits.
 */
class Wait {
  readonly #watched = new Map<Source, SourceWatch>();
  readonly #watches = new Watches(this);

  /** Waits until an object is ready, or for so many milliseconds. */
  async next(
    lists: Selectable[][],
    timeout: number | null,
    signal: AbortSignal | undefined,
  ): Promise<Selectable[][]> {
    const sources = lists.map((list) => list.map(sourceOf));
    this.#watch(sources);
    const look = () => {
      signal?.throwIfAborted();
      const now = lists.map((list, i) =>
        list.filter((_, j) => isReady(sources[i]![j]!, EVENTS[i]!))
      );
      return isEmpty(now) ? undefined : now;
    };
    const abort = () => this.#watches.wake();
    signal?.addEventListener("abort", abort);
    try {
      return await this.#watches.wait(timeout, look, () => [[], [], []]);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Watches the listed objects, and no others. */
  #watch(lists: Source[][]): void {
    const wanted = new Map<Source, number>();
    lists.forEach((list, i) => {
      for (const source of list) {
        wanted.set(source, (wanted.get(source) ?? 0) | EVENTS[i]!);
      }
    });
    for (const [source, watch] of this.#watched) {
      if (wanted.has(source)) continue;
      this.#watches.delete(watch);
      this.#watched.delete(source);
    }
    for (const [source, events] of wanted) {
      let watch = this.#watched.get(source);
      if (!watch) {
        watch = this.#watches.add(source, false);
        this.#watched.set(source, watch);
      }
      watch.start(events);
    }
  }

  /** Leaves no watch behind. */
  end(): void {
    this.#watches.clear();
  }
}

/** Refuses an iterator, which would be exhausted after the first round. */
function checkRepeatable(list: Iterable<unknown>): void {
  const iterator: unknown = list[Symbol.iterator]();
  if (iterator === list) {
    throw new TypeError(
      "the lists are read again and again, which an iterator can't be",
    );
  }
}

function isEmpty(lists: unknown[][]): boolean {
  return lists.every((list) => list.length === 0);
}

function isReady(source: Source, events: number): boolean {
  const ready = readyFor(source, events | POLLNVAL);
  if (ready & POLLNVAL) throw new OSError(errno.EBADF);
  return ready !== 0;
}
