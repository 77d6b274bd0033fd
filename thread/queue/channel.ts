/**
 * All queues that two threads share, over one way.
 *
 * @module
 */

import type { ThreadLink } from "../../socket/link/transfer.ts";
import { Contents } from "../../socket/link/inspect.ts";
import type { Prepared, Reply, Request } from "./protocol.ts";

/** One end of the connection between a queue's server and a client. */
export interface QueueEnd {
  /** Takes a message of the other end. */
  receive(message: Request | Reply): void;
  /** The other thread is gone. */
  lose(): void;
}

const TOPIC = "queue";

const channels = new WeakMap<ThreadLink, QueueChannel>();

/** The messages about queues on one way. */
export class QueueChannel {
  readonly #link: ThreadLink;
  readonly #ends = new Map<string, QueueEnd>();

  /** The channel of a way. */
  static on(link: ThreadLink): QueueChannel {
    let channel = channels.get(link);
    if (!channel) channels.set(link, channel = new QueueChannel(link));
    return channel;
  }

  private constructor(link: ThreadLink) {
    this.#link = link;
    type Letter = (Request | Reply) & { queue: string; id: number };
    link.listen(TOPIC, (message) => {
      const letter = message as Letter;
      this.#ends.get(letter.queue)?.receive(letter);
    }, (message, cause) => {
      const { queue, id } = message as Letter;
      const error = cause instanceof Error ? cause : new Error(String(cause));
      this.#ends.get(queue)?.receive({ op: "broken", id, error });
    });
    link.gone.addEventListener("abort", () => {
      for (const end of this.#ends.values()) end.lose();
      this.#ends.clear();
    }, { once: true });
  }

  /** The end of a queue, if the other thread has the queue. */
  get(queue: string): QueueEnd | undefined {
    return this.#ends.get(queue);
  }

  /** Gives an end the messages about a queue. */
  open(queue: string, end: QueueEnd): void {
    if (this.#link.gone.aborted) end.lose();
    else this.#ends.set(queue, end);
  }

  /** Stops that, unless another end gets them by now. */
  close(queue: string, end: QueueEnd): void {
    if (this.#ends.get(queue) === end) this.#ends.delete(queue);
  }

  /** Makes a message ready to be sent. */
  prepare(queue: string, message: Request | Reply): Prepared {
    const contents = new Contents({ ...message, queue }, "");
    return {
      moves: contents.moves,
      send: () => this.#link.post(TOPIC, contents),
    };
  }
}
