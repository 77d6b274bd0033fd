/**
 * The workers that threads run on. All of them belong to the main thread.
 *
 * @module
 */

import type { Worker as NodeWorker } from "node:worker_threads";
import { integer } from "../socket/bytes.ts";
import { linkMemory } from "../socket/link/link.ts";
import { Slab } from "../socket/slab.ts";
import { Common, common, exchange, read } from "./common.ts";
import { counted } from "./counter.ts";
import { RuntimeError } from "./errors.ts";
import { interrupt } from "./interrupt.ts";
import { open } from "./open.ts";
import { FAILED, type Failure, Note, type Order, type Spec } from "./spec.ts";
import { LinkEnd } from "./link_end.ts";

/** A worker without threads is at rest after this time, in milliseconds. */
const IDLE = 20;

/** A thread that runs. */
interface Running {
  readonly number: number;
  readonly name: string;
  /** Called once, when it has ended. */
  readonly ended: () => void;
}

const members = new Set<Member>();

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
 * @param size The new number, 1 or more, for what any thread starts from now
 * on. Threads that run stay where they are.
 * @returns The number before.
 * @throws {TypeError} If `size` isn't an integer.
 * @throws {RangeError} If `size` isn't positive.
 */
export function pool_size(size?: number): number {
  if (size !== undefined && integer(size, "size") < 1) {
    throw new RangeError("size must be positive");
  }
  const before = size === undefined
    ? read(Common.PoolSize)
    : exchange(Common.PoolSize, size);
  return before || (globalThis.navigator?.hardwareConcurrency || 1);
}

/** Starts a thread, in the main thread. */
export function start(spec: Spec, ended: () => void): void {
  const member = choose(spec.dedicated);
  member.start(spec, ended);
}

function choose(dedicated: boolean): Member {
  const shared = [...members].filter(({ dedicated }) => !dedicated);
  const busy = shared.filter(({ load }) => load > 0);
  const limit = pool_size();
  if (!dedicated && busy.length >= limit) {
    // There are more of them if the limit was higher.
    return busy.slice(0, limit).reduce((a, b) => b.load < a.load ? b : a);
  }
  const free = shared.find(({ load }) => load === 0);
  if (!free) return new Member(dedicated);
  free.dedicated = dedicated;
  return free;
}

/** One worker. */
class Member {
  readonly #worker: NodeWorker;
  readonly #link: LinkEnd;
  readonly #threads = new Slab<Running>();
  #load = 0;
  /** How many reasons there are not to let the process end. */
  #holds = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resting = true;
  #lacking = false;
  /** It has begun, or ends because it is told to. */
  #ready = false;
  #gone = false;
  /** What the runtime said of its end. */
  #reason: string | undefined;
  /** It is taken by one thread that asked for that. */
  dedicated: boolean;

  constructor(dedicated: boolean) {
    this.dedicated = dedicated;
    const memory = linkMemory();
    this.#worker = open({ memory, common: common() });
    const worker = this.#worker;
    this.#link = new LinkEnd({
      memory,
      port: worker as unknown as WayPort,
      main: true,
      hold: (alive) => this.#hold(alive),
      note: (subject, value) => this.#note(subject, value),
    });
    this.#link.listen(
      "start",
      (spec) => this.#startFor(spec as Spec),
      (spec, error) => this.#startFails(spec as Spec, error),
    );
    this.#link.listen(FAILED, (failure) => fail(failure as Failure));
    this.#link.open();
    worker.on("message", (message) => this.#link.arrived(message));
    worker.on("error", (error: Error & { code?: string }) => {
      this.#leave();
      // The runtime prints all others.
      if (error.code === "ERR_WORKER_OUT_OF_MEMORY") this.#lackMemory();
      else if (this.#ready) this.#report();
      else this.#reason = error.message;
    });
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
    // Some let go of it only after it has died.
    if (!members.has(this)) return;
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
  }

  start(spec: Spec, ended: () => void): void {
    const number = this.#threads.reserve();
    const order: Order = { ...spec, token: 0, number };
    try {
      this.#link.post("start", order, "");
    } catch (error) {
      this.#threads.release(number);
      throw error;
    }
    // The rest of the turn may compute. A worker with other threads is woken at
    // its end, with all else that the turn has for it.
    if (this.#load === 0) this.#link.wake();
    this.#threads.set(number, { number, name: spec.name, ended });
    this.#load++;
    this.#hold(true);
  }

  /** Starts a thread that one of this worker's asks for. */
  #startFor(spec: Spec): void {
    try {
      start(spec, () => this.#done(spec));
    } catch (cause) {
      fail({ name: spec.name, reason: (cause as Error).message, cause });
      this.#abandon(spec);
    }
  }

  #startFails(spec: Spec, error: unknown): void {
    console.error(error);
    this.#abandon(spec);
  }

  #abandon(spec: Spec): void {
    counted(-1);
    this.#done(spec);
  }

  /** Says that a thread has ended, to the one that started it. */
  #done({ token }: Spec): void {
    if (token !== 0) this.#link.note(Note.Done, token);
  }

  #note(subject: number, value: number): void {
    if (subject === Note.Ready) this.#ready = true;
    else if (subject === Note.Ended) this.#ended(this.#threads.get(value)!);
    else if (subject === Note.Interrupt) interrupt();
    else if (subject === Note.Memory && !this.#lacking) {
      this.#lackMemory();
      this.terminate();
    }
  }

  #ended({ number, ended }: Running): void {
    this.#threads.release(number);
    if (--this.#load === 0) this.dedicated = false;
    counted(-1);
    this.#hold(false);
    ended();
  }

  /** Says which threads the worker takes with it. */
  #report(): void {
    const names = this.#threads.values().map(({ name }) => name);
    if (names.length > 0) {
      console.error(
        `Threads that ended with their worker: ${names.join(", ")}`,
      );
    }
  }

  #lackMemory(): void {
    this.#lacking = true;
    console.error("MemoryError: a worker ran out of memory");
    this.#report();
  }

  #died(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#leave();
    this.#link.lose();
    if (!this.#ready) this.#stillborn();
    for (const running of this.#threads.values()) this.#ended(running);
    clearTimeout(this.#timer);
  }

  /** No other thread comes to it, while it still ends. */
  #leave(): void {
    members.delete(this);
  }

  /** Says which threads never came to run, for the worker didn't begin. */
  #stillborn(): void {
    for (const { name } of this.#threads.values()) {
      const reason = this.#reason ?? "no reason is known";
      fail({ name, reason: `its worker ended before it began: ${reason}` });
    }
  }

  /** Ends the worker with all its threads. */
  async terminate(): Promise<void> {
    this.#ready = true;
    this.#leave();
    await this.#worker.terminate();
    // One that hadn't begun yet may end without an event.
    this.#died();
  }
}

/**
 * Tells of a thread that couldn't start: as an error that nobody catches, which
 * ends the program unless a listener for `error` prevents it.
 */
function fail({ name, reason, cause }: Failure): void {
  const message = `can't start new thread <function ${name}>: ${reason}`;
  const options = cause === undefined ? undefined : { cause };
  reportError(new RuntimeError(message, options));
}

type WayPort = ConstructorParameters<typeof LinkEnd>[0]["port"];

/** Ends all workers, with all threads. */
export async function terminate(): Promise<void> {
  await Promise.all([...members].map((member) => member.terminate()));
}
