/**
 * How queues come to be in a thread.
 *
 * @module
 */

import { kind } from "../../socket/bytes.ts";
import type { ThreadLink } from "../../socket/link/transfer.ts";
import { allocate, idOf, recall } from "../identity.ts";
import { parent } from "../parent.ts";
import { QueueChannel } from "./channel.ts";
import type { QueueClient } from "./client.ts";
import { COUNTERS } from "./counters.ts";
import type { Order } from "./items.ts";
import { LocalQueue } from "./local.ts";
import type { QueueConfig, QueueHandle } from "./protocol.ts";
import { RemoteQueue } from "./remote.ts";

/** Makes the object that stands for a queue in this thread. */
export type Build = (client: QueueClient) => object;

/** A new queue. Its items are in the main thread, which outlives the others. */
export function create(
  order: Order,
  simple: boolean,
  maxsize: number,
): QueueClient {
  if (typeof maxsize !== "number") {
    throw new TypeError(`maxsize must be a number, not ${kind(maxsize)}`);
  }
  const limit = maxsize > 0 ? maxsize : Infinity;
  const memory = allocate(COUNTERS);
  const config: QueueConfig = { order, simple, maxsize, limit, memory };
  const link = parent();
  return link === null
    ? new LocalQueue(config)
    : RemoteQueue.create(config, link);
}

/** Makes, in the main thread, the queue that another thread has created. */
export function found(
  handle: QueueHandle,
  link: ThreadLink,
  build: Build,
): object {
  const local = new LocalQueue(handle.config);
  const queue = recall(handle.config.memory, () => build(local));
  local.serve(handle, link, queue).given = 1;
  return queue;
}

/** The object for a queue that has come from another thread. */
export function arrive(
  handle: QueueHandle,
  link: ThreadLink,
  build: Build,
): object {
  const { memory } = handle.config;
  const queue = recall(memory, () => build(new RemoteQueue(handle, link)));
  const end = QueueChannel.on(link).get(String(idOf(memory)));
  if (end instanceof RemoteQueue) end.given++;
  return queue;
}
