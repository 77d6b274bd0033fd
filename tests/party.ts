/**
 * Another isolate, in which a test uses the locks and queues that it gives it.
 *
 * @module
 */

import { linkMemory } from "../socket/link/link.ts";
import { alive } from "../socket/reactor/alive.ts";
import type { Queue, SimpleQueue } from "../thread/queue.ts";
import { LinkEnd } from "../thread/link_end.ts";
import type { Answer, Order } from "./party_worker.ts";

/** A queue of any class. */
export type AnyQueue = Queue | SimpleQueue;

/** The outcome of a call: a value, or the name of the error. */
export type Outcome = { value: unknown } | { error: string };

/** The outcome of a call in this isolate. */
export async function outcome(call: () => unknown): Promise<Outcome> {
  try {
    return { value: await call() };
  } catch (error) {
    return { error: (error as Error).name };
  }
}

/** Whether a promise is still pending after all that is due has run. */
export async function waits(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  promise.then(() => pending = false, () => pending = false);
  await new Promise((resolve) => setTimeout(resolve, 0));
  return pending;
}

/** Gets all items that there are. */
export async function drain(queue: AnyQueue): Promise<unknown[]> {
  const items: unknown[] = [];
  while (!queue.empty()) items.push(await queue.get_nowait());
  return items;
}

/** Calls a method of a queue, here or in another isolate. */
export function call(
  where: AnyQueue | Party,
  method: string,
  args: unknown[] = [],
): Promise<Outcome> {
  if (where instanceof Party) return where.call("queue", method, args);
  const bound = where[method as "get"] as (...args: unknown[]) => unknown;
  return outcome(() => bound.apply(where, args));
}

/** A call in another isolate that has begun. */
export interface Call {
  readonly outcome: Promise<Outcome>;
}

interface Pending {
  begun(): void;
  settle(outcome: Outcome): void;
}

/** A worker that carries out the commands of a test. */
export class Party implements Disposable {
  readonly #worker: Worker;
  readonly #link: LinkEnd;
  readonly #pending = new Map<number, Pending>();
  #orders = 0;
  /** The message of the last error. */
  message = "";

  /** Starts the worker; commands wait until it runs. */
  constructor() {
    const memory = linkMemory();
    const worker = this.#worker = new Worker(
      new URL("party_worker.ts", import.meta.url),
      { type: "module" },
    );
    worker.postMessage(memory);
    const link = this.#link = new LinkEnd({
      memory,
      port: worker,
      main: true,
      hold() {},
      notified() {},
    });
    worker.onmessage = ({ data }) => link.arrived(data);
    link.listen("answer", (answer) => this.#hear(answer as Answer));
    link.open();
  }

  #hear(answer: Answer): void {
    const { begun, settle } = this.#pending.get(answer.id)!;
    begun();
    if ("begun" in answer) return;
    this.#pending.delete(answer.id);
    if ("error" in answer) this.message = answer.error.message;
    settle(
      "error" in answer
        ? { error: answer.error.name }
        : { value: answer.value },
    );
  }

  /** Tells it something; resolves when it has begun. */
  async #tell(order: Order): Promise<Call> {
    const id = this.#orders++;
    const begun = Promise.withResolvers<void>();
    const settled = Promise.withResolvers<Outcome>();
    this.#pending.set(id, { begun: begun.resolve, settle: settled.resolve });
    this.#link.post("order", { id, order });
    await begun.promise;
    return { outcome: settled.promise };
  }

  async #ask(order: Order): Promise<unknown> {
    const outcome = await (await this.#tell(order)).outcome;
    if ("error" in outcome) throw new Error(this.message);
    return outcome.value;
  }

  /** Gives it an object, which it knows by that name. */
  async give(name: string, object: unknown): Promise<void> {
    await this.#ask({ do: "take", name, object });
  }

  /** The object as it arrives from there. */
  async take(name: string): Promise<unknown> {
    return await this.#ask({ do: "give", name });
  }

  /** Has it make a queue. */
  async make(
    name: string,
    class_: (Order & { do: "make" })["class"],
    maxsize: number = 0,
  ): Promise<void> {
    await this.#ask({ do: "make", name, class: class_, maxsize });
  }

  /** Has it forget all its objects. */
  async forget(): Promise<void> {
    await this.#ask({ do: "forget" });
  }

  /** Has it collect garbage, in a process started with `--expose-gc`. */
  async collect(): Promise<void> {
    await this.#ask({ do: "collect" });
  }

  /**
   * Has it stop, so that it takes in nothing before it is killed, or the
   * function is called that this gives.
   */
  async freeze(): Promise<() => void> {
    const memory = new SharedArrayBuffer(8);
    await this.#ask({ do: "freeze", memory });
    const words = new Int32Array(memory);
    await alive(Promise.resolve(Atomics.waitAsync(words, 0, 0).value));
    return () => {
      Atomics.store(words, 1, 1);
      Atomics.notify(words, 1);
    };
  }

  /** Whether two names there mean the same object. */
  async same(...names: [string, string]): Promise<boolean> {
    return await this.#ask({ do: "same", names }) as boolean;
  }

  /** Has it count under a lock; how often it did. */
  async count(
    name: string,
    counter: SharedArrayBuffer,
    times: number,
  ): Promise<number> {
    return await this.#ask({ do: "count", name, counter, times }) as number;
  }

  /** Begins a method call there, as the thread of that ident. */
  begin(
    name: string,
    method: string,
    args: unknown[] = [],
    ident: number | null = null,
  ): Promise<Call> {
    const object = null;
    return this.#tell({ do: "call", name, method, args, ident, object });
  }

  /** Makes a method call there. */
  async call(
    name: string,
    method: string,
    args: unknown[] = [],
    ident: number | null = null,
  ): Promise<Outcome> {
    return await (await this.begin(name, method, args, ident)).outcome;
  }

  /** Passes an object that it has to a method of another one there. */
  async pass(name: string, method: string, object: string): Promise<Outcome> {
    const order: Order = {
      do: "call",
      name,
      method,
      args: [],
      ident: null,
      object,
    };
    return await (await this.#tell(order)).outcome;
  }

  /** Kills the worker at once. */
  kill(): void {
    this.#worker.terminate();
    this.#link.lose();
  }

  /** Kills the worker. */
  [Symbol.dispose](): void {
    this.kill();
  }
}
