/**
 * Queues that any thread can put to and get from, under the names of Python's
 * [`queue`](https://docs.python.org/3/library/queue.html) module.
 *
 * A queue that is given to a thread, as an argument or as an item of another
 * queue, is the same queue there. `thread` exports the same classes.
 *
 * ```ts
 * import * as queue from "jsr:@berkeley/socket/queue";
 *
 * const q = new queue.PriorityQueue<[priority: number, task: string]>();
 * await q.put([2, "code"]);
 * await q.put([1, "eat"]);
 * console.log(await q.get()); // [1, "eat"]
 * ```
 *
 * @module queue
 */

import { onArrival } from "../socket/link/transfer.ts";
import { parent } from "./current.ts";
import { objectOf } from "./memory.ts";
import { portOf } from "./queue/channel.ts";
import type { QueueClient } from "./queue/client.ts";
import { LocalQueue } from "./queue/local.ts";
import type { QueueHandle } from "./queue/protocol.ts";
import { LifoQueue, PriorityQueue, Queue } from "./queue/queue.ts";
import { RemoteQueue } from "./queue/remote.ts";
import { SimpleQueue } from "./queue/simple.ts";

export { Empty, Full, ShutDown } from "./queue/errors.ts";
export { LifoQueue, PriorityQueue, Queue, SimpleQueue };

const classes = { fifo: Queue, lifo: LifoQueue, priority: PriorityQueue };

/** The object of a queue that another thread has made. */
function build(client: QueueClient): object {
  const { maxsize, kind } = client.config;
  if (kind === "simple") return new SimpleQueue(client);
  // Only the constructor of the base class takes a client.
  return Reflect.construct(Queue, [maxsize, client], classes[kind]);
}

onArrival<QueueHandle>("queue", (handle, link) => {
  const { memory } = handle.config;
  const queue = objectOf(memory, () => build(new RemoteQueue(handle, link)));
  const port = portOf(memory, link);
  // The main thread doesn't refer to its own queues.
  if (port && parent()) port.references++;
  return queue;
});

// In the main thread: a worker has created a queue.
onArrival<QueueHandle>("queue, created", (handle, link) => {
  const local = new LocalQueue(handle.config);
  const queue = objectOf(handle.config.memory, () => build(local));
  local.serve(handle, link, queue).references = 1;
  return queue;
});
