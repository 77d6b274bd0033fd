/**
 * The workers that threads run on. All of them belong to the main thread.
 *
 * @module
 */

import type { Worker as NodeWorker } from "node:worker_threads";
import { disposeAll } from "../socket/link/inspect.ts";
import { linkMemory, type Port } from "../socket/link/link.ts";
import { Op } from "../socket/link/records.ts";
import { Slab } from "../socket/slab.ts";
import { fork } from "../socket/transport/default.ts";
import { interrupt } from "./current.ts";
import { checkThreads, open } from "./entry.ts";
import { RuntimeError } from "./errors.ts";
import { LinkEnd } from "./link_end.ts";
import { FAILED, type Failure, START, type ThreadSpec } from "./messages.ts";
import { lost, registryMemory } from "./registry.ts";
import { countThread, pool_size, sharedNumbers } from "./shared.ts";

/** How long an idle worker still keeps the process alive, in milliseconds. */
const IDLE = 20;

interface Running {
  readonly id: number;
  readonly name: string;
  readonly ident: number;
  readonly daemon: boolean;
  /** Called once, when it has ended. */
  readonly ended: () => void;
}

const workers = new Set<PoolWorker>();

/** Starts a thread, in the main thread; `ended` is called once at its end. */
export function start(spec: ThreadSpec, ended: () => void): void {
  choose(spec.dedicated).start(spec, ended);
}

function choose(dedicated: boolean): PoolWorker {
  const shared = [...workers].filter(({ dedicated }) => !dedicated);
  const busy = shared.filter(({ load }) => load > 0);
  const limit = pool_size();
  if (!dedicated && busy.length >= limit) {
    // There are more of them if the limit was higher before.
    return busy.slice(0, limit).reduce((a, b) => b.load < a.load ? b : a);
  }
  const free = shared.find(({ load }) => load === 0);
  if (!free) return new PoolWorker(dedicated);
  free.dedicated = dedicated;
  return free;
}

/** One worker, and the threads that run on it. */
class PoolWorker {
  readonly #worker: NodeWorker;
  readonly #link: LinkEnd;
  /** For the transport, if that wants to know of threads. */
  readonly #fork = fork();
  readonly #threads = new Slab<Running>();
  /** How many threads and sockets need the process to stay alive. */
  #holds = 0;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #referenced = false;
  /** It has begun, or was terminated. */
  #ready = false;
  #death: Promise<void> | null = null;
  /** The runtime's error if it couldn't begin. */
  #reason = "no reason is known";
  load = 0;
  /** Whether it has one thread only, as that asked for. */
  dedicated: boolean;

  constructor(dedicated: boolean) {
    this.dedicated = dedicated;
    checkThreads();
    const memory = linkMemory();
    const worker = this.#worker = open({
      memory,
      numbers: sharedNumbers(),
      registry: registryMemory(),
      transport: this.#fork &&
        { module: this.#fork.module, data: this.#fork.data },
    });
    const link = this.#link = new LinkEnd({
      memory,
      port: worker as unknown as Port,
      main: true,
      peer: this.#fork?.peer ?? null,
      hold: (alive) => this.#hold(alive),
      notified: (op, id) => this.#notified(op, id),
    });
    link.listen(
      START,
      (spec) => this.#startFor(spec as ThreadSpec),
      (spec, error) => {
        console.error(error);
        this.#abandon(spec as ThreadSpec);
      },
    );
    link.listen(FAILED, (failure) => reportFailure(failure as Failure));
    link.open();
    worker.on("message", (message) => link.arrived(message));
    worker.on("error", (error: Error & { code?: string }) => {
      workers.delete(this);
      // The runtime prints all other errors itself.
      if (error.code === "ERR_WORKER_OUT_OF_MEMORY") this.#reportMemory();
      else if (this.#ready) this.#reportThreads();
      else this.#reason = error.message;
    });
    worker.on("exit", () => this.#died());
    worker.unref();
    workers.add(this);
  }

  #hold(alive: boolean): void {
    this.#holds += alive ? 1 : -1;
    // Some holds end only after the worker has died.
    if (!workers.has(this)) return;
    if (this.#holds === 0) this.#idleTimer ??= setTimeout(this.#idle, IDLE);
    else if (!this.#referenced) {
      this.#referenced = true;
      this.#worker.ref();
    }
  }

  readonly #idle = () => {
    this.#idleTimer = undefined;
    if (this.#holds > 0) return;
    this.#referenced = false;
    this.#worker.unref();
  };

  start(spec: ThreadSpec, ended: () => void): void {
    const id = this.#threads.reserve();
    try {
      this.#link.post(START, { ...spec, id }, "");
    } catch (error) {
      this.#threads.release(id);
      if (this.load === 0) this.dedicated = false;
      throw error;
    }
    // The rest of the turn may compute. A busy worker is woken at its end, with
    // all other records of the turn.
    if (this.load === 0) this.#link.wake();
    const { name, ident, object } = spec;
    const daemon = object?.daemon ?? false;
    this.#threads.set(id, { id, name, ident, daemon, ended });
    this.load++;
    if (!daemon) this.#hold(true);
  }

  /** Starts a thread that one of this worker's threads asks for. */
  #startFor(spec: ThreadSpec): void {
    try {
      start(spec, () => this.#notifyEnded(spec));
    } catch (cause) {
      reportFailure({
        name: spec.name,
        reason: (cause as Error).message,
        cause,
      });
      // Nothing else refers to the arguments, so nothing else can close them.
      disposeAll([spec.args, spec.kwargs, spec.this]);
      this.#abandon(spec);
    }
  }

  #abandon(spec: ThreadSpec): void {
    countThread(-1);
    lost(spec.ident);
    this.#notifyEnded(spec);
  }

  #notifyEnded({ id }: ThreadSpec): void {
    if (id !== 0) this.#link.notify(Op.Ended, id);
  }

  #notified(op: Op, id: number): void {
    if (op === Op.Ready) this.#ready = true;
    else if (op === Op.Ended) this.#ended(this.#threads.get(id)!);
    else if (op === Op.Interrupt) interrupt();
    else if (workers.has(this)) {
      this.#reportMemory();
      this.terminate();
    }
  }

  #ended({ id, daemon, ended }: Running): void {
    this.#threads.release(id);
    if (--this.load === 0) this.dedicated = false;
    countThread(-1);
    if (!daemon) this.#hold(false);
    ended();
  }

  /** Prints which threads end with the worker. */
  #reportThreads(): void {
    const names = this.#threads.values().map(({ name }) => name);
    if (names.length > 0) {
      console.error(
        `Threads that ended with their worker: ${names.join(", ")}`,
      );
    }
  }

  #reportMemory(): void {
    console.error("MemoryError: a worker ran out of memory");
    this.#reportThreads();
  }

  /** Resolves once nothing is left of it. */
  #died(): Promise<void> {
    return this.#death ??= this.#leave();
  }

  async #leave(): Promise<void> {
    workers.delete(this);
    this.#link.lose();
    for (const running of this.#threads.values()) {
      const { name, ident } = running;
      const reason = `its worker ended before it began: ${this.#reason}`;
      if (!this.#ready) reportFailure({ name, reason });
      lost(ident);
      this.#ended(running);
    }
    clearTimeout(this.#idleTimer);
    await this.#fork?.ended();
  }

  async terminate(): Promise<void> {
    this.#ready = true;
    workers.delete(this);
    await this.#worker.terminate();
    // A worker that hasn't begun may end without the event `exit`.
    await this.#died();
  }
}

/**
 * Reports a thread that couldn't start: as an uncaught error, which ends the
 * program unless a listener for `error` prevents that.
 */
function reportFailure({ name, reason, cause }: Failure): void {
  const message = `can't start new thread <function ${name}>: ${reason}`;
  const options = cause === undefined ? undefined : { cause };
  reportError(new RuntimeError(message, options));
}

export async function terminate(): Promise<void> {
  await Promise.all([...workers].map((worker) => worker.terminate()));
}
