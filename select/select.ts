/**
 * `select()`.
 *
 * @module
 */

import * as errno from "../errno.ts";
import { OSError } from "../socket/errors.ts";
import type { Source } from "../socket/reactor/readiness.ts";
import { raise } from "../socket/stack.ts";
import { checkTimeout } from "../socket/timeouts.ts";
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
} from "../socket/transport/transport.ts";
import { turn } from "../socket/reactor/turn.ts";
import { Alarm } from "./alarm.ts";
import { resetBudget, yieldIfDue } from "../socket/reactor/budget.ts";
import { Ready } from "./ready.ts";
import { type Selectable, sourceOf } from "./source.ts";
import { type SourceWatch, Watches } from "./watches.ts";

// What select(2) takes for readable, writable and exceptional.
const READABLE = POLLIN | POLLHUP | POLLERR;
const WRITABLE = POLLOUT | POLLERR;
const EXCEPTIONAL = POLLPRI;

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
 * @param rlist Who may become readable: any iterable of sockets, descriptors or
 * other {@linkcode Selectable} objects.
 * @param wlist Who may become writable.
 * @param xlist Who may get into an exceptional state, which means urgent data
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
  const { signal } = options;
  const once = async () => {
    signal?.throwIfAborted();
    const wait = new Wait<R, W, X>();
    try {
      return await wait.next(
        [...rlist],
        [...wlist],
        [...xlist],
        seconds,
        signal,
      );
    } catch (error) {
      return await raise(error);
    } finally {
      wait.end();
    }
  };
  const again = async function* () {
    for (const list of [rlist, wlist, xlist]) checkRepeatable(list);
    const wait = new Wait<R, W, X>();
    try {
      while (!signal?.aborted) {
        const lists: [R[], W[], X[]] = [[...rlist], [...wlist], [...xlist]];
        if (isEmpty(lists)) return;
        yield await wait.next(...lists, seconds, signal);
      }
    } catch (error) {
      if (!signal?.aborted || error !== signal.reason) throw error;
    } finally {
      wait.end();
    }
  };
  return new Ready(once, again);
}

/** A source that is in the lists. */
interface Listed {
  readonly watch: SourceWatch;
  /** The events of the round that is being prepared. */
  wanted: number;
}

/**
 * One wait after the other for the objects of three lists. What stays in the
 * lists stays watched between the waits.
 */
class Wait<R extends Selectable, W extends Selectable, X extends Selectable> {
  readonly #listed = new Map<Source, Listed>();
  readonly #watches = new Watches(this);

  /** Waits until somebody is ready, or the time is over. */
  async next(
    rlist: R[],
    wlist: W[],
    xlist: X[],
    seconds: number | null,
    signal: AbortSignal | undefined,
  ): Promise<[R[], W[], X[]]> {
    const sources: Sources = [
      rlist.map(sourceOf),
      wlist.map(sourceOf),
      xlist.map(sourceOf),
    ];
    const look = (): [R[], W[], X[]] => [
      ready(rlist, sources[0], READABLE),
      ready(wlist, sources[1], WRITABLE),
      ready(xlist, sources[2], EXCEPTIONAL),
    ];
    this.#watch(sources);
    let now = look();
    if (!isEmpty(now)) {
      await yieldIfDue();
      return now;
    }
    const deadline = seconds === null
      ? null
      : performance.now() + seconds * 1000;
    const alarm = new Alarm();
    const { alarms } = this.#watches;
    alarms.add(alarm);
    try {
      do {
        if (seconds === 0) await turn();
        else {
          await alarm.sleep(deadline && deadline - performance.now(), signal);
        }
        now = look();
      } while (
        isEmpty(now) && (deadline === null || performance.now() < deadline)
      );
    } finally {
      alarms.delete(alarm);
    }
    resetBudget();
    return now;
  }

  /** Brings what is watched in line with what is listed. */
  #watch([readers, writers, others]: Sources): void {
    for (const listed of this.#listed.values()) listed.wanted = 0;
    for (const source of readers) this.#want(source, READABLE);
    for (const source of writers) this.#want(source, WRITABLE);
    for (const source of others) this.#want(source, EXCEPTIONAL);
    for (const [source, { watch, wanted }] of this.#listed) {
      if (wanted !== 0) watch.start(wanted);
      else {
        this.#watches.delete(watch);
        this.#listed.delete(source);
      }
    }
  }

  #want(source: Source, events: number): void {
    const listed = this.#listed.get(source);
    if (listed) listed.wanted |= events;
    else {
      const watch = this.#watches.add(source, false);
      this.#listed.set(source, { watch, wanted: events });
    }
  }

  /** Leaves no watch behind. */
  end(): void {
    this.#watches.clear();
    this.#listed.clear();
  }
}

/** An iterator would be at its end after the first round. */
function checkRepeatable(list: Iterable<unknown>): void {
  const iterator: unknown = list[Symbol.iterator]();
  if (iterator === list) {
    throw new TypeError(
      "the lists are read again and again, which an iterator can't be",
    );
  }
}

/** What stands behind each object of the three lists. */
type Sources = [readers: Source[], writers: Source[], others: Source[]];

function isEmpty(lists: unknown[][]): boolean {
  return lists.every((list) => list.length === 0);
}

function ready<T>(list: T[], sources: Source[], events: number): T[] {
  return list.filter((_, index) => {
    const now = sources[index]!.readiness;
    if (now & POLLNVAL) throw new OSError(errno.EBADF);
    return now & events;
  });
}
