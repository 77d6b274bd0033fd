/**
 * The messages about queues on a link.
 *
 * @module
 */

import { Inspection } from "../../socket/link/inspect.ts";
import type { ThreadLink } from "../../socket/link/transfer.ts";
import { idOf } from "../memory.ts";
import type { Prepared, QueueHandle, Reply, Request } from "./protocol.ts";

/** The user of a port: the server for a session, or a client. */
export interface QueueEnd {
  receive(message: Request | Reply): void;
  /** The other thread has ended. */
  lose(): void;
}

const TOPIC = "queue";

/** A message, and the id of its queue. */
type Addressed = (Request | Reply) & { queue: string; id: number };

const channels = new WeakMap<ThreadLink, Map<string, QueuePort>>();

/** The ports on a link by the ids of their queues. */
function portsOn(link: ThreadLink): Map<string, QueuePort> {
  const known = channels.get(link);
  if (known) return known;
  const ports = new Map<string, QueuePort>();
  channels.set(link, ports);
  link.listen(TOPIC, (value) => {
    const message = value as Addressed;
    ports.get(message.queue)?.end.receive(message);
  }, (value, cause) => {
    const { queue, id } = value as Addressed;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    ports.get(queue)?.end.receive({ op: "broken", id, error });
  });
  link.gone.addEventListener("abort", () => {
    for (const { end } of ports.values()) end.lose();
    ports.clear();
  }, { once: true });
  return ports;
}

/** The port of a queue on a link, if the other thread has the queue. */
export function portOf(
  memory: SharedArrayBuffer,
  link: ThreadLink,
): QueuePort | undefined {
  return portsOn(link).get(idOf(memory));
}

/** One end of the connection between a queue's server and a client. */
export class QueuePort {
  readonly handle: QueueHandle;
  readonly link: ThreadLink;
  readonly end: QueueEnd;
  /** How many references to the queue the client's thread was sent. */
  references = 0;
  readonly #id: string;
  readonly #received: Int32Array<SharedArrayBuffer>;

  constructor(handle: QueueHandle, link: ThreadLink, end: QueueEnd) {
    this.handle = handle;
    this.link = link;
    this.end = end;
    this.#id = idOf(handle.config.memory);
    this.#received = new Int32Array(handle.received);
    const ports = portsOn(link);
    if (link.gone.aborted) end.lose();
    else ports.set(this.#id, this);
  }

  /** Receives nothing more. A later port of the queue may replace this one. */
  close(): void {
    const ports = portsOn(this.link);
    if (ports.get(this.#id) === this) ports.delete(this.#id);
  }

  get received(): number {
    return Atomics.load(this.#received, 0);
  }

  countReceived(): void {
    Atomics.add(this.#received, 0, 1);
  }

  /** Makes a message ready to be sent. */
  prepare(message: Request | Reply): Prepared {
    const inspection = new Inspection({ ...message, queue: this.#id }, "");
    return {
      moves: inspection.moves,
      send: () => this.link.post(TOPIC, inspection),
    };
  }
}
