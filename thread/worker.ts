/**
 * The module of workers: runs the threads that the main thread sends.
 *
 * @module
 */

import { getHeapStatistics } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { disposeAll } from "../socket/link/inspect.ts";
import type { Port } from "../socket/link/link.ts";
import { Op } from "../socket/link/records.ts";
import "../socket/mod.ts";
import { inherit } from "../socket/transport/default.ts";
import { runAs, setParent } from "./current.ts";
import { takeEarly } from "./entry.ts";
import { isA, SystemExit, traceback } from "./errors.ts";
import { LinkEnd } from "./link_end.ts";
import { find, type Found } from "./load.ts";
import {
  type Boot,
  FAILED,
  type Failure,
  START,
  type ThreadSpec,
} from "./messages.ts";
import "./mod.ts";
import { endHere, lost, useRegistry } from "./registry.ts";
import { useNumbers } from "./shared.ts";
import { ended } from "./start.ts";
import { bodyOf } from "./threading/run.ts";

/** How often the worker checks whether it ran out of memory, in milliseconds. */
const MEMORY_CHECK = 500;

const { memory, numbers, registry, transport } = workerData as Boot;
useNumbers(numbers);
useRegistry(registry);
// Programs written for Deno expect it.
Object.assign(globalThis, { self: globalThis });

const link = new LinkEnd({
  memory,
  port: parentPort as unknown as Port,
  main: false,
  peer: transport && 0,
  // The main thread keeps the process alive for threads that run.
  hold() {},
  notified: (_op, id) => ended(id),
});
setParent(link);
link.listen(START, (spec) => {
  // Records about its sockets follow in the same turn.
  queueMicrotask(() => run(spec as ThreadSpec));
}, (spec, error) => {
  const { name, ident, id } = spec as ThreadSpec;
  report(name, error);
  lost(ident);
  link.notify(Op.Ended, id);
});

/** The messages that have come before the transport; `null` from then on. */
let early: unknown[] | null = takeEarly();
parentPort!.on("message", (message) => {
  if (early) early.push(message);
  else link.arrived(message);
});
if (transport) inherit(transport).then(begin);
else begin();

function begin(): void {
  link.open();
  const messages = early!;
  early = null;
  for (const message of messages) link.arrived(message);
  link.notify(Op.Ready);
}

// If memory runs out behind an `await`, the runtime drops the current task,
// raises the limit and goes on: the thread would never end.
const { heap_size_limit } = getHeapStatistics();
setInterval(() => {
  if (getHeapStatistics().heap_size_limit > heap_size_limit) {
    link.notify(Op.OutOfMemory);
  }
}, MEMORY_CHECK);

type Body = () => unknown;

async function run(spec: ThreadSpec): Promise<void> {
  const { name, args, kwargs, ident, id } = spec;
  try {
    const found = spec.object ? bodyOf(spec) : functionOf(spec);
    const body = found instanceof Promise ? await found : found;
    try {
      await runAs(ident, body);
    } catch (error) {
      // It ends only the thread.
      report(name, error);
    }
  } catch (error) {
    // Nothing else refers to the arguments, so nothing else can close them.
    disposeAll([args, kwargs, spec.this]);
    reportFailure(name, error as Error);
  }
  endHere(ident);
  link.notify(Op.Ended, id);
}

function functionOf(
  { module, name, args, kwargs }: ThreadSpec,
): Body | Promise<Body> {
  const found = find({ module: module!, name });
  const all = kwargs === null ? args : [...args, kwargs];
  const bodyOf = (function_: Found): Body => () => function_(...all);
  return found instanceof Promise ? found.then(bodyOf) : bodyOf(found);
}

function report(name: string, error: unknown): void {
  if (isA(error, SystemExit)) return;
  console.error(traceback(name, error, import.meta.url));
}

function reportFailure(name: string, { message, cause }: Error): void {
  const failure: Failure = { name, reason: message };
  try {
    link.post(FAILED, { ...failure, cause });
  } catch {
    // The cause can't be sent.
    link.post(FAILED, failure);
  }
}
