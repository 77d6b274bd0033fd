/**
 * A queue as one thread sees it: its calls become requests to the server, whose
 * replies settle them.
 *
 * @module
 */

import type { ThreadLink, TransferRecord } from "../../socket/link/transfer.ts";
import { Slab } from "../../socket/slab.ts";
import { RuntimeError } from "../errors.ts";
import { setObject } from "../memory.ts";
import { seconds } from "../timeout.ts";
import { SharedCounters } from "./counters.ts";
import { decodeError, encodeError, ShutDown, traced } from "./errors.ts";
import type {
  Prepared,
  QueueConfig,
  Reply,
  Request,
  Timeout,
} from "./protocol.ts";

interface Call {
  readonly item: unknown;
  /** Whether the item is sent only once there is room for it. */
  reserves: boolean;
  /** The error of sending it then. */
  failure?: unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** The calls of one thread. */
export abstract class QueueClient {
  readonly config: QueueConfig;
  readonly counters: SharedCounters;
  readonly #calls = new Slab<Call>();
  /** How many calls reserve room for their items. */
  #reserving = 0;
  #lost = false;

  constructor(config: QueueConfig) {
    this.config = config;
    this.counters = new SharedCounters(config.memory, config.limit);
  }

  /**
   * Makes a request ready to be sent to the server. While it is being sent,
   * only a reply that settles the call may come.
   *
   * @throws {TypeError} If a part of it can't be sent.
   */
  protected abstract prepare(request: Request): Prepared;

  /** Packs the queue for another thread. */
  protected abstract packFor(link: ThreadLink, queue: object): TransferRecord;

  /** The same, for the object of the queue in this thread. */
  pack(queue: object, link: ThreadLink): TransferRecord {
    setObject(this.config.memory, queue);
    return this.packFor(link, queue);
  }

  /** Sets the object of the queue in this thread. */
  attach(_queue: object): void {}

  async put(item: unknown, block: unknown, timeout: unknown): Promise<void> {
    try {
      if (this.counters.shut) throw new ShutDown();
      // As in Python, the time-out is ignored where a call never waits.
      const waits = this.config.limit < Infinity;
      const timeoutMs = waits ? milliseconds(block, timeout) : null;
      await this.#call(item, (id, call) => {
        const put = this.prepare({ op: "put", id, timeoutMs, item });
        // Copied items must not overtake one that waits for room.
        if (!put.moves && this.#reserving === 0) return put;
        call.reserves = true;
        this.#reserving++;
        return this.prepare({ op: "reserve", id, timeoutMs });
      });
    } catch (error) {
      throw traced(error);
    }
  }

  async get(block: unknown, timeout: unknown): Promise<unknown> {
    try {
      const timeoutMs = this.#timeoutOfGet(block, timeout);
      return await this.#call(
        undefined,
        (id) => this.prepare({ op: "get", id, timeoutMs }),
      );
    } catch (error) {
      throw traced(error);
    }
  }

  #timeoutOfGet(block: unknown, timeout: unknown): Timeout {
    try {
      return milliseconds(block, timeout);
    } catch (error) {
      // As in Python, the end of the queue comes before a wrong time-out.
      const { shut, size } = this.counters;
      throw shut && size === 0 ? new ShutDown() : error;
    }
  }

  shutdown(immediate: boolean): void {
    this.counters.shutDown(immediate);
    this.prepare({ op: "shutdown" }).send();
  }

  #call(
    item: unknown,
    prepare: (id: number, call: Call) => Prepared,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(lost());
      const id = this.#calls.reserve();
      const call: Call = { item, reserves: false, resolve, reject };
      this.#calls.set(id, call);
      try {
        prepare(id, call).send();
      } catch (error) {
        this.#end(id);
        reject(error);
      }
    });
  }

  #end(id: number): Call | undefined {
    const call = this.#calls.get(id);
    this.#calls.release(id);
    if (call?.reserves) this.#reserving--;
    return call;
  }

  receive(reply: Reply): void {
    if (reply.op === "reserved") return this.#commit(reply.id);
    const call = this.#end(reply.id);
    if (reply.op === "item") call?.resolve(reply.item);
    else if (reply.op === "done") call?.resolve(undefined);
    else if (reply.op === "broken") call?.reject(reply.error);
    else call?.reject(call.failure ?? decodeError(reply.error));
  }

  #commit(id: number): void {
    const call = this.#calls.get(id)!;
    try {
      this.prepare({ op: "commit", id, item: call.item }).send();
    } catch (failure) {
      call.failure = failure;
      const error = encodeError(failure as Error);
      this.prepare({ op: "cancel", id, error }).send();
    }
  }

  /** The server's thread has ended: all calls fail. */
  lose(): void {
    this.#lost = true;
    for (const { reject } of this.#calls.values()) reject(lost());
    this.#calls.clear();
  }
}

function lost(): RuntimeError {
  return new RuntimeError("the thread that had the queue's items has ended");
}

/** The longest wait of a call with these arguments. */
function milliseconds(block: unknown, timeout: unknown): Timeout {
  if (!block) return 0;
  if (timeout === null) return null;
  if (seconds(timeout, " or null") < 0) {
    throw new RangeError("'timeout' must be a non-negative number");
  }
  return timeout as number * 1000;
}
