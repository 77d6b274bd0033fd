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
import { type Boot, FAILED, type Failure, Note, type Order } from "./spec.ts";
import { done } from "./start.ts";
import { isA, traceback } from "./traceback.ts";
import { LinkEnd } from "./link_end.ts";

/** How often the worker looks whether it ran out of memory, in milliseconds. */
const MEMORY = 500;

const { memory, common } = workerData as Boot;
share(common);
// Programs written for Deno expect it.
Object.assign(globalThis, { self: globalThis });

const link = new LinkEnd({
  memory,
  port: parentPort as unknown as ConstructorParameters<
    typeof LinkEnd
  >[0]["port"],
  main: false,
  // Threads that run keep the process alive, by the main thread's hand.
  hold() {},
  note(subject, value) {
    if (subject === Note.Done) done(value);
  },
});
setParent(link);
link.listen("start", (order) => {
  // Behind what is told of its sockets at the same time.
  queueMicrotask(() => run(order as Order));
}, (order, error) => {
  const { name, number } = order as Order;
  report(name, error);
  link.note(Note.Ended, number);
});
link.open();
parentPort!.on("message", (message) => link.arrived(message));
link.note(Note.Ready, 0);

// Where memory ends behind an `await`, the runtime stops what runs, raises the
// limit and goes on: nobody would hear of the thread again.
const { heap_size_limit } = getHeapStatistics();
setInterval(() => {
  if (getHeapStatistics().heap_size_limit > heap_size_limit) {
    link.note(Note.Memory, 0);
  }
}, MEMORY);

async function run(order: Order): Promise<void> {
  const { module, name, args, kwargs, number } = order;
  try {
    const found = find(module, name);
    await call(found instanceof Promise ? await found : found, order);
  } catch (error) {
    // Nobody can have them, so nobody could close them.
    closeAll([args, kwargs]);
    fail(name, error as Error);
  }
  link.note(Note.Ended, number);
}

/** Calls a thread's function. Whatever it raises ends only the thread. */
async function call(
  function_: Found,
  { ident, name, args, kwargs }: Order,
): Promise<void> {
  const all = kwargs === null ? args : [...args, kwargs];
  try {
    await runAs(ident, () => function_(...all));
  } catch (error) {
    report(name, error);
  }
}

/** Prints what has ended a thread. */
function report(name: string, error: unknown): void {
  if (isA(error, SystemExit)) return;
  console.error(traceback(name, error, import.meta.url));
}

/** Tells of a thread that couldn't start. */
function fail(name: string, { message, cause }: Error): void {
  const failure: Failure = { name, reason: message };
  try {
    link.post(FAILED, { ...failure, cause });
  } catch {
    // Not every cause can go.
    link.post(FAILED, failure);
  }
}
