/**
 * Queues whose items are in this thread, and the creation of queues.
 *
 * @module
 */

import { kind as typeOf } from "../../socket/bytes.ts";
import { Inspection } from "../../socket/link/inspect.ts";
import type { ThreadLink, TransferRecord } from "../../socket/link/transfer.ts";
import { LONGEST } from "../../socket/reactor/alive.ts";
import { parent } from "../current.ts";
import { allocate } from "../memory.ts";
import { portOf, type QueueEnd, QueuePort } from "./channel.ts";
import { QueueClient } from "./client.ts";
import { COUNTERS } from "./counters.ts";
import type {
  Prepared,
  QueueConfig,
  QueueHandle,
  QueueKind,
  Request,
} from "./protocol.ts";
import { RemoteQueue } from "./remote.ts";
import { QueueServer, QueueSession } from "./server.ts";

/** A new queue. Its items are in the main thread, which outlives the others. */
export function create(kind: QueueKind, maxsize: number): QueueClient {
  if (typeof maxsize !== "number") {
    throw new TypeError(`maxsize must be a number, not ${typeOf(maxsize)}`);
  }
  const limit = maxsize > 0 ? maxsize : Infinity;
  const config = { kind, maxsize, limit, memory: allocate(COUNTERS) };
  const link = parent();
  return link ? RemoteQueue.create(config, link) : new LocalQueue(config);
}

/** The server of a queue, and the client of its own thread. */
export class LocalQueue extends QueueClient {
  readonly #server: QueueServer;
  readonly #session: QueueSession;

  constructor(config: QueueConfig) {
    super(config);
    this.#server = new QueueServer(config, this.counters, startTimer);
    this.#session = new QueueSession((reply) => {
      this.receive(reply);
      return true;
    }, () => 0);
    this.#server.sessions++;
  }

  protected override prepare(request: Request): Prepared {
    // An item that can't be sent is refused by put() rather than by get().
    if ("item" in request && this.#server.sessions > 1) {
      new Inspection(request.item, "item");
    }
    return {
      moves: false,
      send: () => this.#server.receive(this.#session, request),
    };
  }

  /** Begins to serve the thread at the other end of a link. */
  serve(handle: QueueHandle, link: ThreadLink, queue: object): QueuePort {
    const server = this.#server;
    const session = new QueueSession((reply) => {
      const prepared = port.prepare(reply);
      prepared.send();
      return prepared.moves;
    }, () => port.received);
    server.sessions++;
    const lose = () => server.disconnect(session);
    const receive = (request: Request) => {
      if (request.op !== "release") return server.receive(session, request);
      port.references -= request.references;
      if (port.references > 0) return;
      port.close();
      lose();
    };
    // With the queue, which lasts for as long as any thread has it.
    const end = { receive, lose, queue };
    const port: QueuePort = new QueuePort(handle, link, end as QueueEnd);
    return port;
  }

  protected override packFor(link: ThreadLink, queue: object): TransferRecord {
    const { config } = this;
    const find = () => portOf(config.memory, link);
    const received = find()?.handle.received ?? new SharedArrayBuffer(4);
    const message: QueueHandle = { config, received };
    const send = () => {
      (find() ?? this.serve(message, link, queue)).references++;
    };
    return { kind: "queue", message, send };
  }
}

/** Calls back after a time; the result cancels that. */
function startTimer(ms: number, expire: () => void): () => void {
  const end = performance.now() + ms;
  let timer: ReturnType<typeof setTimeout>;
  const wait = () => {
    const rest = end - performance.now();
    if (rest <= 0) expire();
    else timer = setTimeout(wait, Math.min(Math.ceil(rest), LONGEST));
  };
  wait();
  return () => clearTimeout(timer);
}
