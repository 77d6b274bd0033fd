/**
 * A queue whose items are in this thread.
 *
 * @module
 */

import type { ThreadLink, TransferRecord } from "../../socket/link/transfer.ts";
import { LONGEST } from "../../socket/reactor/alive.ts";
import { idOf } from "../identity.ts";
import { Contents } from "../../socket/link/inspect.ts";
import { QueueChannel, type QueueEnd } from "./channel.ts";
import { QueueClient } from "./client.ts";
import type {
  Prepared,
  QueueConfig,
  QueueHandle,
  Reply,
  Request,
} from "./protocol.ts";
import { QueueServer, QueueSession } from "./server.ts";

/** The server of a queue, and the client of its own thread. */
export class LocalQueue extends QueueClient {
  readonly #server: QueueServer;
  readonly #session: QueueSession;

  constructor(config: QueueConfig) {
    super(config);
    this.#server = new QueueServer(config, this.counters, startTimer);
    this.#session = new LocalSession(this);
    this.#server.sessions++;
  }

  protected override prepare(request: Request): Prepared {
    // An item that can't go is better refused here than where it is got.
    if ("item" in request && this.#server.sessions > 1) {
      new Contents(request.item, "item");
    }
    return {
      moves: false,
      send: () => this.#server.receive(this.#session, request),
    };
  }

  /** Begins to serve the thread at the other end of a way. */
  serve(handle: QueueHandle, link: ThreadLink, queue: object): RemoteSession {
    return new RemoteSession(this.#server, handle, link, queue);
  }

  protected override packFor(link: ThreadLink, queue: object): TransferRecord {
    const id = String(idOf(this.config.memory));
    const find = () => QueueChannel.on(link).get(id) as RemoteSession;
    const received = find()?.memory ?? new SharedArrayBuffer(4);
    const message: QueueHandle = { config: this.config, received };
    const send = () => {
      (find() ?? this.serve(message, link, queue)).given++;
    };
    return { kind: "queue", message, send };
  }
}

/** The session of the server's own thread. */
class LocalSession extends QueueSession {
  readonly received = 0;
  readonly #client: QueueClient;

  constructor(client: QueueClient) {
    super();
    this.#client = client;
  }

  override send(reply: Reply): boolean {
    this.#client.receive(reply);
    return true;
  }
}

/** The session of another thread that has the queue. */
class RemoteSession extends QueueSession implements QueueEnd {
  readonly #server: QueueServer;
  readonly #channel: QueueChannel;
  readonly #id: string;
  /** One word: how many items have arrived there. */
  readonly #words: Int32Array<SharedArrayBuffer>;
  /** The queue lasts for as long as any thread has it. */
  readonly queue: object;
  /** How many times the thread was given the queue, and still has it. */
  given = 0;

  constructor(
    server: QueueServer,
    { config, received }: QueueHandle,
    link: ThreadLink,
    queue: object,
  ) {
    super();
    this.#server = server;
    this.#channel = QueueChannel.on(link);
    this.#id = String(idOf(config.memory));
    this.#words = new Int32Array(received);
    this.queue = queue;
    server.sessions++;
    this.#channel.open(this.#id, this);
  }

  get received(): number {
    return Atomics.load(this.#words, 0);
  }

  get memory(): SharedArrayBuffer {
    return this.#words.buffer;
  }

  override send(reply: Reply): boolean {
    const prepared = this.#channel.prepare(this.#id, reply);
    prepared.send();
    return prepared.moves;
  }

  receive(request: Request): void {
    if (request.op !== "release") return this.#server.receive(this, request);
    this.given -= request.times;
    if (this.given > 0) return;
    this.#channel.close(this.#id, this);
    this.lose();
  }

  lose(): void {
    this.#server.disconnect(this);
  }
}

/** Calls back after a time; the result stops that. */
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
