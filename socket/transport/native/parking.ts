/**
 * The wait of a poller, on a thread of Deno's.
 *
 * When a worker ends, Deno leaves such a thread to itself: it goes on to wait
 * for the descriptor, whose number must not be given to anybody else meanwhile.
 * The events tell others whether it still does.
 *
 * @module
 */

import { EventList } from "./event_list.ts";
import { EPOLL_EVENT } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory } from "./memory.ts";

/** No wait reports all events there are: these stand there until it returns. */
const WAITING = 0xffff_ffff;

const first = new EventList(1);

/** Room for the events of a wait. */
export class Parking {
  /** It is never freed, as the wait may outlive this thread. */
  readonly #memory: Memory;

  /** @param size How many events there is room for. */
  constructor(readonly size: number) {
    this.#memory = new Memory(size * EPOLL_EVENT.size);
  }

  /** Where the events are, for {@linkcode isParked}. */
  get address(): bigint {
    return this.#memory.address;
  }

  #mark(events: number): void {
    first.set(0, events, 0);
    this.#memory.write(0, first.bytes);
  }

  /** Waits for events of an `epoll` descriptor, and copies them; how many. */
  async wait(epoll: number, list: EventList): Promise<number> {
    this.#mark(WAITING);
    const count = await libc.epoll_park(epoll, this.address, this.size, -1);
    if (count <= 0) this.#mark(0);
    else libc.copy(list.bytes, this.address, count * EPOLL_EVENT.size);
    return count;
  }
}

/** Whether a wait goes on whose events will be at an address. */
export function isParked(address: bigint): boolean {
  libc.copy(first.bytes, address, first.bytes.length);
  return first.events(0) === WAITING;
}
