/**
 * A queue whose items are in another thread.
 *
 * @module
 */

import {
  type ThreadLink,
  transfer,
  type TransferRecord,
} from "../../socket/link/transfer.ts";
import { idOf } from "../identity.ts";
import { QueueChannel, type QueueEnd } from "./channel.ts";
import { QueueClient } from "./client.ts";
import type {
  Prepared,
  QueueConfig,
  QueueHandle,
  Reply,
  Request,
} from "./protocol.ts";

const collected = new FinalizationRegistry<() => void>((release) => release());

/** The client's end of the connection to the thread that has the items. */
export class RemoteQueue extends QueueClient implements QueueEnd {
  readonly #handle: QueueHandle;
  readonly #link: ThreadLink;
  readonly #channel: QueueChannel;
  readonly #id: string;
  readonly #received: Int32Array<SharedArrayBuffer>;
  /** How many times this thread was given the queue since this was made. */
  given = 0;

  constructor(handle: QueueHandle, link: ThreadLink) {
    super(handle.config);
    this.#handle = handle;
    this.#link = link;
    this.#channel = QueueChannel.on(link);
    this.#id = String(idOf(handle.config.memory));
    this.#received = new Int32Array(handle.received);
    this.#channel.open(this.#id, this);
  }

  /** Has the thread at the other end of a way serve a new queue. */
  static create(config: QueueConfig, link: ThreadLink): RemoteQueue {
    const message = { config, received: new SharedArrayBuffer(4) };
    const queue = new RemoteQueue(message, link);
    const made = { [transfer]: () => ({ kind: "queue, created", message }) };
    queue.prepare({ op: "create", made }).send();
    queue.given = 1;
    return queue;
  }

  protected override prepare(request: Request): Prepared {
    return this.#channel.prepare(this.#id, request);
  }

  override receive(reply: Reply): void {
    if (reply.op === "item" || reply.op === "broken") {
      Atomics.add(this.#received, 0, 1);
    }
    // Nobody gets the item, so nobody could say that it is done.
    if (reply.op === "broken") this.counters.finish();
    super.receive(reply);
  }

  override attach(queue: object): void {
    collected.register(queue, () => {
      this.#channel.close(this.#id, this);
      if (this.#link.gone.aborted) return;
      this.prepare({ op: "release", times: this.given }).send();
    });
  }

  protected override packFor(link: ThreadLink): TransferRecord {
    if (link !== this.#link) {
      throw new TypeError(
        "goes to other threads through the one that has its items",
      );
    }
    return { kind: "queue", message: this.#handle };
  }
}
