/**
 * A function that is called later.
 *
 * @module
 */

import { Event } from "./event.ts";
import type { CommonOptions } from "./options.ts";
import { registerClass } from "./initial.ts";
import { Thread } from "./thread.ts";

/**
 * A thread that waits, and then calls a function, unless it was cancelled.
 *
 * ```ts
 * import { threading } from "@berkeley/socket";
 *
 * export function hello() {
 *   console.log("hello, world");
 * }
 *
 * if (import.meta.main) {
 *   const t = new threading.Timer(30.0, hello);
 *   t.start(); // After 30 seconds, "hello, world" will be printed.
 * }
 * ```
 *
 * Follows Python's
 * [timer objects](https://docs.python.org/3/library/threading.html#timer-objects).
 */
export class Timer<
  // deno-lint-ignore no-explicit-any
  P extends readonly unknown[] = any[],
  // deno-lint-ignore no-explicit-any
  K extends object = any,
> extends Thread<P, K> {
  /** How long it waits, in seconds. */
  interval: number;
  /** Set when it was cancelled, or when the function has returned. */
  finished: Event;

  static {
    registerClass("Timer", Timer);
  }

  /**
   * Makes a timer, which `start()` starts.
   *
   * @param interval How long to wait, in seconds.
   * @param function_ An exported function of the caller's module.
   * @throws {TypeError} As the constructor of {@linkcode Thread}.
   */
  constructor(interval: number, function_: () => unknown);
  /** Makes a timer for a function with arguments. */
  constructor(
    interval: number,
    function_: (...args: P) => unknown,
    args: Readonly<NoInfer<P>>,
    kwargs?: null,
    options?: CommonOptions | null,
  );
  /** Makes a timer for a function with an object at the end. */
  constructor(
    interval: number,
    function_: (...args: [...P, K]) => unknown,
    args: readonly [...P] | null,
    kwargs: K,
    options?: CommonOptions | null,
  );
  constructor(
    interval: number,
    function_: unknown,
    args: unknown = null,
    kwargs: unknown = null,
    options: CommonOptions | null = null,
  ) {
    const given = { target: function_, args: args ?? [], kwargs };
    super({ ...options, ...given } as never, Timer);
    this.interval = interval;
    this.finished = new Event();
  }

  /** Has it not call the function, if it hasn't yet; from any thread. */
  cancel(): void {
    this.finished.set();
  }

  /** Waits, and calls the function. */
  override async run(): Promise<void> {
    await this.finished.wait(this.interval);
    if (!this.finished.is_set()) await super.run();
    this.finished.set();
  }
}
