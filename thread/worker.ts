/**
 * What runs in a worker before any thread does.
 *
 * @module
 */

import { parentPort, workerData } from "node:worker_threads";
import "../socket/mod.ts";
import { countIn } from "./counter.ts";
import { SystemExit } from "./exit.ts";
import { runAs } from "./ident.ts";
import { find } from "./load.ts";
import "./mod.ts";
import { setParent } from "./parent.ts";
import { type Boot, Note, type Order } from "./spec.ts";
import { done } from "./start.ts";
import { WayEnd } from "./way.ts";

/** Where the modules are that call the functions of threads. */
const FOLDER = new URL(".", import.meta.url).href;

const { memory, counter } = workerData as Boot;
countIn(counter);
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
way.listen("start", (order) => void run(order as Order));
way.open();
parentPort!.on("message", (message) => way.arrived(message));

async function run(order: Order): Promise<void> {
  const { ident, module, name, args, kwargs, number } = order;
  try {
    const found = find(module, name);
    const function_ = found instanceof Promise ? await found : found;
    const all = kwargs === null ? args : [...args, kwargs];
    await runAs(ident, () => function_(...all));
  } catch (error) {
    if (!(error instanceof SystemExit)) report(name, error);
  }
  way.note(Note.Ended, number);
}

/** Prints what CPython prints. */
function report(name: string, error: unknown): void {
  if (error instanceof Error) error.stack = ownPart(error.stack);
  console.error(
    `Exception ignored in thread started by: <function ${name}>\n` +
      Deno.inspect(error),
  );
}

/** The stack without what called the thread's function. */
function ownPart(stack: string | undefined): string | undefined {
  const lines = stack?.split("\n");
  const above = lines?.findIndex((line) =>
    line.includes("ext:deno_node/async_hooks.ts") || line.includes(FOLDER)
  );
  return above === -1 ? stack : lines?.slice(0, above).join("\n");
}
