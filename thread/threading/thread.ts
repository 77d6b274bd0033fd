/**
 * Threads as objects.
 *
 * @module
 */

import {
  type Movable,
  onArrival,
  transfer,
  type TransferRecord,
} from "../../socket/link/transfer.ts";
import { get_ident, inThread, newIdent } from "../current.ts";
import { RuntimeError } from "../errors.ts";
import {
  type Details,
  entries,
  Entry,
  keepHere,
  nextNumber,
  register,
  unlisted,
} from "../registry.ts";
import { launch } from "../start.ts";
import { patience } from "../timeout.ts";
import { call } from "./call.ts";
import { initialState, type Options } from "./initial.ts";
import type {
  NoTarget,
  Target as TargetOptions,
  TargetWithOptions,
} from "./options.ts";
import { objectOf, Revival, setObject, type State } from "./state.ts";

interface Message extends Details {
  readonly row: number;
  readonly ident: number;
}

/**
 * A thread, which runs on a worker once it was started: a function with its
 * arguments, or the `run()` of a class that extends this one.
 *
 * Functions and classes are found by their names in the worker, which loads
 * their module again: the module must export them, and code that only the
 * program itself should run belongs behind `if (import.meta.main)`.
 *
 * ```ts
 * import { socket, threading } from "@berkeley/socket";
 *
 * export class ClientThread extends threading.Thread {
 *   conn: socket.Socket;
 *
 *   constructor(conn: socket.Socket) {
 *     super({ daemon: true });
 *     this.conn = conn;
 *   }
 *
 *   override async run() {
 *     using conn = this.conn;
 *     await conn.sendall("Hello!");
 *   }
 * }
 *
 * if (import.meta.main) {
 *   const server = socket.create_server(["127.0.0.1", 6543]);
 *   for await (const [conn] of server) new ClientThread(conn).start();
 * }
 * ```
 *
 * The fields of such an object travel with it as the arguments of a function
 * do: sockets, locks and queues move, everything else is copied; what can't be
 * sent is a `TypeError` of {@linkcode Thread.prototype.start | start}. The
 * constructor isn't called again in the worker, so private fields (`#name`)
 * don't exist there; those that are `private` only for the type checker do.
 * After `start()`, the object in this thread keeps its fields, with the sockets
 * closed; neither side sees what the other one assigns to them later.
 *
 * A started thread can be given to other threads, which can join it: there, it
 * is a plain `Thread`, without the fields of its class.
 *
 * Follows Python's
 * [`threading.Thread`](https://docs.python.org/3/library/threading.html#threading.Thread).
 */
export class Thread<
  // deno-lint-ignore no-explicit-any
  P extends readonly unknown[] = any[],
  // deno-lint-ignore no-explicit-any
  K extends object = any,
> implements Movable {
  readonly #state: State;

  static {
    onArrival("threading.Thread", ({ row, ident, ...details }: Message) => {
      return threadOf(new Entry(row, ident), details);
    });
  }

  /**
   * Makes a thread, which {@linkcode Thread.prototype.start | start} starts.
   *
   * The type checker compares `args` and `kwargs` with the parameters of
   * `target`. JavaScript has no keyword arguments: `kwargs` is one more
   * argument, behind the others.
   *
   * ```ts
   * import { thread, threading } from "@berkeley/socket";
   *
   * export async function work(n: number, { tasks }: { tasks: thread.Queue }) {
   *   while (true) console.log(n, await tasks.get());
   * }
   *
   * if (import.meta.main) {
   *   const tasks = new thread.Queue();
   *   const t = new threading.Thread({
   *     target: work,
   *     args: [1],
   *     kwargs: { tasks },
   *     daemon: true,
   *   });
   *   t.start();
   * }
   * ```
   *
   * @param options What it does, its name, and whether it is a daemon.
   * @throws {TypeError} If an option is of the wrong type, or if the target or
   * the class has no name or is not a function that a module can export, or if
   * its module is unknown.
   */
  constructor(options?: NoTarget | null);
  /** Makes a thread that calls a function. */
  constructor(options: TargetOptions<P>);
  /** Makes a thread that calls a function with an object at the end. */
  constructor(options: TargetWithOptions<P, K>);
  /** @internal */
  constructor(options: Options, caller: object);
  constructor(
    options: Options | Revival | null = null,
    caller: object = Thread,
  ) {
    if (options instanceof Revival) {
      this.#state = options.state;
      return;
    }
    this.#state = initialState(options, new.target, Thread, caller);
  }

  /** The name, which has no meaning; other workers see its first 232 bytes. */
  get name(): string {
    const state = this.#state;
    const { entry } = state;
    // Another worker may have changed it.
    if (entry?.alive && !entry.isNamed(state.name)) {
      const { name } = entry;
      // By now the place may be that of another thread.
      if (entry.alive) state.name = name;
    }
    return state.name;
  }

  set name(name: string) {
    this.#state.name = String(name);
    const { entry } = this.#state;
    if (entry?.alive) entry.name = this.#state.name;
  }

  /**
   * Whether the process may end before the thread. Initially it is what holds
   * for the thread that makes this one.
   *
   * @throws {RuntimeError} If it is set after the start.
   */
  get daemon(): boolean {
    return this.#state.daemon;
  }

  set daemon(daemon: boolean) {
    if (this.#state.entry) {
      throw new RuntimeError("cannot set daemon status of active thread");
    }
    this.#state.daemon = Boolean(daemon);
  }

  /** The ident, as `get_ident()` gives it there; `null` before the start. */
  get ident(): number | null {
    return this.#state.entry?.ident ?? null;
  }

  /**
   * The number that the system gave the thread's worker; `null` before the
   * start, and without `--allow-all`, which Deno asks for before it tells.
   */
  get native_id(): number | null {
    const { entry } = this.#state;
    return entry?.alive ? entry.nativeId : null;
  }

  /**
   * Starts the thread: {@linkcode Thread.prototype.run | run} is called on a
   * worker. Returns at once.
   *
   * @throws {RuntimeError} If it was started before, while a thread loads the
   * module, and where there are no threads.
   * @throws {TypeError} If an argument or a field can't be sent, whose path is
   * in the message; then nothing has changed.
   * @throws {OSError} `EBADF` if a socket among them is closed; `EACCES` if
   * `--allow-read` is missing.
   */
  start(): void {
    const state = this.#state;
    if (state.entry) {
      throw new RuntimeError("threads can only be started once");
    }
    const { name, daemon, dedicated, target, type } = state;
    const ident = newIdent();
    const entry = state.entry = register(ident, { name, daemon });
    try {
      launch({
        ident,
        module: target?.named.module ?? null,
        name: target?.named.name ?? type?.name ?? "Thread",
        args: target?.args ?? [],
        kwargs: target?.kwargs ?? null,
        dedicated,
        id: 0,
        object: { row: entry.row, daemon, type },
        this: { ...this },
      });
    } catch (error) {
      state.entry = null;
      entry.end();
      throw error;
    }
    setObject(entry, this);
  }

  /**
   * What the thread does: calls the target with its arguments, if there is
   * one. A class may override it; `start()` calls it, on a worker.
   */
  run(): unknown {
    const { target } = this.#state;
    return target === null ? undefined : call(target);
  }

  /**
   * Waits until the thread has ended, in whichever thread it was started.
   *
   * @param timeout How long to wait at most, in seconds, up to `TIMEOUT_MAX`;
   * `null` for ever. {@linkcode Thread.prototype.is_alive | is_alive} tells
   * whether it was long enough.
   * @throws {RuntimeError} Before the start; in the thread itself, and for the
   * main thread, which would wait for ever.
   * @throws {TypeError} If `timeout` is neither a number nor `null`.
   * @throws {RangeError} If it is `NaN` or too large.
   */
  async join(timeout: number | null = null): Promise<void> {
    const limit = patience(timeout);
    const { entry } = this.#state;
    if (!entry) {
      throw new RuntimeError("cannot join thread before it is started");
    }
    if (entry.ident === get_ident()) {
      throw new RuntimeError("cannot join current thread");
    }
    if (entry.main && limit === Infinity) {
      throw new RuntimeError(
        "cannot join the main thread, which ends after all other threads",
      );
    }
    await entry.ended(limit);
  }

  /** Whether it was started and hasn't ended. */
  is_alive(): boolean {
    return this.#state.entry?.alive ?? false;
  }

  /** The name; an older form of {@linkcode Thread.prototype.name | name}. */
  getName(): string {
    return this.name;
  }

  /** Sets the name. */
  setName(name: string): void {
    this.name = name;
  }

  /** Whether it is a {@linkcode Thread.prototype.daemon | daemon}. */
  isDaemon(): boolean {
    return this.daemon;
  }

  /** Sets whether it is a daemon. */
  setDaemon(daemon: boolean): void {
    this.daemon = daemon;
  }

  /** As Python shows it: `<Thread(Thread-1, started 140…)>`. */
  toString(): string {
    const { name } = this;
    const { daemon, entry } = this.#state;
    const status = [
      entry === null ? "initial" : entry.alive ? "started" : "stopped",
      ...(daemon ? ["daemon"] : []),
      ...(entry === null ? [] : [entry.ident]),
    ];
    return `<${this.constructor.name}(${name}, ${status.join(" ")})>`;
  }

  /** Lets another thread see the same thread. */
  [transfer](): TransferRecord {
    const { entry } = this.#state;
    if (!entry) {
      throw new TypeError("can't be given to a thread before it is started");
    }
    // Once it has ended, its row may tell of another thread.
    const { name, daemon } = this;
    const message: Message = {
      row: entry.row,
      ident: entry.ident,
      name,
      daemon,
    };
    return { kind: "threading.Thread", message };
  }
}

/** The object of a thread in this worker. */
export function threadOf(entry: Entry, details: Details = entry): Thread {
  const known = objectOf(entry.ident);
  if (known) return known as Thread;
  const { name, daemon } = details;
  return revive(Thread, {
    ...{ name, daemon, entry },
    ...{ target: null, type: null, dedicated: false },
  });
}

/** Makes an object without calling the constructor of its class. */
export function revive(type: object, state: State): Thread {
  const revival = new Revival(state);
  // deno-lint-ignore ban-types
  const thread = Reflect.construct(Thread, [revival], type as Function);
  setObject(state.entry!, thread);
  return thread;
}

/** The thread that calls this; others than a `Thread` get an object for it. */
export function current_thread(): Thread {
  const ident = get_ident();
  const known = objectOf(ident);
  if (known) return known as Thread;
  for (const entry of entries()) {
    if (entry.ident === ident) return threadOf(entry);
  }
  const details = { name: `Dummy-${nextNumber("Dummy")}`, daemon: true };
  // What a worker does outside its threads has no end, and isn't listed.
  const entry = inThread() ? register(ident, details) : unlisted(ident);
  keepHere(entry);
  return threadOf(entry, details);
}
