/**
 * The other side of a `Party`: an isolate that carries out commands.
 *
 * @module
 */

import "../select/mod.ts";
import "../socket/mod.ts";
import { runAs, setParent } from "../thread/current.ts";
import "../thread/lock.ts";
import {
  LifoQueue,
  PriorityQueue,
  Queue,
  SimpleQueue,
} from "../thread/queue.ts";
import "../thread/rlock.ts";
import "../thread/threading/arrivals.ts";
import { LinkEnd } from "../thread/link_end.ts";

/** A command for a party. */
export type Order =
  /** Know an object by a name. */
  | { do: "take"; name: string; object: unknown }
  /** Give it back. */
  | { do: "give"; name: string }
  /** Make an object of a class. */
  | { do: "make"; name: string; class: ClassName; maxsize: number }
  /** Forget all objects. */
  | { do: "forget" }
  /** Collect garbage, if the process allows that. */
  | { do: "collect" }
  /** Stop in the middle of everything, after saying so in the first word. */
  | { do: "freeze"; memory: SharedArrayBuffer }
  /** Say whether two names mean the same object. */
  | { do: "same"; names: [string, string] }
  /** Count under a lock. */
  | { do: "count"; name: string; counter: SharedArrayBuffer; times: number }
  /** Call a method, as the thread of that ident. */
  | {
    do: "call";
    name: string;
    method: string;
    args: unknown[];
    ident: number | null;
    /** The object that is the first argument, if one is. */
    object: string | null;
  };

/** An answer: the command has begun, and its outcome. */
export type Answer =
  | { id: number; begun: true }
  | { id: number; value: unknown }
  | { id: number; error: { name: string; message: string } };

type ClassName = "LifoQueue" | "PriorityQueue" | "Queue" | "SimpleQueue";

/** The classes of queues. */
export const classes: Record<ClassName, new (maxsize?: number) => Queue> = {
  LifoQueue,
  PriorityQueue,
  Queue,
  SimpleQueue: SimpleQueue as unknown as new () => Queue,
};

/** Their names. */
export const kinds = Object.keys(classes) as ClassName[];

// deno-lint-ignore no-explicit-any
const objects = new Map<string, any>();

function obey(order: Order): unknown {
  switch (order.do) {
    case "take":
      objects.set(order.name, order.object);
      return;
    case "give":
      return objects.get(order.name);
    case "make": {
      const { name, maxsize } = order;
      const class_ = classes[order.class];
      objects.set(name, maxsize === 0 ? new class_() : new class_(maxsize));
      return;
    }
    case "forget":
      objects.clear();
      return;
    case "collect":
      return (globalThis as { gc?(): void }).gc?.();
    case "freeze": {
      const words = new Int32Array(order.memory);
      setTimeout(() => {
        Atomics.store(words, 0, 1);
        Atomics.notify(words, 0);
        Atomics.wait(words, 1, 0);
      }, 0);
      return;
    }
    case "same":
      return objects.get(order.names[0]) === objects.get(order.names[1]);
    case "count":
      return count(objects.get(order.name), order.counter, order.times);
    case "call": {
      const { name, method, object, ident } = order;
      const args = object === null
        ? order.args
        : [objects.get(object), ...order.args];
      const call = () => objects.get(name)[method](...args);
      return ident === null ? call() : runAs(ident, call);
    }
  }
}

/** A lock for counting. */
interface Excluding {
  acquire(blocking: boolean, timeout: number): Promise<boolean>;
  release(): void;
}

/**
 * Counts in a way that goes wrong unless a lock keeps others out.
 *
 * @returns How often it got the lock.
 */
export async function count(
  lock: Excluding,
  memory: SharedArrayBuffer,
  times: number,
): Promise<number> {
  const counter = new Int32Array(memory);
  let counted = 0;
  for (let i = 0; i < times; i++) {
    // Some have so little patience that it ends as they get it.
    if (!await lock.acquire(true, i % 3 === 0 ? 0.001 : -1)) continue;
    const seen = counter[0]!;
    await null;
    counter[0] = seen + 1;
    counted++;
    lock.release();
  }
  return counted;
}

interface Scope {
  WorkerGlobalScope?: unknown;
  onmessage: (event: MessageEvent) => void;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
if (scope.WorkerGlobalScope) {
  scope.onmessage = ({ data: memory }) => {
    const link = new LinkEnd({
      memory,
      port: scope,
      main: false,
      hold() {},
      notified() {},
    });
    setParent(link);
    scope.onmessage = ({ data }) => link.arrived(data);
    link.listen("order", async (asked) => {
      const { id, order } = asked as { id: number; order: Order };
      const answer = (answer: Answer) => link.post("answer", answer);
      try {
        const outcome = obey(order);
        answer({ id, begun: true });
        answer({ id, value: await outcome });
      } catch (error) {
        const { name, message } = error as Error;
        answer({ id, error: { name, message } });
      }
    });
    link.open();
  };
}
