/**
 * The workers that threads run on. All of them belong to the main thread.
 *
 * @module
 */

import process from "node:process";
import type { Worker as NodeWorker, WorkerOptions } from "node:worker_threads";
import * as errno from "../errno.ts";
import { integer } from "../socket/bytes.ts";
import { OSError } from "../socket/errors.ts";
import { Table } from "../socket/table.ts";
import { linkMemory } from "../socket/transport/relay/link.ts";
import { counted, counter } from "./counter.ts";
import { entry } from "./entry.ts";
import { interrupt } from "./interrupt.ts";
import { type Boot, Note, type Order, type Spec } from "./spec.ts";
import { WayEnd } from "./way.ts";

/** A worker without threads is at rest after this time, in milliseconds. */
const IDLE = 20;

/** A thread that runs. */
interface Running {
  readonly number: number;
  /** Called once, when it has ended. */
  readonly ended: () => void;
}

const members = new Set<Member>();
let limit = Math.max(1, navigator.hardwareConcurrency);

/**
 * How many workers threads share: as many as the machine has processors, unless
 * it is set. While all of them are busy, a new thread shares one with others;
 * threads with `dedicated` don't count.
 *
 * Unlike Python's, threads of one worker run in turns: one that computes, and
 * never awaits, keeps the others from running.
 *
 * ```ts
 * import { thread } from "@berkeley/socket";
 *
 * const before = thread.pool_size(2);
 * thread.pool_size(before);
 * ```
 *
 * @param size The new number, 1 or more. Workers that there are already stay.
 * @returns The number before.
 * @throws {RangeError} If `size` isn't positive.
 */
export function pool_size(size?: number): number {
  const before = limit;
  if (size !== undefined) {
    if (integer(size, "size") < 1) {
      throw new RangeError("size must be positive");
    }
    limit = size;
  }
  return before;
}

/** Starts a thread, in the main thread. */
export function start(spec: Spec, ended: () => void): void {
  const member = choose(spec.dedicated);
  member.start(spec, ended);
}

function choose(dedicated: boolean): Member {
  const free = [...members].find(({ load, dedicated }) =>
    load === 0 && !dedicated
  );
  if (free) {
    free.dedicated = dedicated;
    return free;
  }
  const shared = [...members].filter(({ dedicated }) => !dedicated);
  if (dedicated || shared.length < limit) return new Member(dedicated);
  return shared.reduce((a, b) => b.load < a.load ? b : a);
}

/** One worker. */
class Member {
  readonly #worker: NodeWorker;
  readonly #way: WayEnd;
  readonly #threads = new Table<Running>();
  #load = 0;
  /** How many reasons there are not to let the process end. */
  #holds = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resting = true;
  /** It is taken by one thread that asked for that. */
  dedicated: boolean;

  constructor(dedicated: boolean) {
    this.dedicated = dedicated;
    const memory = linkMemory();
    this.#worker = open({ memory, counter: counter() });
    const worker = this.#worker;
    this.#way = new WayEnd({
      memory,
      port: worker as unknown as WayPort,
      main: true,
      hold: (alive) => this.#hold(alive),
      note: (subject, value) => this.#note(subject, value),
    });
    this.#way.listen("start", (spec) => this.#startFor(spec as Spec));
    this.#way.open();
    worker.on("message", (message) => this.#way.arrived(message));
    // The runtime has printed it.
    worker.on("error", () => {});
    worker.on("exit", () => this.#died());
    worker.unref();
    members.add(this);
  }

  /** How many threads it has. */
  get load(): number {
    return this.#load;
  }

  #hold(alive: boolean): void {
    this.#holds += alive ? 1 : -1;
    if (this.#holds === 0) this.#timer ??= setTimeout(this.#tire, IDLE);
    else if (this.#resting) this.#rest(false);
  }

  readonly #tire = () => {
    this.#timer = undefined;
    if (this.#holds === 0) this.#rest(true);
  };

  /** At rest, nothing of it keeps the process alive. */
  #rest(resting: boolean): void {
    this.#resting = resting;
    if (resting) this.#worker.unref();
    else this.#worker.ref();
    // Neither do sockets that threads left behind.
    this.#way.ref(!resting);
  }

  start(spec: Spec, ended: () => void): void {
    const number = this.#threads.reserve();
    const order: Order = { ...spec, token: 0, number };
    try {
      this.#way.post("start", order, "");
    } catch (error) {
      this.#threads.release(number);
      throw error;
    }
    this.#threads.set(number, { number, ended });
    this.#load++;
    counted(1);
    this.#hold(true);
  }

  /** Starts a thread that one of this worker's asks for. */
  #startFor(spec: Spec): void {
    const ended = () => {
      if (spec.token !== 0) this.#way.note(Note.Done, spec.token);
    };
    try {
      start(spec, ended);
    } catch (error) {
      console.error(error);
      ended();
    }
  }

  #note(subject: number, value: number): void {
    if (subject === Note.Ended) this.#ended(this.#threads.get(value)!);
    else if (subject === Note.Interrupt) interrupt();
  }

  #ended({ number, ended }: Running): void {
    this.#threads.release(number);
    if (--this.#load === 0) this.dedicated = false;
    counted(-1);
    this.#hold(false);
    ended();
  }

  #died(): void {
    members.delete(this);
    this.#way.lose();
    for (const running of this.#threads.values()) this.#ended(running);
    clearTimeout(this.#timer);
  }

  /** Ends the worker with all its threads. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}

type WayPort = ConstructorParameters<typeof WayEnd>[0]["port"];

function open(boot: Boot): NodeWorker {
  // Only programs that start threads pay for the module.
  const { Worker, SHARE_ENV } = process.getBuiltinModule(
    "node:worker_threads",
  );
  const url = new URL("./worker.ts", import.meta.url);
  try {
    return new Worker(entry(url), {
      workerData: boot,
      env: SHARE_ENV as NonNullable<WorkerOptions["env"]>,
    });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotCapable)) throw cause;
    throw new OSError(
      errno.EACCES,
      `a thread has to load its modules: ${cause.message}`,
      { cause },
    );
  }
}

/** Ends all workers, with all threads. */
export async function terminate(): Promise<void> {
  await Promise.all([...members].map((member) => member.terminate()));
}
