/**
 * What a socket brings along that returns from a thread it was lent to.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { MSG_PEEK, MSG_TRUNC, SOCK_STREAM } from "../../constants.ts";
import type {
  Accepted,
  Endpoint,
  Leftovers,
  Message,
  Unsent,
} from "../transport.ts";
import { interrupted, lastErrno, libc } from "./libc.ts";
import { sockaddr } from "./sockaddr.ts";

/** What was received, before all that the kernel has. */
export class Received {
  readonly #messages: Message[];
  readonly #accepted: Accepted[];

  constructor({ messages, accepted }: Leftovers) {
    this.#messages = [...messages];
    this.#accepted = [...accepted];
  }

  /** Nothing is left. */
  get empty(): boolean {
    return this.#messages.length === 0 && this.#accepted.length === 0;
  }

  /** The next record, as `recvmsg(2)` would receive it. */
  message(count: number, flags: number): Message | undefined {
    const [message] = this.#messages;
    if (message === undefined) return undefined;
    if (!(flags & MSG_PEEK)) this.#messages.shift();
    const { data } = message;
    return data.length <= count
      ? message
      : { ...message, data: data.slice(0, count), flags: MSG_TRUNC };
  }

  /** The next connection. */
  accept(): Accepted | undefined {
    return this.#accepted.shift();
  }

  /** Closes what nobody can accept any more. */
  close(): void {
    for (const { endpoint } of this.#accepted.splice(0)) endpoint.close();
  }
}

type Owner = Pick<Endpoint, "family" | "type"> & { readonly fd: number };

/** What has to be sent before all else, also if the socket is closed. */
export class Owed {
  readonly #socket: Owner;
  readonly #unsent: Unsent[];
  readonly #flags: number;

  /** @param flags The `MSG_` flags of each sending. */
  constructor(
    socket: Owner,
    unsent: readonly Unsent[],
    flags: number,
  ) {
    this.#socket = socket;
    this.#unsent = [...unsent];
    this.#flags = flags;
  }

  /** Sends what the kernel takes; whether nothing is left. */
  send(): boolean {
    const { fd, type } = this.#socket;
    for (let next; (next = this.#unsent[0]);) {
      if ("how" in next) libc.shutdown(fd, next.how);
      else {
        const count = this.#sendOne(next);
        if (count < 0) {
          if (lastErrno() === errno.EAGAIN) return false;
          // The connection is gone, and what else was to be sent with it.
          if (type === SOCK_STREAM) this.#unsent.length = 0;
        } else if (count < next.data.length) {
          next.data = next.data.subarray(count);
          continue;
        }
      }
      this.#unsent.shift();
    }
    return true;
  }

  #sendOne({ data, address }: Exclude<Unsent, { how: number }>): number {
    const { fd, family } = this.#socket;
    const flags = this.#flags;
    // Without an address this is send(2).
    const to = address && sockaddr(family, address);
    let count;
    do {
      count = libc.sendto(fd, data, data.length, flags, to, to?.length ?? 0);
    } while (interrupted(count));
    return count;
  }
}
