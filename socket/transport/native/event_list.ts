/**
 * The events that `epoll_wait(2)` fills in.
 *
 * @module
 */

import { EPOLL_EVENT, LITTLE_ENDIAN } from "./layout.ts";

/** Room for some events, each with the number that it was registered with. */
export class EventList {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;

  /** @param size How many events there is room for. */
  constructor(readonly size: number) {
    this.bytes = new Uint8Array(size * EPOLL_EVENT.size);
    this.#view = new DataView(this.bytes.buffer);
  }

  events(index: number): number {
    return this.#view.getUint32(index * EPOLL_EVENT.size, LITTLE_ENDIAN);
  }

  id(index: number): number {
    return this.#view.getUint32(
      index * EPOLL_EVENT.size + EPOLL_EVENT.data,
      LITTLE_ENDIAN,
    );
  }

  set(index: number, events: number, id: number): void {
    const at = index * EPOLL_EVENT.size;
    this.#view.setUint32(at, events, LITTLE_ENDIAN);
    this.#view.setUint32(at + EPOLL_EVENT.data, id, LITTLE_ENDIAN);
  }
}
