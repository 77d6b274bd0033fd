/**
 * Waiting for many sockets at once, under the names of Python's
 * [`select`](https://docs.python.org/3/library/select.html) module.
 *
 * {@linkcode select} takes three lists of sockets. {@linkcode poll} and
 * {@linkcode epoll} make objects with which sockets are registered once, so
 * that a wait costs as much as is ready, however many are registered. All three
 * can be awaited once, or iterated with `for await`. Queues and the files of
 * `makefile()` can be waited for too.
 *
 * @example Each of the three
 * ```ts
 * import * as select from "jsr:@berkeley/socket/select";
 * import * as socket from "jsr:@berkeley/socket/socket";
 *
 * const [a, b] = await socket.socketpair();
 * await b.send("Hello, world");
 *
 * const [readable] = await select.select([a], [], [], 5); // Seconds.
 * console.log(readable[0] === a);
 *
 * const p = select.poll();
 * p.register(a, select.POLLIN);
 * for (const [s, event] of await p.poll(5000)) { // Milliseconds.
 *   console.log(s === a, event === select.POLLIN);
 * }
 *
 * using ep = select.epoll();
 * ep.register(a, select.EPOLLIN);
 * console.log((await ep.poll(5)).length); // Seconds.
 *
 * a.close();
 * b.close();
 * ```
 *
 * @module select
 */

export * from "../socket/reactor/events.ts";
export { OSError as error } from "../socket/errors.ts";
export {
  type Pollable,
  type Reactor,
  readiness,
  type Source,
  type Watch,
} from "../socket/reactor/readiness.ts";
export type {
  Movable,
  ThreadLink,
  TransferRecord,
} from "../socket/link/transfer.ts";
export { Epoll, epoll, type EpollFactory } from "./epoll.ts";
export type { Event } from "./interest.ts";
export { Poll, poll } from "./poll.ts";
export { Ready } from "./ready.ts";
export { select, type SelectOptions } from "./select.ts";
export type { Selectable } from "./watches.ts";
