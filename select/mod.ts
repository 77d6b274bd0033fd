/**
 * Waiting for many sockets at once, under the names of Python's
 * [`select`](https://docs.python.org/3/library/select.html) module.
 *
 * ```ts
 * import * as select from "@berkeley/socket/select";
 * import * as socket from "@berkeley/socket/socket";
 *
 * using server = socket.create_server(["127.0.0.1", 0]);
 * const [readable] = await select.select([server], [], [], 0);
 * console.log(readable.length);
 * ```
 *
 * @module
 */

export * from "./constants.ts";
export { OSError as error } from "../socket/errors.ts";
export {
  type Pollable,
  readiness,
  type Source,
  type Watch,
} from "../socket/readiness.ts";
export type { Movable, Parcel, Way } from "../socket/transfer.ts";
export { Epoll, epoll } from "./epoll.ts";
export type { Event } from "./interest.ts";
export { Poll, poll } from "./poll.ts";
export { Ready } from "./ready.ts";
export { select, type SelectOptions } from "./select.ts";
export type { Selectable } from "./source.ts";
