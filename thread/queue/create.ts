/**
 * Creating queues.
 *
 * @module
 */

import { kind as typeOf } from "../../socket/bytes.ts";
import { parent } from "../current.ts";
import { allocate } from "../memory.ts";
import type { QueueClient } from "./client.ts";
import { COUNTERS } from "./counters.ts";
import { LocalQueue } from "./local.ts";
import type { QueueConfig, QueueKind } from "./protocol.ts";
import { RemoteQueue } from "./remote.ts";

/** A new queue. Its items are in the main thread, which outlives the others. */
export function create(kind: QueueKind, maxsize: number): QueueClient {
  if (typeof maxsize !== "number") {
    throw new TypeError(`maxsize must be a number, not ${typeOf(maxsize)}`);
  }
  const limit = maxsize > 0 ? maxsize : Infinity;
  const config: QueueConfig = {
    kind,
    maxsize,
    limit,
    memory: allocate(COUNTERS),
  };
  const link = parent();
  return link ? RemoteQueue.create(config, link) : new LocalQueue(config);
}
