/**
 * Queues that any thread can put to and get from.
 *
 * @module
 */

import { onArrival } from "../socket/link/transfer.ts";
import type { QueueClient } from "./queue/client.ts";
import { arrive, found } from "./queue/create.ts";
import { LifoQueue, PriorityQueue } from "./queue/ordered.ts";
import type { QueueHandle } from "./queue/protocol.ts";
import { Queue } from "./queue/queue.ts";
import { SimpleQueue } from "./queue/simple.ts";

export { Empty, Full, ShutDown } from "./queue/errors.ts";
export { LifoQueue, PriorityQueue, Queue, SimpleQueue };

/** The object that stands for a queue of another thread. */
function build(client: QueueClient): object {
  const { maxsize, order, simple } = client.config;
  if (simple) return new SimpleQueue(client);
  const classes = { fifo: Queue, lifo: LifoQueue, priority: PriorityQueue };
  // Only the constructor of the base class takes a client.
  return Reflect.construct(Queue, [maxsize, client], classes[order]);
}

onArrival<QueueHandle>("queue", (handle, way) => arrive(handle, way, build));
onArrival<QueueHandle>(
  "queue, created",
  (handle, way) => found(handle, way, build),
);
