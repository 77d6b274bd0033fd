/**
 * What runs in a worker before any thread does.
 *
 * @module
 */

import { getHeapStatistics } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import "../socket/mod.ts";
import { closeAll } from "./close.ts";
import { share } from "./common.ts";
import { SystemExit } from "./exit.ts";
import { runAs } from "./ident.ts";
import { find, type Found } from "./load.ts";
import "./mod.ts";
import { setParent } from "./parent.ts";
import { type Boot, Note, type Order } from "./spec.ts";
import { done } from "./start.ts";
import { traceback } from "./traceback.ts";
import { WayEnd } from "./way.ts";

/** How often the worker looks whether it ran out of memory, in milliseconds. */
const MEMORY = 500;

const { memory, common } = workerData as Boot;
share(common);
// Programs written for Deno expect it.
Object.assign(globalThis, { self: globalThis });

const way = new WayEnd({
  memory,
  port: parentPort as unknown as ConstructorParameters<
    typeof WayEnd
  >[0]["port"],
  main: false,
  // Threads that run keep the process alive, by the main thread's hand.
  hold() {},
  note(subject, value) {
    if (subject === Note.Done) done(value);
  },
});
setParent(way);
way.listen("start", (order) => {
  // Behind what is told of its sockets at the same time.
  queueMicrotask(() => run(order as Order));
}, (order, error) => {
  const { name, number } = order as Order;
  end(name, number, error);
});
way.open();
parentPort!.on("message", (message) => way.arrived(message));

// Where memory ends behind an `await`, the runtime stops what runs, raises the
// limit and goes on: nobody would hear of the thread again.
const { heap_size_limit } = getHeapStatistics();
setInterval(() => {
  if (getHeapStatistics().heap_size_limit > heap_size_limit) {
    way.note(Note.Memory, 0);
  }
}, MEMORY);

async function run(order: Order): Promise<void> {
  const { ident, module, name, args, kwargs, number } = order;
  try {
    let function_: Found;
    try {
      const found = find(module, name);
      function_ = found instanceof Promise ? await found : found;
    } catch (error) {
      // Nobody can have them, so nobody could close them.
      closeAll([args, kwargs]);
      throw error;
    }
    const all = kwargs === null ? args : [...args, kwargs];
    await runAs(ident, () => function_(...all));
  } catch (error) {
    return end(name, number, error);
  }
  way.note(Note.Ended, number);
}

/** Ends a thread that an error has ended. */
function end(name: string, number: number, error: unknown): void {
  if (!(error instanceof SystemExit)) {
    console.error(traceback(name, error, import.meta.url));
  }
  way.note(Note.Ended, number);
}
