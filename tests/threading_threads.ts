/**
 * The functions and classes of the threads in the tests of `threading`.
 *
 * @module
 */

import { type queue, type socket, thread, threading } from "../mod.ts";

export type Told = queue.SimpleQueue<unknown>;

/** Says what the thread knows of itself. */
export async function introduce(told: Told): Promise<void> {
  const me = threading.current_thread();
  await told.put([
    me.name,
    me.ident === threading.get_ident() && me.is_alive(),
    me.daemon,
    String(me) === `<Thread(${me.name}, started ${me.ident})>`,
    threading.main_thread().name,
    me === threading.current_thread(),
  ]);
}

/** Says what it was called with. */
export async function echo(told: Told, ...args: unknown[]): Promise<void> {
  await told.put(args);
}

/** Waits until it may end. */
export async function wait(end: threading.Event): Promise<void> {
  await end.wait();
}

/** Joins a thread that another one has started. */
export async function join(
  other: threading.Thread,
  told: Told,
): Promise<void> {
  await told.put([other.name, other.is_alive()]);
  await other.join();
  await told.put(other.is_alive());
}

/** Says which threads there are. */
export async function list(told: Told): Promise<void> {
  await told.put([
    threading.enumerate().map(({ name }) => name).toSorted(),
    threading.active_count(),
  ]);
}

/** What `join()` says to a thread that may not. */
export async function joins(told: Told): Promise<void> {
  const others = [threading.current_thread(), threading.main_thread()];
  for (const other of others) {
    try {
      await other.join();
    } catch (error) {
      await told.put(String(error));
    }
  }
}

/** Says its name as a thread of `thread`. */
export async function dummy(told: Told, end: threading.Event): Promise<void> {
  const { name, daemon } = threading.current_thread();
  await told.put([name, daemon]);
  await end.wait();
}

/** Starts a daemon, and what that starts. */
export async function inherits(told: Told): Promise<void> {
  await told.put(new threading.Thread().daemon);
}

/** Fails. */
export function fail(): void {
  throw new TypeError("what went wrong");
}

/** Ends quietly. */
export function leave(): void {
  thread.exit();
}

/** Fails with a hook that tells, and then one that fails too. */
export async function hooked(told: Told): Promise<void> {
  threading.setexcepthook(async ({ thread, ...args }) => {
    threading.setexcepthook(null);
    await told.put([
      args.exc_type === TypeError,
      String(args.exc_value),
      args.exc_traceback?.split("\n").length,
      thread === threading.current_thread(),
    ]);
  });
  await null;
  fail();
}

/** Ends its worker. */
export function kill(): Promise<void> {
  close();
  return new Promise(() => {});
}

/** The values of a `local` of this module, in one thread. */
class Values extends threading.local {
  n = 2;
  readonly list: number[] = [];

  constructor(readonly from: string) {
    super(from);
  }
}

const values = new Values("the module");

/** Changes its own values, while others do too. */
export async function local(
  n: number,
  start: threading.Barrier,
  given: threading.local,
  told: Told,
): Promise<void> {
  values.n += n;
  values.list.push(n);
  given.n = n;
  await start.wait();
  await told.put([
    values.n,
    values.list,
    values.from,
    given.n,
    Object.keys(given),
    values instanceof Values,
  ]);
}

/** A class with fields of all kinds. */
export class Fields extends threading.Thread {
  readonly map = new Map([["key", [1, 2]]]);
  private readonly secret = "kept";

  constructor(
    readonly conn: socket.Socket,
    readonly lock: threading.Lock,
    readonly told: Told,
  ) {
    super({ name: "fields" });
  }

  protected greeting(): string {
    return `Hello from ${this.name}`;
  }

  override async run(): Promise<void> {
    using conn = this.conn;
    await conn.sendall(this.greeting());
    await this.told.put([this.map, this.secret, this.lock.locked()]);
    this.lock.release();
  }
}

/** A class that inherits its constructor and most else. */
export class Derived extends Fields {
  protected override greeting(): string {
    return `${super.greeting()}, derived`;
  }
}

/** A class with a target. */
export class Around extends threading.Thread {
  constructor(readonly told: Told) {
    super({ target: echo, args: [told, "inside"] });
  }

  override async run(): Promise<void> {
    await this.told.put("before");
    await super.run();
    await this.told.put("after");
  }
}

/** A class whose fields can't be sent. */
export class Handler extends threading.Thread {
  handler = () => {};
}

/** A class that isn't exported. */
class Hidden extends threading.Thread {}

/** A thread of it. */
export function hidden(): threading.Thread {
  return new Hidden();
}

/** Makes a condition, and gives it to another thread by way of the main one. */
export async function make(told: Told): Promise<void> {
  const condition = new threading.Condition();
  const barrier = new threading.Barrier(2, act);
  const semaphore = new threading.BoundedSemaphore(1);
  const t = new threading.Thread({
    target: use,
    args: [condition, barrier, semaphore, told],
  });
  using _held = await condition.hold();
  t.start();
  if (!await condition.wait(20)) throw new Error("not notified");
  await barrier.wait();
  await t.join();
}

/** The action of a barrier. */
export function act(): void {
  console.log("action");
}

/** Uses what another thread has made. */
export async function use(
  condition: threading.Condition,
  barrier: threading.Barrier,
  semaphore: threading.Semaphore,
  told: Told,
): Promise<void> {
  {
    using _held = await condition.hold();
    condition.notify();
  }
  await barrier.wait();
  let message = "";
  try {
    semaphore.release();
  } catch (error) {
    message = String(error);
  }
  await told.put([message, semaphore instanceof threading.BoundedSemaphore]);
}

let counted = 0;

/** Says how often this was called in its worker. */
export async function count(told: Told): Promise<void> {
  await told.put(++counted);
}

/** A class whose constructor says where it is. */
export class Owned extends threading.Thread {
  constructor(readonly told: Told) {
    super();
  }

  override async run(): Promise<void> {
    await this.told.put("owned");
  }
}

/** A class without a constructor. */
export class Plain extends threading.Thread {}

/** Makes threads in its constructor. */
export class Owner {
  readonly thread: Owned;
  readonly plain: Plain;

  constructor(told: Told) {
    this.thread = new Owned(told);
    this.plain = new Plain();
  }
}

/** A local with another one in it. */
class Nested extends threading.local {
  readonly inner = new threading.local();
}

const nested = new Nested();

/** Gives away the local in its local. */
export async function nests(told: Told, given: threading.local): Promise<void> {
  given.n = 1;
  nested.inner.n = given.n;
  await told.put(nested.inner);
}
