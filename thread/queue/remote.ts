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
import { type QueueEnd, QueuePort } from "./channel.ts";
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
  readonly #port: QueuePort;

  constructor(handle: QueueHandle, link: ThreadLink) {
    super(handle.config);
    this.#port = new QueuePort(handle, link, this);
  }

  /** Has the thread at the other end of a link serve a new queue. */
  static create(config: QueueConfig, link: ThreadLink): RemoteQueue {
    const message = { config, received: new SharedArrayBuffer(4) };
    const queue = new RemoteQueue(message, link);
    const made = { [transfer]: () => ({ kind: "queue, created", message }) };
    queue.prepare({ op: "create", made }).send();
    queue.#port.references++;
    return queue;
  }

  protected override prepare(request: Request): Prepared {
    return this.#port.prepare(request);
  }

  override receive(reply: Reply): void {
    if (reply.op === "item" || reply.op === "broken") {
      this.#port.countReceived();
    }
    // No call gets the item, so the program can't call task_done() for it.
    if (reply.op === "broken") this.counters.finish();
    super.receive(reply);
  }

  override attach(queue: object): void {
    const port = this.#port;
    collected.register(queue, () => {
      port.close();
      if (port.link.gone.aborted) return;
      const { references } = port;
      this.prepare({ op: "release", references }).send();
    });
  }

  protected override packFor(link: ThreadLink): TransferRecord {
    if (link !== this.#port.link) {
      throw new TypeError(
        "goes to other threads through the one that has its items",
      );
    }
    return { kind: "queue", message: this.#port.handle };
  }
}
